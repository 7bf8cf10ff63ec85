/** What the lines of an answer must be, found slowly: by JSON.parse, and a tree that keeps numbers as text. */

/** A scalar as text, an array, or the members of an object: in order, with duplicates. */
type Raw = string | Raw[] | { members: [key: string, value: Raw][] };

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gs;

/** JSON text without white space, each string in one spelling, each number as it was. */
export function canonical(json: string): string {
  const tokens = json.match(TOKEN) ?? [];
  return tokens.map((token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token)).join('');
}

/** The canonical lines of an answer that is whole and well-formed. */
export function referenceLines(body: string): string[] {
  const table: { columns: { name: string; type: string }[] } | undefined = JSON.parse(body).tables?.[0];
  // An error may stand alone.
  if (!table) return [];
  return rawRows(body).map((cells) => {
    if (cells.length !== table.columns.length) throw new Error(`found a row of ${cells.length} cells`);
    const members = table.columns.map(({ name, type }, i) => {
      const cell = cells[i] ?? '';
      return `${JSON.stringify(name)}:${type === 'dynamic' ? unwrapped(cell) : canonical(cell)}`;
    });
    return `{${members.join(',')}}`;
  });
}

/** A `dynamic` cell: the JSON object or array inside a string if there is one. */
function unwrapped(cell: string): string {
  const text: unknown = JSON.parse(cell);
  if (typeof text !== 'string') return canonical(cell);
  try {
    const value: unknown = JSON.parse(text);
    return canonical(typeof value === 'object' && value !== null ? text : cell);
  } catch {
    return canonical(cell);
  }
}

/** The cells of each row, as text. */
function rawRows(body: string): string[][] {
  const tokens = (body.match(TOKEN) ?? []).values();
  const [table] = member(readRaw(tokens, next(tokens)), 'tables') as Raw[];
  const rows = member(table, 'rows') as Raw[][];
  return rows.map((cells) => cells.map(textOf));
}

function member(raw: Raw | undefined, name: string): Raw | undefined {
  if (typeof raw !== 'object' || !('members' in raw)) return undefined;
  return raw.members.findLast(([key]) => JSON.parse(key) === name)?.[1];
}

function readRaw(tokens: Iterator<string>, first: string): Raw {
  if (first === '[') {
    const items: Raw[] = [];
    for (let token = next(tokens); token !== ']'; token = next(tokens)) {
      if (token !== ',') items.push(readRaw(tokens, token));
    }
    return items;
  }
  if (first !== '{') return first;
  const members: [string, Raw][] = [];
  for (let key = next(tokens); key !== '}'; key = next(tokens)) {
    if (key === ',') continue;
    if (next(tokens) !== ':') throw new Error('found no colon');
    members.push([key, readRaw(tokens, next(tokens))]);
  }
  return { members };
}

function textOf(raw: Raw): string {
  if (typeof raw === 'string') return raw;
  if ('members' in raw) return `{${raw.members.map(([key, value]) => `${key}:${textOf(value)}`).join(',')}}`;
  return `[${raw.map(textOf).join(',')}]`;
}

function next(tokens: Iterator<string>): string {
  const { value, done } = tokens.next();
  if (done) throw new Error('found the end of the answer');
  return value;
}
