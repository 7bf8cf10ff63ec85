// npm run bench: what an export takes, next to what it would take at least and what it would take with the SDK alone.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/core/human.ts';
import { startLake } from '../src/local/lake/lake.ts';
import { measureAudit } from './audit.ts';
import { measureBacklog, measureTogether, measureTruncation } from './backlog.ts';
import { bundle } from './bundle.ts';
import { measureClaims } from './claims.ts';
import { measureFormats, measureSinks } from './formats.ts';
import { measureFive, measureLatency, measurePrompt } from './latency.ts';
import { describeMachine } from './measure.ts';
import { createPlaces } from './places.ts';
import { measureRequests } from './requests.ts';
import type { Scene, Table } from './scene.ts';
import { measureSmall } from './small.ts';
import { measureStartup } from './startup.ts';
import { measureThroughput } from './throughput.ts';

const HELP = `Usage: npm run bench -- [--only NAME] [--repeats N] [--sizes 10,100] [--profile DIR] [--json]

  --only NAME    some of throughput, small, backlog, truncation, together, requests, startup, formats, sinks, latency,
                 prompt, five, audit, claims
  --repeats N    of each measurement; the table has medians (5)
  --sizes LIST   of an answer, in MB (10,100)
  --profile DIR  leaves a CPU profile of each process there
  --json         for machines`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    repeats: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '10,100' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const SECTIONS: Readonly<Record<string, (scene: Scene) => AsyncIterable<Table> | Promise<Table>[]>> = {
  throughput: (scene) => measureThroughput(scene, values.sizes.split(',').map(Number)),
  small: (scene) => [measureSmall(scene, 10)],
  backlog: (scene) => [measureBacklog(scene, [1, 4, 16])],
  truncation: (scene) => [measureTruncation(scene, 1)],
  together: (scene) => [measureTogether(scene, [1, 5, 10])],
  requests: (scene) => [measureRequests(scene)],
  startup: (scene) => [measureStartup(scene)],
  formats: measureFormats,
  sinks: measureSinks,
  latency: (scene) => [measureLatency(scene)],
  prompt: (scene) => [measurePrompt(scene)],
  five: (scene) => [measureFive(scene)],
  audit: (scene) => [measureAudit(scene)],
  claims: (scene) => [measureClaims(scene)],
};

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const names = values.only === undefined ? Object.keys(SECTIONS) : values.only.split(',');
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-bench-'));
  await using started = new AsyncDisposableStack();
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const lake = await startLake();
  started.defer(lake.close);
  const contender = await bundle('contender.ts', join(folder, 'bench'));
  const repeats = Number(values.repeats);
  const scene = { contender, folder, lake, ...createPlaces(started), repeats, profiles: values.profile };
  const tables: Table[] = [];
  for (const name of names) {
    const section = SECTIONS[name];
    if (!section) throw new Error(`--only: found ${name}, expected one of ${Object.keys(SECTIONS).join(', ')}`);
    for await (const table of section(scene)) {
      tables.push(table);
      if (!values.json) print(table);
    }
  }
  if (values.json)
    console.log(JSON.stringify({ machine: describeMachine(), repeats: scene.repeats, tables }, undefined, 2));
  else console.log(describeMachine());
}

function print({ title, rows }: Table): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = formatTable([names, ...rows.map((row) => names.map((name) => String(row[name])))]);
  console.log(`\n${title}\n${lines.join('\n')}`);
}

await main();
