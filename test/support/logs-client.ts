import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import type { LogsEmulator } from '../../src/local/logs/emulator.ts';

/** The real client, on the emulator: it insists on https, so only the transport knows better. */
export function createLogsClient(emulator: LogsEmulator): LogsQueryClient {
  const transport = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      request.url = request.url.replace('https:', 'http:');
      request.allowInsecureConnection = true;
      return transport.sendRequest(request);
    },
  };
  const credential = { getToken: async () => ({ token: 'local', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  return new LogsQueryClient(credential, { endpoint: emulator.endpoint.replace('http:', 'https:'), httpClient });
}

/** One request to the query API as it goes over the wire. */
export function post(
  emulator: LogsEmulator,
  body: { query?: string; timespan?: string },
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${emulator.endpoint}/workspaces/${emulator.workspaceId}/query`, {
    method: 'POST',
    headers: { Authorization: 'Bearer local', 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

interface WireAnswer {
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly rows: readonly (readonly unknown[])[];
  }[];
  readonly error?: { readonly code: string; readonly details: readonly { readonly innererror: { code: string } }[] };
}

/** The answer to a query that must succeed. */
export async function answer(emulator: LogsEmulator, query: string, timespan?: string): Promise<WireAnswer> {
  const response = await post(emulator, timespan === undefined ? { query } : { query, timespan }, {
    'Cache-Control': 'no-cache',
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Query '${query}': found status ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** The rows of the answer to a query that must succeed. */
export async function rows(emulator: LogsEmulator, query: string): Promise<readonly (readonly unknown[])[]> {
  return (await answer(emulator, query)).tables[0]?.rows ?? [];
}
