/**
 * DuckDB holds text as valid UTF-8, which a lone surrogate is not. The last 2,048 code points (private use, of plane
 * 16) stand for the 2,048 surrogates while a text is stored; such a code point itself is stored as its two surrogates.
 * In JSON both come back as `\udXXX` escapes, so that every text that goes in comes out.
 */
const FIRST_STAND_IN = 0x10f800;
const FIRST_SURROGATE = 0xd800;
const ESCAPED = /\p{Surrogate}|[\u{10F800}-\u{10FFFF}]/gu;
const STAND_IN = /[\u{10F800}-\u{10FFFF}]/gu;

/** Text as it is stored. */
export function storeText(text: string): string {
  return text.replace(ESCAPED, (character) =>
    character
      .split('')
      .map((unit) => String.fromCodePoint(unit.charCodeAt(0) - FIRST_SURROGATE + FIRST_STAND_IN))
      .join(''),
  );
}

/** JSON of stored text as JSON of the text that was stored. */
export function restoreJson(json: string): string {
  return json.replace(
    STAND_IN,
    (character) => `\\u${((character.codePointAt(0) ?? 0) - FIRST_STAND_IN + FIRST_SURROGATE).toString(16)}`,
  );
}
