import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  copyValue,
  OPEN_BRACE,
  OPEN_BRACKET,
  skipSpace,
  type Target,
} from '../../core/formats/tokens.ts';

/** The body is taken in pieces of at most this size. */
export const PIECE_BYTES = 64 * 1024;
/** The largest row, or other value of an answer: it must be in memory as a whole. */
const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/** The body is not an answer as Logs gives them. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  /** The body only ends too early. */
  readonly cut: boolean;

  constructor(message: string, cut: boolean) {
    super(message);
    this.cut = cut;
  }
}

/** What a reader yields: lines, or `undefined` when it needs more of the body. */
export type Reader<Result = void> = Generator<Uint8Array | undefined, Result, void>;

/** The part of the body that is in memory and not used yet: `bytes` from `at` to `end`, and a 0 byte behind it. */
export interface Input {
  bytes: Buffer;
  at: number;
  end: number;
  /** Bytes of the body before `bytes`. */
  base: number;
  ended: boolean;
  append(piece: Uint8Array): void;
}

export function createInput(): Input {
  const input: Input = {
    bytes: Buffer.alloc(2 * PIECE_BYTES),
    at: 0,
    end: 0,
    base: 0,
    ended: false,
    append(piece) {
      const old = input.bytes;
      const room = input.end - input.at + piece.length + 1;
      if (room > old.length) input.bytes = Buffer.allocUnsafeSlow(2 * room);
      if (input.bytes !== old || input.at > 0) old.copy(input.bytes, 0, input.at, input.end);
      input.base += input.at;
      input.end -= input.at;
      input.at = 0;
      input.bytes.set(piece, input.end);
      input.end += piece.length;
      input.bytes[input.end] = 0;
    },
  };
  return input;
}

export function* readMembers(input: Input, read: (name: string) => Reader): Reader {
  yield* expectByte(input, OPEN_BRACE);
  if ((yield* peekByte(input)) === CLOSE_BRACE) {
    input.at += 1;
    return;
  }
  do {
    const name: unknown = JSON.parse(yield* readText(input, 'a member name'));
    yield* expectByte(input, COLON);
    if (typeof name !== 'string') throw malformed(input, input.at, `found the member name ${name}, expected a string`);
    yield* read(name);
  } while ((yield* expectByte(input, COMMA, CLOSE_BRACE)) === COMMA);
}

export function* readElements(input: Input, read: () => Reader): Reader {
  yield* expectByte(input, OPEN_BRACKET);
  if ((yield* peekByte(input)) === CLOSE_BRACKET) {
    input.at += 1;
    return;
  }
  do yield* read();
  while ((yield* expectByte(input, COMMA, CLOSE_BRACKET)) === COMMA);
}

/** One JSON value, as text. */
export function* readText(input: Input, what: string): Reader<string> {
  for (;;) {
    yield* peekByte(input);
    const target: Target = { bytes: new Uint8Array(input.end - input.at), at: 0 };
    const end = copyValue(input.bytes, input.at, target);
    if (end < 0 && ~end < input.end) throw malformed(input, ~end, `${foundAt(input, ~end)} in ${what}`);
    if (end >= 0 && end < input.end) {
      input.at = end;
      return Buffer.from(target.bytes.buffer, 0, target.at).toString();
    }
    yield* needMore(input, what);
  }
}

/** Skips white space and the byte behind it, which must be one of these. */
export function* expectByte(input: Input, ...expected: number[]): Reader<number> {
  const byte = yield* peekByte(input);
  if (!expected.includes(byte)) {
    const list = expected.map((one) => String.fromCharCode(one)).join(' or ');
    throw malformed(input, input.at, `${foundAt(input, input.at)}, expected ${list}`);
  }
  input.at += 1;
  return byte;
}

/** Skips white space and returns the byte behind it, which stays. */
export function* peekByte(input: Input): Reader<number> {
  for (;;) {
    input.at = skipSpace(input.bytes, input.at);
    if (input.at < input.end) return input.bytes[input.at] as number;
    yield* needMore(input, 'the answer');
  }
}

/** Waits until there is twice as much, so that a large value is not read over and over while it arrives. */
export function* needMore(input: Input, what: string): Reader {
  const length = input.end - input.at;
  if (length > MAX_VALUE_BYTES) {
    throw malformed(input, input.at, `${what} is longer than ${MAX_VALUE_BYTES} bytes: exclude its largest column`);
  }
  do {
    if (input.ended)
      throw new AnswerError(`the answer ends in the middle of ${what}, ${position(input, input.end)}`, true);
    yield undefined;
  } while (input.end - input.at < 2 * length && !input.ended);
}

export function malformed(input: Input, at: number, what: string): AnswerError {
  return new AnswerError(`the answer is malformed, ${position(input, at)}: ${what}`, false);
}

export function foundAt(input: Input, at: number): string {
  const byte = input.bytes[at] ?? 0;
  return byte > 0x20 && byte < 0x7f ? `found ${String.fromCharCode(byte)}` : `found the byte 0x${byte.toString(16)}`;
}

function position(input: Input, at: number): string {
  return `byte ${input.base + at}`;
}
