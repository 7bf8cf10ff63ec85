import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { queryFrom, type Task } from './task.ts';

const BATCH_ROWS = 1000;

/**
 * What a good engineer would write first: the client's rows, each as JSON, in batches through gzip into a file; and the
 * same at the level that the export uses.
 */
export async function prepareSdk({ contender, env, startMs }: Task) {
  const gzip = contender === 'sdk' ? {} : { level: 1 };
  const { LogsQueryClient, LogsQueryResultStatus } = await import('@azure/monitor-query-logs');
  const { createDefaultHttpClient } = await import('@azure/core-rest-pipeline');
  const transport = createDefaultHttpClient();
  const endpoint = env.LOGS_ENDPOINT ?? '';
  const client = new LogsQueryClient(
    { getToken: async () => ({ token: 'bench', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    {
      endpoint: endpoint.replace('http:', 'https:'), // the client insists; only the transport knows better
      httpClient: {
        sendRequest: (sent) =>
          transport.sendRequest({
            ...sent,
            url: sent.url.replace('https:', 'http:'),
            agent: undefined,
            allowInsecureConnection: true,
          }),
      },
    },
  );
  const file = fileURLToPath(new URL(`${env.SINK_URL}/sdk.jsonl.gz`));
  await mkdir(dirname(file), { recursive: true });
  return async () => {
    const timespan = { startTime: new Date(startMs - 1e9), endTime: new Date() };
    const result = await client.queryWorkspace(env.APPINSIGHTS_WORKSPACE_ID ?? '', queryFrom(startMs), timespan);
    if (result.status !== LogsQueryResultStatus.Success) throw new Error(`found ${result.status}, expected Success`);
    const [table] = result.tables;
    const rows = table?.rows ?? [];
    const names = table?.columnDescriptors.map(({ name }, index) => name ?? String(index)) ?? [];
    function* lines(): Generator<string> {
      for (let from = 0; from < rows.length; from += BATCH_ROWS) {
        const batch = rows.slice(from, from + BATCH_ROWS);
        yield batch
          .map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i]])))}\n`)
          .join('');
      }
    }
    await pipeline(Readable.from(lines()), createGzip(gzip), createWriteStream(file));
    return rows.length;
  };
}
