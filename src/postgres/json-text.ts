import { copyDynamic } from '../core/formats/dynamic.ts';

export { BACKSLASH, HEX, LOWER_U, QUOTE } from '../core/formats/tokens.ts';

export function isContainerByte(byte: number | undefined): boolean {
  return byte === 0x7b || byte === 0x5b;
}

/**
 * Writes the object or the array that the string of a `dynamic` cell contains to `scratch`, from 1 on.
 * @returns the position behind it; -1 when the string contains something else and has to stay.
 */
export function unwrap(source: Uint8Array, from: number, scratch: Uint8Array): number {
  scratch[0] = 0;
  const target = { bytes: scratch, at: 1 };
  copyDynamic(source, from, target);
  return isContainerByte(scratch[1]) ? target.at : -1;
}
