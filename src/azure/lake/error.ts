import { isRestError } from '@azure/core-rest-pipeline';
import { TIMEOUT_MS } from '../pipeline.ts';

const GRANT = 'Grant the identity "Storage Blob Data Contributor" on the storage account or the file system';
const NETWORK = 'allow the network of this machine, or a private endpoint, for both dfs and blob, with both DNS zones';
const IMMUTABLE =
  'An immutability policy forbids to replace files, which every export needs: use another file system or container.';
const NEEDS_LAKE =
  'The account is not a data lake: use one with a hierarchical namespace, and no features that go against it, or, for a ' +
  'flat account, write its blob host in SINK_URL: https://<account>.blob.core.windows.net/<container>[/<prefix>].';
const WHO = 'The sign-in was refused. Check tenant and identity, and the clock of this machine.';
const NO_HOST =
  'There is no such host: correct the account in SINK_URL or, with a private endpoint, the DNS zones of dfs and blob.';
const UNREACHABLE = `Nothing answers from there: check firewall and proxy, or ${NETWORK}.`;

/** What an error code of the service, or of the connection, means, and what to do. */
const HINTS: Readonly<Record<string, string>> = {
  AuthorizationPermissionMismatch: `${GRANT}; a new role assignment can take an hour to work.`,
  AuthorizationFailure:
    `Most often the account's firewall, or its private link, refuses this address, and no role helps: ${NETWORK}. ` +
    `If the network is allowed: ${GRANT}.`,
  AuthorizationSourceIPMismatch: `The account's firewall refuses this address: ${NETWORK}.`,
  PublicAccessNotPermitted: WHO,
  KeyBasedAuthenticationNotPermitted: WHO,
  AuthenticationFailed: WHO,
  InvalidAuthenticationInfo: WHO,
  NoAuthenticationInformation: WHO,
  AccountIsDisabled: 'The storage account is disabled: look at its subscription.',
  FilesystemNotFound: 'The file system does not exist: create it, or correct SINK_URL.',
  ContainerNotFound: 'The container does not exist: create it, or correct SINK_URL.',
  PathImmutableDueToPolicy: IMMUTABLE,
  BlobImmutableDueToPolicy: IMMUTABLE,
  InvalidBlobOrBlock:
    'Another program has sent blocks under that name, with ids of another length: use another prefix in SINK_URL, or wait a ' +
    'week until they have expired.',
  HierarchicalNamespaceNotEnabled: NEEDS_LAKE,
  EndpointUnsupportedAccountFeatures: NEEDS_LAKE,
  ENOTFOUND: NO_HOST,
  EAI_AGAIN: 'The name of the host could not be looked up: check the DNS of this machine.',
  ECONNREFUSED: 'Nothing listens there: start the emulators (npm run emulators), or correct SINK_URL.',
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
};
const NOT_THE_SERVICE = `The service gives a code with every 403: a firewall or proxy sent this one. So ${NETWORK}.`;

/** The service's error code, or that of the connection. */
export function codeOf(error: unknown): string | undefined {
  if (!isRestError(error)) return undefined;
  // The answer to a HEAD has no body: its code is in a header.
  return error.code ?? (error.details as { errorCode?: string } | undefined)?.errorCode;
}

/** Says what failed where, in a lake or a flat account, and what to do about it; the SDK's error stays as the cause. */
export function lakeError(action: string, place: string, error: unknown): Error {
  const status = isRestError(error) ? error.statusCode : undefined;
  const found = [status, codeOf(error)].filter((part) => part !== undefined).join(' ');
  return new Error(`Cannot ${action} ${place} (${found || 'no answer'}). ${hintFor(error)}`, { cause: error });
}

function hintFor(error: unknown): string {
  const code = codeOf(error);
  const hint = HINTS[code ?? ''];
  if (hint !== undefined) return hint;
  const reason = reasonOf(error);
  if (!isRestError(error) || error.statusCode !== 403) return reason;
  return code === undefined ? NOT_THE_SERVICE : `${reason} If that is about permissions: ${GRANT}.`;
}

/** One line; the SDK's message is the whole body when that is JSON. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return `It took longer than ${TIMEOUT_MS / 1000} s.`;
  const details = isRestError(error) ? (error.details as { error?: { message?: string } } | undefined) : undefined;
  const message = details?.error?.message ?? (error instanceof Error ? error.message : String(error));
  return message.split('\n', 1).join();
}

/** What a call answers; `undefined` when the service answers with one of `codes`. Any other error is thrown explained. */
export async function unless<T>(
  codes: readonly string[],
  action: string,
  place: string,
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw lakeError(action, place, error);
  }
}
