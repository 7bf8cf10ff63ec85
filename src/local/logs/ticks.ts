/** Times are 100-nanosecond ticks since 1970, as bigint; Kusto's own text has up to seven digits of a second. */

export const TICKS_PER_MS = 10_000n;

/** Ticks from 0001-01-01, where Kusto counts from, to 1970-01-01. */
export const EPOCH_TICKS = 621_355_968_000_000_000n;

const CLOCK_OF_DAY = '(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?';
const ZONE = '\\s*(Z|GMT|UTC|[+-]\\d{2}:?\\d{2})?$';

/** The formats that Kusto documents: ISO 8601, RFC 822 and 850, and that of its examples, month first. */
const FORMATS: readonly RegExp[] = [
  new RegExp(`^(?<y>\\d{4})-(?<m>\\d{1,2})-(?<d>\\d{1,2})(?:[T ]${CLOCK_OF_DAY})?${ZONE}`, 'i'),
  new RegExp(`^(?:[a-z]+, *)?(?<d>\\d{1,2})[ -](?<m>[a-z]{3})[ -](?<y>\\d{2}|\\d{4}) ${CLOCK_OF_DAY}${ZONE}`, 'i'),
  new RegExp(`^(?<m>\\d{1,2})/(?<d>\\d{1,2})/(?<y>\\d{4})(?: ${CLOCK_OF_DAY})?${ZONE}`, 'i'),
];
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** Ticks of a time (UTC unless it has an offset), or undefined for any other text. */
export function parseTicks(text: string): bigint | undefined {
  for (const format of FORMATS) {
    const match = format.exec(text.trim());
    if (match?.groups === undefined) continue;
    const { y = '', m = '', d = '' } = match.groups;
    const [hour = '0', minute = '00', second = '0', fraction = '', zone = 'Z'] = match
      .slice(1)
      .filter((_, index) => index > 2);
    const month = MONTHS.indexOf(m.toLowerCase()) + 1 || Number(m);
    const date = `${y.length === 2 ? `20${y}` : y}-${String(month).padStart(2, '0')}-${d.padStart(2, '0')}`;
    const offset = /^[A-Z]+$/i.test(zone) ? 'Z' : zone.replace(/^(...):?/, '$1:');
    const ms = Date.parse(`${date}T${hour.padStart(2, '0')}:${minute}:${second.padStart(2, '0')}${offset}`);
    if (Number.isNaN(ms) || !existsIn(date)) return undefined;
    return BigInt(ms) * TICKS_PER_MS + BigInt(fraction.padEnd(7, '0').slice(0, 7));
  }
  return undefined;
}

/** `Date` takes 30 February for 2 March. */
function existsIn(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

/** An ISO time with all seven digits, as `tostring()` shows it. */
export function formatTicks(ticks: bigint): string {
  const fraction = ((ticks % TICKS_PER_MS) + TICKS_PER_MS) % TICKS_PER_MS;
  const iso = new Date(Number((ticks - fraction) / TICKS_PER_MS)).toISOString();
  return `${iso.slice(0, -1)}${String(fraction).padStart(4, '0')}Z`;
}

const UNITS: Readonly<Record<string, number>> = {
  d: 864e9,
  h: 36e9,
  m: 6e8,
  s: 1e7,
  ms: 1e4,
  millisecond: 1e4,
  microsecond: 10,
  tick: 1,
};
const UNIT = /^(-?\d+(?:\.\d+)?)\s*(microsecond|millisecond|ms|tick|d|h|m|s)[a-z]*$/;
const CLOCK = /^(-?)(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/** Ticks of a Kusto timespan (`1.5h`, `30s`, `1.02:03:04.5`), or undefined for any other text. */
export function parseTimespan(text: string): bigint | undefined {
  const unit = UNIT.exec(text.trim());
  if (unit !== null) return BigInt(Math.round(Number(unit[1]) * (UNITS[unit[2] ?? ''] ?? 0)));
  const clock = CLOCK.exec(text.trim());
  if (clock === null) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const ticks = whole * 10_000_000n + BigInt(fraction.padEnd(7, '0'));
  return sign === '-' ? -ticks : ticks;
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Ticks of an ISO 8601 duration of weeks to seconds, or undefined for any other text. */
export function parseDuration(text: string): bigint | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null || text.trim().length < 3) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const whole = (((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 3600 + (minutes ?? 0) * 60;
  return BigInt(Math.round((whole + (seconds ?? 0)) * 1e7));
}
