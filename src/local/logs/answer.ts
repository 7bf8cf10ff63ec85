import type { Cursor } from './cursor.ts';
import type { Limits } from './gate.ts';
import type { Frame } from './kql/frame.ts';
import { cell } from './sql.ts';
import { restoreJson } from './text.ts';

/** Text of about this size goes to the socket at once. */
const PIECE_LENGTH = 65_536;

/** The query that gives one JSON array per row of the frame, as its only column. */
export function answerSql(frame: Frame): string {
  const cells = frame.columns.filter(({ hidden }) => !hidden).map(cell);
  return `SELECT CAST(json_array(${cells.join(', ')}) AS VARCHAR) FROM (${frame.sql})`;
}

/**
 * The body of an answer, piece by piece. Past a limit it ends with a partial error, as the service's does. `more` are
 * properties beside the tables.
 */
export async function* answerBody(
  frame: Frame,
  first: readonly string[] | undefined,
  cursor: Cursor,
  { rows, bytes }: Readonly<Pick<Limits, 'rows' | 'bytes'>>,
  more: object = {},
): AsyncGenerator<Buffer> {
  const columns = frame.columns.filter(({ hidden }) => !hidden).map(({ name, type }) => ({ name, type }));
  let text = `{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[`;
  let rowCount = 0;
  let byteCount = 0;
  let error = '';
  read: for (let chunk = first; chunk !== undefined; chunk = await cursor.next()) {
    for (const stored of chunk) {
      const row = restoreJson(stored);
      byteCount += Buffer.byteLength(row);
      if (rowCount === rows || byteCount > bytes) {
        error = `,"error":${JSON.stringify(tooLarge(rowCount === rows ? `${rows} records` : `${bytes} bytes`))}`;
        break read;
      }
      text += rowCount === 0 ? row : `,${row}`;
      rowCount++;
      if (text.length >= PIECE_LENGTH) {
        yield Buffer.from(text);
        text = '';
      }
    }
  }
  const beside = JSON.stringify(more).slice(1, -1);
  yield Buffer.from(`${text}]}]${beside && `,${beside}`}${error}}`);
}

function tooLarge(limit: string): object {
  const innererror = {
    code: '-2133196797',
    message:
      `The results of this query exceed the set limit of ${limit}, so not all records were returned ` +
      '(E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003). See https://aka.ms/kustoquerylimits for more information and ' +
      'possible solutions.',
    severity: 2,
    severityName: 'Error',
  };
  const message = 'Something went wrong processing your query on the server.';
  return {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
    details: [{ code: 'EngineError', message, innererror }],
  };
}
