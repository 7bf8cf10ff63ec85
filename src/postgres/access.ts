import type { TokenCredential } from '@azure/core-auth';
import type { Target } from './target.ts';

/** What a server may ask for. */
export interface Access {
  readonly password?: string | undefined;
  /** Without a password its token is one, on servers that take tokens. */
  readonly credential?: TokenCredential | undefined;
}

const TOKEN_SCOPE = 'https://ossrdbms-aad.database.windows.net/.default';

/** Asked for each connection, since tokens expire. Empty when there is none: then the server may ask for none. */
export async function findPassword({ takesToken }: Target, { password, credential }: Access): Promise<string> {
  if (password !== undefined || !takesToken) return password ?? '';
  return (await credential?.getToken(TOKEN_SCOPE))?.token ?? '';
}
