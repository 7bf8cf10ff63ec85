import { type ListedBackfill, readBackfills } from './backfill.ts';
import { closedMs, type HourProof, lookAtHour, QUERY_MS, type Scene, type Verification } from './hour-proof.ts';
import { formatCount } from './human.ts';
import { checkSource } from './open.ts';
import { hoursOf, isWrong } from './proof.ts';
import { recountAsMany } from './recount.ts';
import type { Ports } from './run.ts';
import type { Holder, Look } from './sink.ts';
import { DAY_MS, formatIso, HOUR_MS, type Window } from './window.ts';

export interface Proof {
  readonly export: string;
  readonly hours: readonly HourProof[];
  /** What else there is to say. */
  readonly notes: readonly string[];
}

/**
 * Compares, hour by hour, the rows that Logs has now with those in the sink. Changes nothing.
 * @throws when the sink or Logs cannot be asked.
 */
export async function verifyExport(ports: Ports, verification: Verification): Promise<Proof> {
  const { name } = verification.options;
  const holder: Holder = { runId: ports.newRunId(), log: ports.log };
  const session = await ports.sink.open(name, holder);
  if (session === undefined) return { export: name, hours: [], notes: ['has not begun'] };
  const obstacle = obstacleOf(ports);
  if (obstacle !== undefined) return { export: name, hours: [], notes: [`cannot be verified: ${obstacle}`] };
  const { position } = session;
  checkSource(position, ports.table.source);
  const backfills = await readBackfills(ports.sink, position, holder);
  const asking = { signal: verification.signal, timeoutMs: QUERY_MS };
  const { value: look } = await ports.table.look(asking);
  const itemId = await findItemId(ports, look, verification.signal);
  const scene: Scene = { verification, ports, look, itemId, backfills, position, verdicts: new Map() };
  const unpublished = backfills.reduce((sum, each) => sum + each.unpublished, session.unpublished.parts);
  const windows = hoursOf(await rangeOf(scene), backfills.map(stillToCome));
  const hours = await verifyWindows(scene, windows);
  return { export: name, hours, notes: [...notesOn(scene, windows, unpublished)] };
}

/** Why nothing can be compared, if so. */
function obstacleOf({ sink, table }: Ports): string | undefined {
  if (sink.isOneWay) return 'what has been delivered cannot be read back; `status --html` shows what its audits found';
  if (!table.isStable) return 'its query reads other tables, so that Logs may have other rows now';
  return undefined;
}

const stillToCome = ({ exportedUntilMs, untilMs }: ListedBackfill) => ({ startMs: exportedUntilMs, endMs: untilMs });

/** The name under which the query hands on what tells rows apart. */
async function findItemId({ table }: Ports, look: Look, signal: AbortSignal): Promise<string | undefined> {
  const none = { window: { startMs: 0, endMs: 1 } };
  const { columns } = await table.rows(none, look, { signal, timeoutMs: QUERY_MS }, async ({ batches }) => {
    for await (const _ of batches);
  });
  return columns.some(({ name }) => name === look.itemId) ? look.itemId : undefined;
}

/** Whole hours, as far as they have been exported. */
async function rangeOf({ verification, ports, position }: Scene): Promise<Window> {
  const { options, fromMs, untilMs } = verification;
  const floor = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;
  const wantedMs = untilMs === undefined ? undefined : -floor(-untilMs);
  const endMs = Math.min(wantedMs ?? floor(closedMs(options, ports.clock.now())), position.exportedUntilMs);
  const startMs = fromMs === undefined ? -floor(-endMs) - DAY_MS : floor(fromMs);
  if (position.exportedFromMs !== undefined) {
    return { startMs: Math.max(startMs, position.exportedFromMs), endMs };
  }
  // A watermark that was made anew does not know where the export began.
  let firstMs = endMs;
  for await (const part of ports.sink.parts(options.name, { startMs, endMs }))
    firstMs = Math.min(firstMs, part.startMs);
  return { startMs: firstMs, endMs };
}

async function verifyWindows(scene: Scene, windows: readonly Window[]): Promise<HourProof[]> {
  const found = await lookAt(scene, windows);
  // A run may have exported something between the looks at Logs and at the sink.
  const wrong = found.filter(({ state }) => isWrong(state));
  const again = wrong.length === 0 ? [] : await lookAt({ ...scene, verdicts: new Map() }, wrong);
  return found.map((hour) => again.find(({ startMs }) => startMs === hour.startMs) ?? hour);
}

async function lookAt(scene: Scene, windows: readonly Window[]): Promise<HourProof[]> {
  const { verification, ports, look, itemId } = scene;
  const { signal } = verification;
  const found: HourProof[] = [];
  while (found.length < windows.length) {
    const rest = windows.slice(found.length);
    const answer = await recountAsMany(ports, rest, look, itemId, () => ({ signal, timeoutMs: QUERY_MS }));
    if (answer === undefined) throw new Error(`Logs cannot count the rows of the hour from ${startOf(rest)} in time`);
    for (const [index, logs] of answer.value.tallies.entries()) {
      const window = rest[index];
      signal.throwIfAborted();
      if (window !== undefined) found.push(await lookAtHour(scene, window, logs));
      verification.onProgress(found.length, windows.length);
    }
  }
  return found;
}

const startOf = ([window]: readonly Window[]) => formatIso(window?.startMs ?? 0);

function* notesOn(scene: Scene, windows: readonly Window[], unpublished: number): Generator<string> {
  const { position, ports, itemId, verification, backfills } = scene;
  const { table } = ports;
  const { fromMs = 0, untilMs = 0 } = verification;
  if (fromMs % HOUR_MS > 0 || untilMs % HOUR_MS > 0)
    yield 'an hour in which --from or --to lies is compared as a whole';
  if (windows.length === 0) {
    const isChosen = verification.fromMs !== undefined || verification.untilMs !== undefined;
    yield isChosen
      ? 'nothing of that range has been exported, as the watermark has it'
      : 'nothing of that range has been exported: without --from and --to, it is the day before EXPORT_AUDIT_HOURS ago';
  }
  if (position.query !== undefined && position.query !== table.text) {
    yield "its query has changed, and what was exported before is compared with what today's finds";
  }
  if (itemId === undefined) {
    yield `its rows have no ItemId: they are compared by number alone${verification.read ? ', from the names of parts' : ''}`;
  }
  if (unpublished > 0)
    yield `a run ended before it had published ${formatCount(unpublished, 'part')}; the next run does`;
  for (const { exportedUntilMs, untilMs } of backfills.filter((each) => each.exportedUntilMs < each.untilMs)) {
    yield `a backfill has still to export ${formatIso(exportedUntilMs)} to ${formatIso(untilMs)}`;
  }
}
