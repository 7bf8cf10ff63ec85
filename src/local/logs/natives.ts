import { BIGINT, type DuckDBConnection, DuckDBScalarFunction, type DuckDBType, VARCHAR } from '@duckdb/node-api';
import xxhash from 'xxhash-wasm';
import { pairsOf } from './pairs.ts';
import { parseTicks } from './ticks.ts';
import { urlParts } from './url-parts.ts';

type Native = (...args: readonly unknown[]) => string | bigint | undefined;

/**
 * Adds to a database what it has no function for. DuckDB calls back in batches on this thread, so these must be fast,
 * and nothing here may wait for a query. A null argument makes a null.
 */
export async function registerNatives(connection: DuckDBConnection): Promise<void> {
  const { h64, h64Raw } = await xxhash();
  const bytes = Buffer.alloc(8);
  const natives: readonly [name: string, parameters: DuckDBType[], result: DuckDBType, run: Native][] = [
    ['xxh64_text', [VARCHAR], BIGINT, (text) => BigInt.asIntN(64, h64(String(text)))],
    [
      'xxh64_long',
      [BIGINT],
      BIGINT,
      (number) => {
        bytes.writeBigInt64LE(number as bigint);
        return BigInt.asIntN(64, h64Raw(bytes));
      },
    ],
    ['kusto_datetime', [VARCHAR], BIGINT, (text) => parseTicks(String(text))],
    ['kusto_url', [VARCHAR], VARCHAR, (text) => urlParts(String(text))],
    ['kusto_pairs', [VARCHAR, VARCHAR], VARCHAR, (text, options) => pairsOf(String(text), String(options))],
  ];
  for (const [name, parameterTypes, returnType, run] of natives) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes,
        returnType,
        mainFunction: (_, input, output) => {
          const vectors = parameterTypes.map((_type, index) => input.getColumnVector(index));
          for (let row = 0; row < input.rowCount; row++) {
            const args = vectors.map((vector) => vector.getItem(row));
            output.setItem(row, args.includes(null) ? null : (run(...args) ?? null));
          }
          output.flush();
        },
      }),
    );
  }
}
