import { convert, type Scalar } from '../../sql.ts';
import { first, NULL, type SqlFunction, type SqlFunctions, sqlOf } from './argument.ts';

const DAY = '864000000000';

/** Periods of a fixed length, in ticks, as they stand in quotes. */
const PERIODS: Readonly<Record<string, string>> = {
  "'week'": '6048000000000',
  "'day'": DAY,
  "'hour'": '36000000000',
  "'minute'": '600000000',
  "'second'": '10000000',
  "'millisecond'": '10000',
  "'microsecond'": '10',
};
/** Periods that follow the calendar, in months. */
const MONTHS: Readonly<Record<string, string>> = { "'month'": '1', "'quarter'": '3', "'year'": '12' };

const period = (args: readonly Scalar[]): string => sqlOf(args, 0).toLowerCase();

const FORMATS: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  fff: '%g',
  ffffff: '%f',
  tt: '%p',
};

const formatDatetime: SqlFunction = (args) => {
  const format = sqlOf(args, 1);
  const parts = format.match(/([a-zA-Z])\1*/g) ?? [];
  if (!parts.every((part) => part in FORMATS)) return undefined;
  return `strftime(calendar(${sqlOf(args, 0)}), ${format.replace(/([a-zA-Z])\1*/g, (part) => FORMATS[part] ?? part)})`;
};

const datetimeDiff: SqlFunction = (args) => {
  const [length, months] = [PERIODS[period(args)], MONTHS[period(args)]];
  // Kusto's weeks begin on Sunday, and the first day of year 1 was a Monday.
  const shift = period(args) === "'week'" ? ` + ${DAY}` : '';
  const [left, right] = [sqlOf(args, 1), sqlOf(args, 2)];
  if (length !== undefined) {
    return `((datetime_bin(${left}${shift}, ${length}) - datetime_bin(${right}${shift}, ${length})) // ${length})`;
  }
  return months && `(month_number(${left}) // ${months} - month_number(${right}) // ${months})`;
};

const datetimeAdd: SqlFunction = (args) => {
  const [length, months] = [PERIODS[period(args)], MONTHS[period(args)]];
  const [amount, time] = [sqlOf(args, 1), sqlOf(args, 2)];
  if (length !== undefined) return `(${time} + ${amount} * ${length})`;
  return months && `add_months(${time}, ${amount} * ${months})`;
};

/** A part of the date as a number, by DuckDB's name for it. */
const datePart =
  (name: string): SqlFunction =>
  (args) =>
    `CAST(date_part('${name}', calendar(${sqlOf(args, 0)})) AS INTEGER)`;

const DATE_PARTS: Readonly<Record<string, string>> = {
  "'year'": 'year',
  "'quarter'": 'quarter',
  "'month'": 'month',
  "'week_of_year'": 'week',
  "'day'": 'day',
  "'dayofyear'": 'dayofyear',
  "'hour'": 'hour',
  "'minute'": 'minute',
  "'second'": 'second',
};

const datetimePart: SqlFunction = (args, type) => {
  const name = DATE_PARTS[period(args)];
  return name === undefined ? undefined : datePart(name)(args.slice(1), type);
};

/** The begin of a day, week (Sunday), month or year, some of them later; its end is a tick before the next begin. */
const edge =
  (unit: 'day' | 'week' | 'month' | 'year', end: boolean): SqlFunction =>
  (args) => {
    const later = `${args.length > 1 ? sqlOf(args, 1) : '0'}${end ? ' + 1' : ''}`;
    const day = `datetime_bin(${sqlOf(args, 0)}, ${DAY})`;
    const start = {
      day: `${day} + (${later}) * ${DAY}`,
      week: `${day} - weekday(${sqlOf(args, 0)}) * ${DAY} + (${later}) * 7 * ${DAY}`,
      month: `month_start(month_number(${sqlOf(args, 0)}) + ${later})`,
      year: `month_start((month_number(${sqlOf(args, 0)}) // 12 + ${later}) * 12)`,
    }[unit];
    return `(${start}${end ? ' - 1' : ''})`;
  };

const makeDatetime: SqlFunction = (args) => {
  if (args.length === 1) return convert(first(args), 'datetime');
  const at = (index: number): string => convert(args[index] ?? NULL, 'long');
  const clock = args.length > 3 ? `${at(3)} * 36000000000 + ${at(4)} * 600000000` : '0';
  const seconds = args.length > 5 ? `CAST(${convert(args[5] ?? NULL, 'real')} * 10000000 AS BIGINT)` : '0';
  return `(epoch_us(make_timestamp(${at(0)}, ${at(1)}, ${at(2)}, 0, 0, 0)) * 10 + ${clock} + ${seconds})`;
};

const unixTime =
  (ticks: number): SqlFunction =>
  (args) =>
    `CAST(${sqlOf(args, 0)} * ${ticks} AS BIGINT)`;

/** Functions of time by their Kusto names. */
export const TIME_FUNCTIONS: SqlFunctions = {
  datetime_add: datetimeAdd,
  datetime_diff: datetimeDiff,
  datetime_part: datetimePart,
  dayofmonth: datePart('day'),
  dayofweek: (args) => `(weekday(${sqlOf(args, 0)}) * ${DAY})`,
  dayofyear: datePart('dayofyear'),
  endofday: edge('day', true),
  endofmonth: edge('month', true),
  endofweek: edge('week', true),
  endofyear: edge('year', true),
  format_datetime: formatDatetime,
  getmonth: datePart('month'),
  getyear: datePart('year'),
  hourofday: datePart('hour'),
  make_datetime: makeDatetime,
  monthofyear: datePart('month'),
  startofday: edge('day', false),
  startofmonth: edge('month', false),
  startofweek: edge('week', false),
  startofyear: edge('year', false),
  unixtime_microseconds_todatetime: unixTime(10),
  unixtime_milliseconds_todatetime: unixTime(10_000),
  unixtime_seconds_todatetime: unixTime(10_000_000),
  week_of_year: datePart('week'),
};
