import type { TokenCredential } from '@azure/core-auth';

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
export function createAuthorize({ authorization, audience, credential }: Access): () => Promise<string | undefined> {
  let token: { readonly token: string; readonly expiresOnTimestamp: number } | undefined;
  return async () => {
    if (audience === undefined || credential === undefined) return authorization;
    if (token === undefined || token.expiresOnTimestamp - LEFT_MS < Date.now()) {
      const found = await credential.getToken(`${audience}/.default`).catch((cause: unknown) => {
        throw new Error(`REST_AUDIENCE: no token for ${audience}/.default`, { cause });
      });
      if (found === null) throw new Error(`REST_AUDIENCE: no token for ${audience}/.default`);
      token = found;
    }
    return `Bearer ${token.token}`;
  };
}
