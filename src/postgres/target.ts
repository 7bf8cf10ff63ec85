import { isLoopback } from '../core/loopback.ts';

/** A database, as its URL names it. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Off this machine the server has to prove who it is. */
  readonly isEncrypted: boolean;
  /** Takes a token of Entra as the password. */
  readonly takesToken: boolean;
  /** For messages: without anything that could be secret. */
  readonly name: string;
}

const DEFAULT_PORT = 5432;
const AZURE_HOST = /\.postgres\.database\.azure\.com$/i;

/** @param url `postgresql://<user>@<host>[:<port>]/<database>`, checked by the settings. */
export function targetOf(url: URL): Target {
  const [user, database] = [decodeURIComponent(url.username), decodeURIComponent(url.pathname.slice(1))];
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    user,
    database,
    isEncrypted: !isLoopback(url),
    takesToken: AZURE_HOST.test(url.hostname),
    name: `postgresql://${url.username}@${url.host}/${database}`,
  };
}
