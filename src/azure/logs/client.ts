import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import { isLoopback } from '../../core/loopback.ts';
import { createTransport } from './transport.ts';

/** What an emulator is shown in place of a token; it never leaves the machine. */
const emulatorCredential: TokenCredential = {
  getToken: async () => ({ token: 'emulator', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};

/**
 * The SDK's client with `attempts` in place of its own retry policy.
 * @param endpoint with the version, `https://api.loganalytics.io/v1`. May be plain http on loopback.
 * @param credential may be left out on loopback.
 */
export function createLogsClient(
  endpoint: URL,
  credential: TokenCredential | undefined,
  attempts: PipelinePolicy,
): LogsQueryClient {
  const isPlain = endpoint.protocol === 'http:';
  if (isPlain && !isLoopback(endpoint))
    throw new Error(`${endpoint.href} is plain http, expected https (http only on loopback)`);
  const known = credential ?? (isLoopback(endpoint) ? emulatorCredential : undefined);
  if (!known) throw new Error(`${endpoint.href} needs a credential: only an emulator on loopback does without`);
  const client = new LogsQueryClient(known, {
    endpoint: endpoint.href.replace(/^http:/, 'https:').replace(/\/+$/, ''),
    credentials: { scopes: [scopeOf(endpoint)] },
    httpClient: createTransport(isPlain),
  });
  client.pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  client.pipeline.addPolicy(attempts, { phase: 'Retry' });
  return client;
}

/** The token's audience follows from the endpoint, so that each cloud needs one setting. */
export function scopeOf(endpoint: URL): string {
  return `${endpoint.origin}/.default`;
}
