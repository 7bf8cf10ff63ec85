import type { Column } from '../../core/rows.ts';
import { directoryOf, hasTwins, hidesFolders, isFlat, quoteText, type Target } from './target.ts';

/** Types that `read_json` makes of cells by itself. All others are read as text. */
const READ: Readonly<Record<string, string>> = {
  long: 'BIGINT',
  int: 'INTEGER',
  real: 'DOUBLE', // NaN and infinities are texts, which it takes
  bool: 'BOOLEAN',
  guid: 'UUID',
  dynamic: 'JSON',
};
/** What becomes of a text. */
const CAST: Readonly<Record<string, string>> = { datetime: 'TIMESTAMP_NS' };

const HIVE = 'hive_partitioning = true, hive_types = { y: INT, m: INT, d: INT, h: INT }';
const NO_HIVE = 'hive_partitioning = false';

export const duckdb: Target = {
  head: [
    '-- Views for DuckDB. Times are UTC; decimals and timespans are text. For a lake in Azure first:',
    '-- INSTALL azure; LOAD azure; CREATE SECRET (TYPE azure, PROVIDER credential_chain, ACCOUNT_NAME <account>);',
  ],
  comment: '--',
  describe({ sink, format }, columns, name) {
    const view = `CREATE OR REPLACE VIEW ${quote(name)} AS`;
    const folder = folderOf(sink, name);
    const folders = hidesFolders(columns) ? NO_HIVE : HIVE;
    if (format.startsWith('parquet')) {
      const all = `SELECT * FROM read_parquet(${quoteText(`${folder}/**/*.parquet`)}, union_by_name = true, ${folders})`;
      return [view, ...withTimes(all, columns)];
    }
    const files = quoteText(`${folder}/y=*/**/*.jsonl*`);
    const shown = folders === HIVE ? ['y', 'm', 'd', 'h'] : [];
    if (hasTwins(columns)) return [view, ...fromObjects(columns, files, shown, folders)];
    const read = columns.map((column) => `${quote(column.name)}: '${READ[column.type] ?? 'VARCHAR'}'`);
    const select = [...columns.map((column) => cast(quote(column.name), column)), ...shown];
    return [
      view,
      `SELECT\n  ${select.join(',\n  ')}`,
      `FROM read_json(${files}, format = 'newline_delimited', ${folders}, columns = {`,
      `  ${read.join(',\n  ')}`,
      '});',
    ];
  },
};

/**
 * Of an instant, which DuckDB shows and compares in the time zone of its session, the time in UTC, as the view over lines has
 * it. The empty rows behind the parts are for columns that parts in lines had, and none in Parquet has.
 */
function withTimes(all: string, columns: readonly Column[]): string[] {
  const isAlone = ({ name }: Column) => columns.filter((other) => hasTwins([{ name, type: '' }, other])).length === 1;
  const times = columns.filter((column) => CAST[column.type] !== undefined && isAlone(column));
  if (times.length === 0) return [`${all};`];
  const names = times.map(({ name }) => quote(name));
  return [
    'SELECT * REPLACE (',
    `  ${names.map((name) => `make_timestamp_ns(epoch_ns(${name})) AS ${name}`).join(',\n  ')}`,
    ') FROM (',
    `  ${all}`,
    `  UNION ALL BY NAME SELECT ${names.map((name) => `NULL::TIMESTAMPTZ AS ${name}`).join(', ')} WHERE false`,
    ');',
  ];
}

/** Names that differ in case only are one name to DuckDB: the later ones get a number. */
function fromObjects(columns: readonly Column[], files: string, shown: readonly string[], folders: string): string[] {
  const taken = new Set<string>();
  const select = columns.map((column) => {
    let alias = column.name;
    for (let count = 2; taken.has(alias.toLowerCase()); count++) alias = `${column.name}_${count}`;
    taken.add(alias.toLowerCase());
    const path = quoteText(`$."${column.name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
    const { type } = column;
    const known = READ[type] ?? CAST[type];
    const value = type === 'dynamic' ? `nullif(json -> ${path}, 'null')` : `(json ->> ${path})`;
    return `${value}${known === undefined || type === 'dynamic' ? '' : `::${known}`} AS ${quote(alias)}`;
  });
  return [
    `SELECT\n  ${[...select, ...shown].join(',\n  ')}`,
    `FROM read_json_objects(${files}, format = 'newline_delimited', ${folders});`,
  ];
}

function cast(sql: string, { type }: Column): string {
  return CAST[type] === undefined ? sql : `${sql}::${CAST[type]} AS ${sql}`;
}

function folderOf(sink: URL, name: string): string {
  if (sink.protocol === 'file:') return `${directoryOf(sink)}/${name}`;
  return `${isFlat(sink) ? 'az' : 'abfss'}://${sink.host}${sink.pathname}/${name}`;
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
