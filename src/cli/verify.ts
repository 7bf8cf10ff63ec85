import type { HourProof } from '../core/hour-proof.ts';
import { formatCount, formatTable } from '../core/human.ts';
import { isWrong } from '../core/proof.ts';
import { reasonOf } from '../core/reason.ts';
import { type Proof, verifyExport } from '../core/verify.ts';
import { formatIso } from '../core/window.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { readRange } from './times.ts';
import { atOnce, type Input, type Options, type Verb } from './verb.ts';

const OPTIONS = {
  from: { type: 'string', value: 'TIME', help: 'UTC, widened to a whole hour; by default a day before --to' },
  to: {
    type: 'string',
    value: 'TIME',
    help: 'UTC, widened to a whole hour; by default the end of the last closed hour',
  },
  read: { type: 'boolean', help: 'read the parts, not only their names' },
} as const satisfies Options;

export const verify: Verb<typeof OPTIONS> = {
  name: 'verify',
  summary: 'compare, hour by hour, what is in Logs with what is in the sink',
  help: `For each hour of ingestion time: the rows that Logs has now, the rows in the sink by the names of the parts, those
among them that became visible late, what the audit said, and how it is now:
  complete    the same rows
  open        not the same, and the audit is still to come (EXPORT_AUDIT_HOURS after the hour)
  fewer       Logs has fewer: rows were deleted there, or have expired, or the query is another one by now
  taken       a reader has taken parts away, or somebody deleted them; nothing else is missing
  missing     Logs has rows that were never exported
  different   as many rows, but others
  more        the sink has more rows than were ever committed
  damaged     a part cannot be read, or has other rows than its name says
With --read the rows of every part are read and compared by checksum, and one by one where that differs: this needs no
trust in names and records.
Changes nothing.

Exit code: 0 nothing is wrong, 1 an hour is missing, different, more or damaged, or could not be compared, 2 wrong
settings or arguments, 130 or 143 stopped.

Examples:
  monitorlift verify --export requests
  monitorlift verify --from 2026-11-22T00:00:00Z --to 2026-11-23T00:00:00Z --read`,
  options: OPTIONS,
  async execute(input) {
    const { from, to } = input.options;
    const range = readRange(from, 'to', to);
    return atOnce(input, (exported) => verifyOne(input, exported, range));
  },
};

type Range = ReturnType<typeof readRange>;

/** Whether nothing is wrong. Prints what was found. */
async function verifyOne(input: Input<typeof OPTIONS>, exported: ExportSettings, range: Range): Promise<boolean> {
  const { app, options, terminal, signal } = input;
  const { name } = exported;
  const { lagMs, auditMs } = app.settings;
  try {
    const ports = await app.openPorts(exported, { log: terminal.log });
    const onProgress = (done: number, of: number) =>
      terminal.show(`${name}: ${done} of ${formatCount(of, 'hour')} compared`);
    const read = options.read === true;
    const proof = await verifyExport(ports, { options: { name, lagMs, auditMs }, ...range, read, signal, onProgress });
    input.print(describe(proof), toRecords(proof));
    return !proof.hours.some(({ state }) => isWrong(state));
  } catch (error) {
    const reason = reasonOf(error);
    if (!signal.aborted) input.print([`${name}: not compared: ${reason}`], [{ export: name, error: reason }]);
    return false;
  }
}

/** One for each hour, then one for all of them. */
function toRecords({ export: name, hours, notes }: Proof): object[] {
  const records = hours.map(({ startMs, endMs, state, ...counts }) => ({
    export: name,
    from: formatIso(startMs),
    until: formatIso(endMs),
    state,
    ...counts,
  }));
  return [...records, { export: name, hours: hours.length, ...totalsOf(hours), notes }];
}

function totalsOf(hours: readonly HourProof[]) {
  const states: Partial<Record<HourProof['state'], number>> = {};
  for (const { state } of hours) states[state] = (states[state] ?? 0) + 1;
  const sum = (of: (hour: HourProof) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  return {
    states,
    logsRows: sum((hour) => hour.logsRows),
    sinkRows: sum((hour) => hour.sinkRows),
    lateRows: sum((hour) => hour.lateRows),
    missingRows: sum((hour) => hour.missingRows),
  };
}

function describe({ export: name, hours, notes }: Proof): string[] {
  const about = notes.map((note) => `${name}: ${note}`);
  if (hours.length === 0) return about;
  const { states, logsRows, sinkRows, lateRows } = totalsOf(hours);
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  const rows = hours.map((hour) => [
    `${formatIso(hour.startMs).slice(0, 'yyyy-mm-ddThh:mm'.length)}Z`,
    String(hour.logsRows),
    String(hour.sinkRows),
    String(hour.lateRows),
    hour.audited ?? '-',
    hour.reason === undefined ? stateOf(hour) : `damaged: ${hour.reason}`,
  ]);
  const table = formatTable([['FROM', 'IN LOGS', 'IN THE SINK', 'LATE', 'AUDIT', 'NOW'], ...rows]);
  const total = `${formatCount(logsRows, 'row')} in Logs, ${sinkRows} in the sink, ${lateRows} of these late`;
  return [...table, `${name}: ${formatCount(hours.length, 'hour')}, ${counts.join(', ')}; ${total}`, ...about];
}

function stateOf({ state, missingRows }: HourProof): string {
  return missingRows === 0 ? state : `${state}: ${formatCount(missingRows, 'row')} not in the sink`;
}
