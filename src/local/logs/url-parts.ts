const SCHEME = '(?:([a-z][a-z0-9+.-]*)://)?';
const USER = '(?:([^:@/?#]*)(?::([^@/?#]*))?@)?';
const HOST = '(\\[[^\\]]*\\]|[^:/?#]*)(?::(\\d+))?';
const URL_PATTERN = new RegExp(`^${SCHEME}${USER}${HOST}([^?#]*)(?:\\?([^#]*))?(?:#(.*))?$`, 'is');

/** What `parse_url()` gives, as JSON. Parts that are missing are empty. */
export function urlParts(url: string): string {
  const found = URL_PATTERN.exec(url);
  const [scheme = '', user = '', password = '', host = '', port = '', path = '', query = '', fragment = ''] =
    found?.slice(1) ?? [];
  const parameters: Record<string, string> = {};
  for (const pair of query.split('&').filter(Boolean)) {
    const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    parameters[key] = value;
  }
  return JSON.stringify({
    Scheme: scheme,
    Host: host,
    Port: port,
    Path: path,
    Username: user,
    Password: password,
    'Query Parameters': parameters,
    Fragment: fragment,
  });
}
