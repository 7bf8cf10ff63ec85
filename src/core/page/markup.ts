import { plainText } from '../human.ts';

/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

/** HTML with values in it: text is escaped, so that nothing from outside can be taken for markup. */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: String.raw({ raw: texts }, ...values.map(toMarkup)) };
}

export const NOTHING: Markup = { markup: '' };

function toMarkup(value: Value): string {
  if (typeof value === 'object') return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
  return escapeText(`${value}`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element content and for attributes in quotes. */
function escapeText(text: string): string {
  return plainText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
