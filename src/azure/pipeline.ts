import { Agent } from 'node:http';
import type { RequestPolicyFactory } from '@azure/storage-blob';

/** For one call to the service, the SDK's retries included. */
export const TIMEOUT_MS = 60_000;
export const RETRIES = { maxTries: 4, retryDelayInMs: 1_000, maxRetryDelayInMs: 8_000 };
/** How often a body that broke is asked for again, from where it broke. */
export const MAX_BODIES = RETRIES.maxTries;

/** For one call, the SDK's retries included: a connection that went silent must not hold a run for ever. */
export function limit(): AbortSignal {
  return AbortSignal.timeout(TIMEOUT_MS);
}

/** Leaves out a proxy: the SDKs offer no way to, but let an agent that is there be. */
export function direct(): RequestPolicyFactory {
  const agent = new Agent({ keepAlive: true });
  return {
    create: (next) => ({
      sendRequest(request) {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  };
}
