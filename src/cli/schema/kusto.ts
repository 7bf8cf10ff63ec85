import { folderOf, isFlat, MIXED, quoteText, type Target } from './target.ts';

const EXTENSIONS = { gzip: '.jsonl.gz', none: '.jsonl' } as const;

export const kusto: Target = {
  head: ["// External tables for Azure Data Explorer; the cluster's identity needs Storage Blob Data Reader."],
  comment: '//',
  describe({ sink, format, compression = 'gzip' }, columns, name) {
    const isParquet = format.startsWith('parquet');
    if (!isParquet && compression === 'zstd') {
      throw new Error('Data Explorer reads no zstd in JSON lines: EXPORT_COMPRESSION=gzip');
    }
    const extension = isParquet || compression === 'zstd' ? '.parquet' : EXTENSIONS[compression];
    const types = columns.map(({ name: column, type }) => `${quote(column)}: ${type === MIXED ? 'string' : type}`);
    return [
      `.create-or-alter external table ${quote(name)} (`,
      `  ${types.join(',\n  ')}`,
      ')',
      'kind = storage',
      'partition by (ExportHour: datetime)',
      `pathformat = (datetime_pattern("'y='yyyy'/m='MM'/d='dd'/h='HH", ExportHour))`,
      `dataformat = ${isParquet ? 'parquet' : 'json'}`,
      `( h@${quoteText(`${isFlat(sink) ? `${sink.href}/${name}` : folderOf(sink, name)};managed_identity=system`)} )`,
      `with (fileExtension = '${extension}')`,
    ];
  },
};

const quote = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : `['${name.replaceAll(/['\\]/g, '\\$&')}']`);
