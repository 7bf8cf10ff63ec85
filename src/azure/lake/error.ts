import { isRestError } from '@azure/core-rest-pipeline';

const GRANT = 'Grant the identity "Storage Blob Data Contributor" on the storage account or the file system';
const NO_FILE_SYSTEM = 'The file system does not exist: create it, or correct SINK_URL.';
const IMMUTABLE =
  'An immutability policy forbids to rename and to replace files, which every export needs: use a file system without one.';
const NEEDS_LAKE =
  'The account is not a data lake: use one with a hierarchical namespace, and without the features that it does not support.';
const WHO = 'The sign-in was refused. Check tenant and identity, and the clock of this machine.';

/** What an error code of the service means, and what to do. */
const HINTS: Readonly<Record<string, string>> = {
  AuthorizationPermissionMismatch: `${GRANT}; a new role assignment can take an hour to work.`,
  AuthorizationFailure:
    `The network rules of the account refuse this address, or a permission is missing. Allow the network (a private ` +
    `one needs private endpoints for both dfs and blob). ${GRANT}.`,
  AuthenticationFailed: WHO,
  InvalidAuthenticationInfo: WHO,
  NoAuthenticationInformation: WHO,
  PublicAccessNotPermitted: WHO,
  FilesystemNotFound: NO_FILE_SYSTEM,
  ContainerNotFound: NO_FILE_SYSTEM,
  PathImmutableDueToPolicy: IMMUTABLE,
  BlobImmutableDueToPolicy: IMMUTABLE,
  HierarchicalNamespaceNotEnabled: NEEDS_LAKE,
  EndpointUnsupportedAccountFeatures: NEEDS_LAKE,
  ENOTFOUND: 'There is no such host: correct the account in SINK_URL, or the DNS of the private endpoint.',
  ECONNREFUSED: 'Nothing answers there: start the local Data Lake, or correct SINK_URL.',
};

/** The service's error code, or that of the connection. */
export function codeOf(error: unknown): string | undefined {
  if (!isRestError(error)) return undefined;
  // The answer to a HEAD has no body: its code is in a header.
  return error.code ?? (error.details as { errorCode?: string } | undefined)?.errorCode;
}

/** Says what failed where, and what to do about it; the SDK's error stays as the cause. */
export function lakeError(action: string, place: string, error: unknown): Error {
  const status = isRestError(error) ? error.statusCode : undefined;
  const found = [status, codeOf(error)].filter((part) => part !== undefined).join(' ');
  const hint = HINTS[codeOf(error) ?? ''] ?? (status === 403 ? `${GRANT}.` : reasonOf(error));
  return new Error(`Cannot ${action} ${place} (${found || 'no answer'}). ${hint}`, { cause: error });
}

/** One line; the SDK's message is the whole body when that is JSON. */
function reasonOf(error: unknown): string {
  const details = isRestError(error) ? (error.details as { error?: { message?: string } } | undefined) : undefined;
  const message = details?.error?.message ?? (error instanceof Error ? error.message : String(error));
  return message.split('\n', 1).join();
}
