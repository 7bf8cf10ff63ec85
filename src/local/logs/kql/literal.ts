import type { ColumnType, Syntax } from '../kusto.ts';
import { convert, quoteText, SQL_TYPES } from '../sql.ts';
import { formatTicks, parseTicks, parseTimespan } from '../ticks.ts';
import { part, untranslatable } from './syntax.ts';

/** SQL of a literal: `5`, `long(5)`, `"text"`, `dynamic([1, 2])`... */
export function literal(node: Syntax): string {
  if (node.kind === 'DynamicExpression') return dynamicLiteral(part(node, 'Expression'));
  if (typeof node.value === 'string' && node.type === 'string') return quoteText(node.value);
  const text = inner(node);
  const type = node.type || 'dynamic';
  if (text === 'null' || text === '') return `CAST(NULL AS ${SQL_TYPES[type]})`;
  const sql = LITERALS[type]?.(text);
  if (sql === undefined) throw untranslatable(node, `this ${node.kind}`);
  return sql;
}

/** What stands between the brackets of `long(5)`, or the whole of `5`. */
function inner(node: Syntax): string {
  return (/^[a-z0-9_]+\s*\((.*)\)$/is.exec(node.text)?.[1] ?? node.text).trim();
}

function bare(text: string): string {
  return text.replace(/^['"]|['"]$/g, '');
}

const LITERALS: Partial<Record<ColumnType, (text: string) => string | undefined>> = {
  bool: (text) => String(text.toLowerCase() === 'true' || text === '1'),
  int: (text) => integer(text, 'INTEGER'),
  long: (text) => integer(text, 'BIGINT'),
  real: (text) => `CAST('${text.replace('+inf', 'inf')}' AS DOUBLE)`,
  decimal: quoteText,
  guid: (text) => quoteText(bare(text).toLowerCase()),
  datetime: (text) => parseTicks(bare(text))?.toString(),
  timespan: (text) => parseTimespan(bare(text))?.toString(),
};

function integer(text: string, type: string): string | undefined {
  const match = /^(-?)(0x[0-9a-f]+|\d+)$/i.exec(text);
  return match === null ? undefined : `CAST(${match[1]}${BigInt(match[2] ?? 0)} AS ${type})`;
}

function dynamicLiteral(node: Syntax): string {
  if (node.kind === 'NullLiteralExpression') return 'CAST(NULL AS VARCHAR)';
  if (node.kind.startsWith('Json')) return quoteText(jsonOf(node));
  return convert({ sql: literal(node), type: node.type || 'string' }, 'dynamic');
}

/** JSON of a dynamic literal, which may have single quotes, times and guids too. Plain JSON stays as it was written. */
function jsonOf(node: Syntax): string {
  if (isJson(node.text)) return node.text;
  if (node.kind === 'JsonObjectExpression') {
    const pairs = part(node, 'Pairs').children.map((pair) => {
      return `${JSON.stringify(unquote(part(pair, 'Name').text))}:${jsonOf(part(pair, 'Value'))}`;
    });
    return `{${pairs.join(',')}}`;
  }
  if (node.kind === 'JsonArrayExpression') return `[${part(node, 'Values').children.map(jsonOf).join(',')}]`;
  if (typeof node.value === 'string' && node.type === 'string') return JSON.stringify(node.value);
  const ticks = node.type === 'datetime' ? parseTicks(bare(inner(node))) : undefined;
  if (ticks !== undefined) return JSON.stringify(formatTicks(ticks));
  if (node.type === 'guid') return JSON.stringify(bare(inner(node)).toLowerCase());
  if (isJson(inner(node))) return inner(node);
  throw untranslatable(node, `${node.kind} inside a dynamic literal`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '0': '\0' };

/** The text of a quoted key. */
function unquote(text: string): string {
  if (text.startsWith('@')) return text.slice(2, -1);
  return text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gi, (_, long, short, plain) =>
      plain === undefined ? String.fromCharCode(Number.parseInt(long ?? short, 16)) : (ESCAPES[plain] ?? plain),
    );
}
