/** Causes of causes are followed so far. */
const DEPTH_LIMIT = 8;
/** What Azure Storage writes behind its messages: another text each time, so that one reason would look like many. */
const POSTSCRIPT = /(?:\s|\\n)+(?:RequestId|Time):[^\s"\\]+/g;

/** An error's message with those of its causes, on one line; what a message already repeats of its cause is said once. */
export function reasonOf(error: unknown): string {
  const messages: string[] = [];
  for (let each = error, depth = 0; each !== undefined && each !== null && depth < DEPTH_LIMIT; depth++) {
    const message = messageOf(each).replace(POSTSCRIPT, '').replace(/\s+/g, ' ').trim();
    if (message !== '' && !messages.some((other) => other.includes(message))) messages.push(message);
    each = each instanceof Error ? each.cause : undefined;
  }
  return messages.map((message, at) => (at < messages.length - 1 ? message.replace(/\.+$/, '') : message)).join(': ');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
