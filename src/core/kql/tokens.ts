/** A piece of KQL outside comments and white space. Literals such as `datetime(...)` are one `other` token. */
export interface Token {
  readonly kind: 'word' | 'string' | 'other';
  readonly text: string;
  /** Index of its first character. */
  readonly start: number;
}

/** The text cannot be cut into tokens beyond doubt. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** Ends a comment for one reader of KQL and not for another: refused, for a pipe may stand behind it. */
const DOUBTFUL = /[\0\u0085\u2028\u2029]|\r(?!\n)/;

const SPACE = /(?:[^\S\uFEFF]|\/\/[^\n]*)+/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_]*/y;
/** After `\` only what KQL knows. */
const STRING =
  /(['"])(?:(?!\1)[^\\\r\n]|\\(?:[\\'"abfnrtv]|[0-7]{1,3}|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}))*\1/y;
const ESCAPE = /\\([0-7]{1,3}|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|.)/g;
const MAX_CODE_POINT = 0x10ffff;
const CONTROLS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const VERBATIM = /@(['"])(?:(?!\1)[^\r\n]|\1\1)*\1(?!\1)/y;
const FENCED = /(```|~~~)[\s\S]*?\1/y;
/** `=~` and `!~` too, so that their tilde begins no string. */
const COMPARISON = /[=!]~(?!~)|[=!<>]=|=>|\.\./y;
const LITERAL_NAMES = new Set(
  'bool boolean date datetime decimal double guid int int32 int64 long real time timespan uniqueid uuid'.split(' '),
);
/** What stands in the brackets of a literal is not KQL: it ends at the first `)`, whatever comes before. */
const LITERAL = /\((?:(?!\/\/)[^()'"`~|;#\r\n])*\)|\(\s*(['"])[^()'"\\\r\n]*\1\s*\)/y;

/** What comes with a text that was copied from elsewhere, and what to write instead. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201A\u201B\u00B4\u201C\u201D\u201E\u201F\u00AB\u00BB]/, `is a typographic quote: write ' or "`],
  [/[\u2010-\u2015\u2212]/, 'is a typographic dash: write -'],
  [
    /[\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/,
    'is invisible and came with copying: delete it, or type the line anew',
  ],
  [/&/, 'means nothing here: write and; &gt; and its like are > and < written for HTML'],
  [/\\/, 'stands outside a text: write quotes and line breaks as they are (\\" is ", and \\n a space)'],
  [/#/, 'begins a directive for query tools: leave it out'],
];

/**
 * Cuts KQL into tokens, as far as needed to see pipes and brackets and no more.
 * @throws TokenError for whatever two readers of KQL might read differently.
 */
export function tokenize(text: string): Token[] {
  const doubtful = DOUBTFUL.exec(text);
  if (doubtful !== null) throw new TokenError(`a control character ${at(doubtful.index)}: write a plain line break`);
  const tokens: Token[] = [];
  let index = 0;
  while (index < text.length) {
    index += match(SPACE, text, index)?.length ?? 0;
    if (index === text.length) break;
    const token = next(text, index);
    tokens.push(token);
    index += token.text.length;
  }
  return tokens;
}

/** Where in the query, for people. */
export function at(index: number): string {
  return `at character ${index + 1}`;
}

/** What a text in quotes stands for. */
export function stringValue(token: Token): string | undefined {
  const { kind, text } = token;
  if (kind !== 'string') return undefined;
  if (text.startsWith('`') || text.startsWith('~')) return text.slice(3, -3);
  const quote = text.at(-1) ?? '';
  if (text.startsWith('@')) return text.slice(2, -1).replaceAll(quote + quote, quote);
  return text.slice(1, -1).replace(ESCAPE, (_, code: string) => {
    if (code.length === 1 && !/\d/.test(code)) return CONTROLS[code] ?? code;
    const point = /^\d/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16);
    return point > MAX_CODE_POINT ? '\uFFFD' : String.fromCodePoint(point);
  });
}

function next(text: string, start: number): Token {
  const word = match(WORD, text, start);
  if (word !== undefined) {
    if (!LITERAL_NAMES.has(word) || text[start + word.length] !== '(') return { kind: 'word', text: word, start };
    const literal = match(LITERAL, text, start + word.length);
    if (literal !== undefined) return { kind: 'other', text: word + literal, start };
    throw new TokenError(
      `${word}(...) ${at(start)} is not a plain literal: write its value alone, such as datetime(2026-11-22)`,
    );
  }
  const char = text.charAt(start);
  const advice = FOREIGN.find(([pattern]) => pattern.test(char))?.[1];
  if (advice !== undefined) {
    const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new TokenError(`${char < '\x7F' ? `"${char}"` : `U+${code}`} ${at(start)} ${advice}`);
  }
  if (`'"\`~@`.includes(char)) return string(text, start);
  return { kind: 'other', text: match(COMPARISON, text, start) ?? char, start };
}

function string(text: string, start: number): Token {
  const isFence = text.startsWith('~~~', start) || text.startsWith('```', start);
  // A tilde may also end `in~`, and four of them may be read in two ways.
  const isTilde =
    text[start] === '~' && (!isFence || text[start + 3] === '~' || /[\w=!~]/.test(text.charAt(start - 1)));
  if (isTilde && text[start + 1] !== '~') return { kind: 'other', text: '~', start };
  const found = isTilde
    ? undefined
    : (match(STRING, text, start) ?? match(VERBATIM, text, start) ?? match(FENCED, text, start));
  if (found !== undefined) return { kind: 'string', text: found, start };
  throw new TokenError(
    `the text that begins ${at(start)} does not end, or has an escape that KQL does not know: close it, and write ` +
      "@'...' where a backslash is meant",
  );
}

function match(pattern: RegExp, text: string, index: number): string | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}
