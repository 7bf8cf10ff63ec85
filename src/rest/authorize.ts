import type { AccessToken, TokenCredential } from '@azure/core-auth';

/** How requests are let in: by a header that is given, a token for an audience, or nothing. */
export interface Access {
  /** An `Authorization` header: a secret. */
  readonly authorization: string | undefined;
  /** What a token is for. */
  readonly audience: string | undefined;
  readonly credential: TokenCredential | undefined;
}

/** A token that is about to end is not sent any more. */
const LEFT_MS = 5 * 60_000;

/** Gives the `Authorization` header for a request; `undefined` when it has none. */
export type Authorize = (signal: AbortSignal) => Promise<string | undefined>;

export function createAuthorize({ authorization, audience, credential }: Access): Authorize {
  let token: AccessToken | null = null;
  return async (abortSignal) => {
    if (audience === undefined || credential === undefined) return authorization;
    const scope = `${audience}/.default`;
    if (token === null || token.expiresOnTimestamp - LEFT_MS < Date.now()) {
      token = await credential.getToken(scope, { abortSignal }).catch((cause: unknown) => {
        throw new Error(`REST_AUDIENCE: no token for ${scope}`, { cause });
      });
    }
    if (token === null) throw new Error(`REST_AUDIENCE: no token for ${scope}`);
    return `Bearer ${token.token}`;
  };
}
