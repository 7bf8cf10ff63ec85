import { folderOf, hasTwins, hidesFolders, type Target } from './target.ts';

const TYPES: Readonly<Record<string, string>> = { long: 'BIGINT', int: 'INT', real: 'DOUBLE', bool: 'BOOLEAN' };

export const spark: Target = {
  head: ['# Data frames for Spark (Python). Objects are JSON text (get_json_object), decimals and timespans text.'],
  comment: '#',
  describe({ sink, format }, columns, name) {
    if (format === 'parquet-nanos') {
      throw new Error('Spark reads no nanoseconds: EXPORT_FORMAT=parquet has microseconds');
    }
    const isParquet = format === 'parquet';
    const types = columns.map((column) => {
      const type = isParquet && column.type === 'datetime' ? 'TIMESTAMP' : (TYPES[column.type] ?? 'STRING');
      return `${quote(column.name)} ${type}`;
    });
    // Of seven digits a timestamp keeps six. The cast takes any number of them, the reader's own pattern does not.
    const times = isParquet ? [] : columns.filter(({ type }) => type === 'datetime');
    const casts = times.map((column) => {
      const quoted = JSON.stringify(quote(column.name));
      return `    .withColumn(${JSON.stringify(column.name)}, F.col(${quoted}).cast("timestamp"))`;
    });
    return [
      ...(casts.length > 0 ? ['from pyspark.sql import functions as F'] : []),
      ...(hasTwins(columns) ? ['spark.conf.set("spark.sql.caseSensitive", "true")'] : []),
      `${name} = (`,
      `    spark.read.schema(${JSON.stringify(types.join(', '))})`,
      `    .option("pathGlobFilter", "${isParquet ? '*.parquet' : '*.jsonl*'}")`,
      // Otherwise the folder's value stands in the column's place.
      ...(hidesFolders(columns) ? ['    .option("recursiveFileLookup", "true")'] : []),
      `    .${isParquet ? 'parquet' : 'json'}(${JSON.stringify(`${folderOf(sink, name)}/`)})`,
      ...casts,
      ')',
    ];
  },
};

const quote = (name: string) => `\`${name.replaceAll('`', '``')}\``;
