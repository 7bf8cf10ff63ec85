/** In the order in which the SDKs look for it; in small letters too. One proxy serves all addresses. */
const NAMES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'];

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the SDKs send what they send through a proxy. */
export function hasProxy(env: Environment): boolean {
  return findProxy(env) !== undefined;
}

/**
 * What is wrong with the proxy that the SDKs take from the environment; `undefined` when all is well. They find out
 * within a connection, where the error reaches nobody and ends the process. Never shows the value: it may hold a
 * password.
 */
export function proxyProblem(env: Environment): { readonly setting: string; readonly text: string } | undefined {
  const found = findProxy(env);
  if (!found) return undefined;
  const { name, value } = found;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return { setting: name, text: 'found no address of a proxy, expected http://<host>:<port>' };
  }
  if (isEscaped(url.username) && isEscaped(url.password)) return undefined;
  return { setting: name, text: 'found a % in its user or password that begins no escape, expected %25 in its place' };
}

function findProxy(env: Environment): { readonly name: string; readonly value: string } | undefined {
  for (const name of NAMES.flatMap((each) => [each, each.toLowerCase()])) {
    const value = env[name];
    if (value) return { name, value };
  }
  return undefined;
}

function isEscaped(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
