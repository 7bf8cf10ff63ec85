import { codeOf, lakeError } from '../lake/error.ts';

/** What is other than in a lake. */
const HINTS: Readonly<Record<string, string>> = {
  ContainerNotFound: 'The container does not exist: create it, or correct SINK_URL.',
  BlobImmutableDueToPolicy:
    'An immutability policy forbids to replace files, which every export needs for its watermark: use another container.',
  InvalidBlobOrBlock:
    'Another program has sent blocks under that name, with ids of another length: use another prefix in SINK_URL, or wait a ' +
    'week until they have expired.',
  ECONNREFUSED: 'Nothing listens there: start Azurite (npm run emulators), or correct SINK_URL.',
};

/** Says what failed where in a flat account, and what to do about it; the SDK's error stays as the cause. */
export function blobError(action: string, place: string, error: unknown): Error {
  return lakeError(action, place, error, HINTS[codeOf(error) ?? '']);
}
