import type { ExportStatus } from '../status.ts';
import { sum } from '../sum.ts';
import { HOUR_MS } from '../window.ts';
import type { Span, State } from './hours.ts';
import { countText, plural, rangeText } from './words.ts';

/** Something that someone should look at. */
export interface Wrong {
  readonly state: State;
  readonly text: string;
}

/** Ranges that are named, the newest ones; what is beyond is counted. */
const RANGES_LIMIT = 3;

/** What is wrong with an export, the worst first: what its status says, then hours that are not right. */
export function wrongOf(status: ExportStatus, hours: readonly Span[]): Wrong[] {
  return [
    ...status.problems.map((text): Wrong => ({ state: 'missing', text })),
    ...hoursIn(hours, 'missing', (all) => `${said(all)} should have been exported by now`),
    ...hoursIn(hours, 'taken', (all) => `${said(all)}: a reader has taken parts away (${rowsOf(all)})`),
    ...hoursIn(hours, 'fewer', (all) => `${said(all)}: Logs has lost rows since (${rowsOf(all)})`),
  ];
}

/** The hours that are in one state, as one thing to look at. */
function hoursIn(hours: readonly Span[], state: State, format: (all: readonly Span[]) => string): Wrong[] {
  const all = hours.filter((hour) => hour.state === state);
  return all.length === 0 ? [] : [{ state, text: format(all) }];
}

/** `4 hours (22 Nov 14:00 to 17:00, 21 Nov 03:00 to 04:00)`. */
function said(all: readonly Span[]): string {
  const ranges: Span[][] = [];
  for (const hour of all) {
    const last = ranges.at(-1);
    if (last?.at(-1)?.startMs === hour.startMs - HOUR_MS) last.push(hour);
    else ranges.push([hour]);
  }
  const named = ranges.slice(-RANGES_LIMIT).reverse();
  const texts = named.map((range) => rangeText(range[0]?.startMs ?? 0, HOUR_MS * range.length));
  const others = ranges.slice(0, -RANGES_LIMIT).flat().length;
  return `${plural(all.length, 'hour')} (${texts.join(', ')}${others > 0 ? `, ${countText(others)} before` : ''})`;
}

function rowsOf(all: readonly Span[]): string {
  const exported = sum(all, ({ rows }) => rows ?? 0);
  const counted = sum(all, (hour) => hour.counted);
  return `${plural(exported, 'row')} exported, ${countText(counted)} in Logs`;
}
