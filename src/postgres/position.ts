import { parseFields } from '../core/lake/fields.ts';
import { formatPosition, POSITION_VERSION, parsePosition } from '../core/lake/position.ts';
import type { Position } from '../core/sink.ts';
import { qualified } from './names.ts';

/** The JSON of a position, with the fields of a lake's watermark file. */
export function positionText(position: Position): string {
  return JSON.stringify({ version: POSITION_VERSION, ...formatPosition(position) });
}

/** @throws naming the field, what was found, and what to do. */
export function readPosition(text: string, home: string): Position {
  const fields = parseFields(
    text,
    (found, expected, cause) =>
      new Error(
        `${qualified('_watermark')}, home '${home}': found ${found}, expected ${expected}. Nothing was exported or ` +
          'changed. Restore the row, or set the export back (README, "Set an export back")',
        { cause },
      ),
  );
  fields.read('version', (value): value is number => value === POSITION_VERSION, `${POSITION_VERSION}`);
  const name = home.split('/')[0] ?? home;
  return parsePosition(
    fields,
    fields.read('export', (value): value is string => value === name, `"${name}"`),
  );
}
