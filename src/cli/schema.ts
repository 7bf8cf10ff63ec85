import { formatIso } from '../core/window.ts';
import { duckdb } from './schema/duckdb.ts';
import { kusto } from './schema/kusto.ts';
import { spark } from './schema/spark.ts';
import { allColumns, type Target } from './schema/target.ts';
import { ArgumentError, inTurn, type Options, type Verb } from './verb.ts';

const TARGETS: Readonly<Record<string, Target>> = { duckdb, spark, kusto };
const OPTIONS = {
  for: { type: 'string', value: 'READER', help: `whose statements are printed: ${Object.keys(TARGETS).join(', ')}` },
} as const satisfies Options;

export const schema: Verb<typeof OPTIONS> = {
  name: 'schema',
  summary: 'print what readers need to read the lake without guessing',
  help: `Prints statements that read the parts of each export with the columns and types that they have had, from
_schema.json: views for DuckDB, data frames for Spark, external tables for Azure Data Explorer (kusto). They are of the
format and the place that the settings name. Print them again when a warning says that columns have changed.

  monitorlift schema --for duckdb > views.sql

With --json: for each export its columns, the versions that they have had, and the statement.

Exit code: 0 done, 1 an export's columns could not be read, 2 wrong settings or arguments.`,
  options: OPTIONS,
  async execute(input) {
    const { app, options } = input;
    const target = Object.hasOwn(TARGETS, options.for ?? '') ? TARGETS[options.for ?? ''] : undefined;
    if (target === undefined)
      throw new ArgumentError(
        `--for: found ${options.for === undefined ? 'nothing' : `"${options.for}"`}, expected ${Object.keys(TARGETS).join(', ')}`,
      );
    if (app.settings.format === 'columns-rows') {
      throw new ArgumentError('EXPORT_FORMAT=columns-rows is for programs of its own: jsonl and parquet have a schema');
    }
    if (app.settings.rest !== undefined) throw new ArgumentError('REST_URL takes the parts: none are in the sink');
    const { schema: readVersions } = await app.openSink();
    if (readVersions === undefined) {
      throw new ArgumentError('SINK_URL is a database, whose tables have types of their own');
    }
    input.print(target.head, []);
    return inTurn(input, async ({ name }) => {
      const versions = await readVersions(name);
      const columns = allColumns(versions);
      const found = columns.length > 0;
      const lines = found
        ? target.describe(app.settings, columns, name)
        : [`${target.comment} ${name}: nothing has been exported yet, or not since columns are kept`];
      const record = {
        export: name,
        columns,
        versions: versions.map((version) => ({ from: formatIso(version.fromMs), columns: version.columns })),
        statement: found ? lines.join('\n') : undefined,
      };
      input.print(['', ...lines.flatMap((line) => line.split('\n'))], [record]);
      return true;
    });
  },
};
