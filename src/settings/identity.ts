import type { Env, Problem } from './reader.ts';

/**
 * A user-assigned identity is used by whoever names it. The Functions host does, in settings of its own, which the
 * exporter's sign-in does not read.
 */
export function identityWarnings(env: Env): Problem[] {
  const { AzureWebJobsStorage__clientId: ofHost, AZURE_CLIENT_ID: ours } = env;
  if (!ofHost || ours) return [];
  const text =
    'not set, but the Functions host signs in with a user-assigned identity (AzureWebJobsStorage__clientId): without ' +
    'it the exporter takes the system-assigned one, if there is any; set it to the same client id';
  return [{ setting: 'AZURE_CLIENT_ID', text }];
}
