// npm run emulators: Logs and a Data Lake on fixed ports, until Ctrl-C. The settings to use are printed, and are those
// of local.settings.json.example.
import { once } from 'node:events';
import { startLake } from './lake/lake.ts';
import { startLogsEmulator } from './logs/emulator.ts';
import { checkPorts } from './ports.ts';
import { addSampleRows, SAMPLE_HOURS, SAMPLE_ROWS } from './sample-rows.ts';

/** Azurite's own ports, so that `UseDevelopmentStorage=true` works, and two more. */
const PORTS = { blob: 10000, queue: 10001, table: 10002, lake: 10004, logs: 10005 };
const WORKSPACE_ID = '00000000-0000-0000-0000-000000000001';
const INSTRUMENTATION_KEY = '00000000-0000-0000-0000-000000000002';
const FILE_SYSTEM = 'telemetry';

async function serve(): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await checkPorts({
    blob: PORTS.blob,
    queue: PORTS.queue,
    table: PORTS.table,
    'Data Lake': PORTS.lake,
    Logs: PORTS.logs,
  });
  const lake = await startLake({
    port: PORTS.lake,
    blobPort: PORTS.blob,
    queuePort: PORTS.queue,
    tablePort: PORTS.table,
  });
  try {
    await lake.createFileSystem(FILE_SYSTEM);
    const logs = await startLogsEmulator({
      port: PORTS.logs,
      workspaceId: WORKSPACE_ID,
      instrumentationKey: INSTRUMENTATION_KEY,
    });
    try {
      await addSampleRows(logs);
      console.log(`Emulators are up. All data is in memory and goes with them. Ctrl-C ends them.
Each of the ten tables has ${SAMPLE_ROWS} sample rows of the last ${SAMPLE_HOURS} hours.

Settings of the exporter (the same as in local.settings.json.example):
  APPINSIGHTS_WORKSPACE_ID=${WORKSPACE_ID}
  LOGS_ENDPOINT=${logs.endpoint}
  SINK_URL=${lake.url(FILE_SYSTEM)}
  EXPORT_LAG_MINUTES=0
  AzureWebJobsStorage=UseDevelopmentStorage=true

For an app with an Application Insights SDK:
  APPLICATIONINSIGHTS_CONNECTION_STRING=${logs.connectionString}`);
      await stopped;
    } finally {
      await logs.close();
    }
  } finally {
    await lake.close();
  }
}

try {
  await serve();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
