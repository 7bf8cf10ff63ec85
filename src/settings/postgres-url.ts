import { decode } from './urls.ts';

const FORM = 'postgresql://<user>@<host>[:<port>]/<database>';
const FORMS = /^postgres(ql)?:\/\//i;

/** Whether the text means a database, right or wrong. */
export function isPostgresUrl(text: string): boolean {
  return FORMS.test(text);
}

/**
 * Reads the URL of a database. No message repeats the text: it may hold a password.
 * @throws what was found and what to write.
 */
export function parsePostgresUrl(text: string): URL {
  const url = URL.parse(text.replace(FORMS, 'postgresql://'));
  if (url === null) throw new Error(`found something that is no URL, expected ${FORM}`);
  if (url.password !== '') {
    throw new Error(
      `found a password in the URL, expected ${FORM}: set PGPASSWORD, or in Azure nothing at all, where a token of the ` +
        "app's identity is the password",
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new Error(`found a query string or fragment, expected ${FORM}; TLS is always verified off this machine`);
  }
  const isWhole = url.username !== '' && url.hostname !== '' && /^\/[^/]+$/.test(url.pathname);
  if (!isWhole || [url.username, url.pathname].some((part) => decode(part) === undefined)) {
    throw new Error(`found a URL without user, host or database, expected ${FORM}; write @ in a user's name as %40`);
  }
  return url;
}
