/** Answers by question, for as long as the service repeats them. */
export interface Cache {
  get(key: string, notBeforeMs: number): Buffer | undefined;
  set(key: string, body: Buffer, atMs: number): void;
}

const MAX_CACHED_BYTES = 1_000_000;
const MAX_CACHED_ANSWERS = 32;

export function createCache(): Cache {
  const answers = new Map<string, { readonly body: Buffer; readonly atMs: number }>();
  return {
    get: (key, notBeforeMs) => {
      const answer = answers.get(key);
      return answer !== undefined && answer.atMs > notBeforeMs ? answer.body : undefined;
    },
    set: (key, body, atMs) => {
      answers.delete(key);
      answers.set(key, { body, atMs });
      const oldest = answers.keys().next().value;
      if (answers.size > MAX_CACHED_ANSWERS && oldest !== undefined) answers.delete(oldest);
    },
  };
}

/** Passes a body on, and keeps the whole for the cache if it is small. */
export async function* kept(body: AsyncGenerator<Buffer>, keep: (whole: Buffer) => void): AsyncGenerator<Buffer> {
  let pieces: Buffer[] | undefined = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > MAX_CACHED_BYTES) pieces = undefined;
    pieces?.push(piece);
    yield piece;
  }
  if (pieces !== undefined) keep(Buffer.concat(pieces));
}
