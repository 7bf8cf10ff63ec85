import type { TokenCredential } from '@azure/core-auth';

const WHAT_TO_DO =
  'run `az login` or, in Azure, give the app an identity (AZURE_CLIENT_ID names a user-assigned one), or set ' +
  'AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET';
const MAX_REASON = 120;

/** The same credential, which says in one line what to do when none of its ways to sign in is open. */
export function explainSignIn(credential: TokenCredential): TokenCredential {
  return {
    async getToken(scopes, options) {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        throw explain(error);
      }
    },
  };
}

/** Without the error as a cause, whose message is a page of advice for each way to sign in. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error && error.name === 'AggregateAuthenticationError' && 'errors' in error)) return error;
  const errors: readonly unknown[] = Array.isArray(error.errors) ? error.errors : [];
  const reasons = errors.map((each) => String(each instanceof Error ? each.message : each).slice(0, MAX_REASON));
  return new Error(`Nobody is signed in to Azure: ${WHAT_TO_DO}. Tried: ${reasons.join('; ').replace(/\s+/g, ' ')}`);
}
