/** How `parse-kv` reads a text; without delimiters, whatever is neither letter nor digit is one. */
interface PairOptions {
  readonly keys: readonly string[];
  readonly pair_delimiter?: string;
  readonly kv_delimiter?: string;
  /** Each is one character, or an opening and a closing one. */
  readonly quote?: readonly string[];
  readonly escape?: readonly string[];
  /** A value without quotes goes on until the next key. */
  readonly greedy?: boolean;
  /** Two groups: key and value. */
  readonly regex?: string;
}

/** The first value of each key in a text, as a JSON object. */
export function pairsOf(text: string, optionsJson: string): string {
  const options: PairOptions = JSON.parse(optionsJson);
  const found = options.regex === undefined ? byDelimiters(text, options) : byRegex(text, options.regex);
  return JSON.stringify(found);
}

function byRegex(text: string, regex: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key = '', value = ''] of text.matchAll(new RegExp(regex, 'g'))) {
    if (!Object.hasOwn(found, key)) found[key] = value;
  }
  return found;
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const NO_WORD = '[^\\p{L}\\p{N}]';

function byDelimiters(text: string, options: PairOptions): Record<string, string> {
  const { pair_delimiter: pairEnd, kv_delimiter: keyEnd, quote = [], escape: escapes = [], greedy = false } = options;
  const [end, between] =
    pairEnd === undefined || keyEnd === undefined ? [NO_WORD, `${NO_WORD}+?`] : [pairEnd, keyEnd].map(literally);
  const marks = quote.map((pair) => [pair.charAt(0), pair.at(-1) ?? ''].map(literally));
  const escaped = escapes.length === 0 ? '' : `[${escapes.map(literally).join('')}][^]|`;
  const quoted = marks.map(([open, close]) => `${open}((?:${escaped}[^${close}])*)${close}`);
  const nextKey = `${end}\\s*(?:${options.keys.map(literally).join('|')})\\s*${between}`;
  const bare = `((?:(?!${greedy ? nextKey : end})[^])*)`;
  const found: Record<string, string> = {};
  for (const name of options.keys) {
    const key = [literally(name), ...marks.map(([open, close]) => `${open}${literally(name)}${close}`)].join('|');
    const pattern = `(?:^|${end})\\s*(?:${key})\\s*${between}\\s*(?:${[...quoted, bare].join('|')})`;
    const match = new RegExp(pattern, 'u').exec(text);
    if (match === null) continue;
    const index = match.slice(1).findIndex((group) => group !== undefined);
    const value = match[index + 1] ?? '';
    found[name] = index < quoted.length ? withoutEscapes(value, escapes) : value.trim();
  }
  return found;
}

function withoutEscapes(value: string, escapes: readonly string[]): string {
  if (escapes.length === 0) return value;
  return value.replace(new RegExp(`[${escapes.map(literally).join('')}]([^])`, 'gu'), '$1');
}
