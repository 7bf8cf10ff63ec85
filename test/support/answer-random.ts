/** Random answers, made as text so that every digit and escape is known. A seed gives the same answer again. */
export interface Random {
  /** Below `limit`. */
  int(limit: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const int = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
  return { int, pick: (values) => values[int(values.length)] ?? values[0] };
}

/** The body of an answer, members in any order, with white space and members that nobody asked for. */
export function randomAnswer(random: Random): string {
  const columns = Array.from({ length: 1 + random.int(6) }, (_, index) => ({
    name: random.pick(['Time', 'a "b"', 'é\u2028', '\\', '']) + index,
    type: random.pick(['string', 'dynamic', 'dynamic', 'long', 'real', 'datetime']),
  }));
  const rows = Array.from({ length: random.int(12) }, () =>
    list(
      random,
      '[]',
      columns.map(({ type }) => (type === 'dynamic' ? randomDynamic(random) : randomScalar(random))),
    ),
  );
  const extra = () => `"x${random.int(9)}"${space(random)}:${randomJson(random, 3)}`;
  const table = list(random, '{}', [
    ...(random.int(2) ? ['"name":"PrimaryResult"'] : [extra()]),
    `"columns":${space(random)}${JSON.stringify(columns, null, random.int(3))}`,
    ...(random.int(2) ? [extra()] : []),
    `"rows"${space(random)}:${list(random, '[]', rows)}`,
  ]);
  const members = [`"tables":${list(random, '[]', [table])}`, extra()];
  if (random.int(2)) members.unshift(`"error":${space(random)}{"code":${randomString(random)}}`);
  return space(random) + list(random, '{}', members) + space(random);
}

function list(random: Random, brackets: string, items: readonly string[]): string {
  const separated = items.map((item) => space(random) + item + space(random)).join(',');
  return brackets[0] + (separated || space(random)) + brackets[1];
}

function space(random: Random): string {
  return random.int(4) ? '' : random.pick([' ', '\n', '\r\n', '\t', '  \n ']);
}

function randomScalar(random: Random): string {
  return random.int(3) ? randomString(random) : random.pick(['null', 'true', 'false', randomNumber(random)]);
}

function randomNumber(random: Random): string {
  const digits = () => Array.from({ length: 1 + random.int(25) }, () => random.int(10)).join('');
  const whole = random.pick(['0', `${1 + random.int(9)}${digits()}`]);
  const fraction = random.int(2) ? `.${digits()}` : '';
  return random.pick(['', '-']) + whole + fraction + random.pick(['', '', 'e5', 'E+07', 'e-300']);
}

const characters = [
  'a',
  '5',
  ' ',
  '{',
  ']',
  ',',
  'é',
  '\u2028',
  '😀',
  '\\"',
  '\\\\',
  '\\/',
  '\\n',
  '\\t',
  '\\u0000',
] as const;
const escapes = [
  '\\u0022',
  '\\u005c',
  '\\u005C',
  '\\u000a',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\uDFFF',
] as const;

function randomString(random: Random): string {
  const length = random.int(50) === 0 ? random.int(2000) : random.int(12);
  const pieces = Array.from({ length }, () => random.pick(random.int(3) ? characters : escapes));
  return `"${pieces.join('')}"`;
}

/** JSON as text. */
function randomJson(random: Random, depth: number): string {
  if (depth === 0 || random.int(3) === 0) return randomScalar(random);
  const items = Array.from({ length: random.int(4) }, () => randomJson(random, depth - 1));
  if (random.int(2)) return list(random, '[]', items);
  return list(
    random,
    '{}',
    items.map((item) => `${randomString(random)}${space(random)}:${space(random)}${item}`),
  );
}

/** Mostly a string that holds JSON, sometimes nearly JSON, and sometimes JSON as it is. */
function randomDynamic(random: Random): string {
  const value = randomJson(random, 4);
  const damaged = random.int(4)
    ? value
    : value.slice(random.int(3)) + random.pick(['', '}', '\\', ' 1', '\\u00e9', '\u0000']);
  switch (random.int(8)) {
    case 0:
      return value;
    case 1:
      return randomScalar(random);
    default:
      return quote(random, damaged);
  }
}

/** A JSON string, any character of which may be written as an escape. */
function quote(random: Random, text: string): string {
  const escaped = [...text].map((character) => {
    const code = character.charCodeAt(0);
    const isForced = code < 0x20 || character === '"' || character === '\\';
    if (!isForced && random.int(12)) return character;
    if (isForced && random.int(3)) return JSON.stringify(character).slice(1, -1);
    return Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join('');
  });
  return `"${escaped.join('')}"`;
}
