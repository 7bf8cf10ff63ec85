import type { FormatName } from '../core/formats/formats.ts';
import type { SettingsReader } from './reader.ts';
import { parseReceiver } from './urls.ts';

/** Where parts are delivered, and what lets them in. */
export interface RestSettings {
  /** Its path and query string may hold a key. */
  readonly url: URL;
  readonly audience: string | undefined;
  /** A secret. */
  readonly authorization: string | undefined;
}

/** `undefined` where parts are published and not delivered. @param sink where positions and staging are. */
export function readRest({ readIfGiven, names }: SettingsReader, sink: URL | undefined): RestSettings | undefined {
  // No message repeats the text.
  const url = readIfGiven('REST_URL', (text) => {
    const other = sink && cannotStage(sink);
    if (other === undefined) return parseReceiver(text);
    throw new Error(`found it beside ${other} in SINK_URL, expected a lake or file:<directory> there, for the staging`);
  });
  const readAccess = (setting: string, parse: (text: string) => string) =>
    readIfGiven(setting, (text) => {
      if (names.includes('REST_URL')) return parse(text);
      throw new Error('has no effect without REST_URL');
    });
  const audience = readAccess('REST_AUDIENCE', parseAudience);
  const authorization = readAccess('REST_AUTHORIZATION', (text) => {
    if (!names.includes('REST_AUDIENCE')) return parseAuthorization(text);
    throw new Error('found it beside REST_AUDIENCE, expected one of the two: a request is signed in once');
  });
  return url && Object.freeze({ url, audience, authorization });
}

/** What a sink is that keeps no staged rows to read back. On loopback the account itself must be asked. */
function cannotStage({ protocol, hostname }: URL): string | undefined {
  if (protocol === 'postgresql:') return 'a database';
  return hostname.includes('.blob.')
    ? 'a flat account, whose blocks cannot be read before they are published,'
    : undefined;
}

/** @throws when parts of that format cannot be delivered. */
export function checkDelivered(format: FormatName, { names }: SettingsReader): FormatName {
  if (format === 'jsonl' || !names.includes('REST_URL')) return format;
  throw new Error(`found "${format}" beside REST_URL, expected jsonl: what is posted are lines`);
}

function parseAudience(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new Error('found something that is no audience, expected one such as api://<application id>');
}

function parseAuthorization(text: string): string {
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw new Error(
    'found characters that no header takes, expected the value of an Authorization header: Bearer <token>',
  );
}
