import { SLACK_BYTES } from '../../core/bytes.ts';
import { oneLine } from '../../core/human.ts';

const SIZE = 256 * 1024;

/** The body is not an answer as Logs gives them. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  /** The body only ends too early. */
  readonly cut: boolean;

  constructor(message: string, cut: boolean) {
    super(oneLine(message));
    this.cut = cut;
  }
}

/** The part of the body that is in memory and not used yet: `bytes` from `at` to `end`, and a 0 byte behind it. */
export interface Input {
  bytes: Buffer;
  at: number;
  end: number;
  /** Bytes of the body before `bytes`. */
  base: number;
  /**
   * Moves what is not used to the front of `bytes` and waits for as much again, so that a large value is not read over
   * and over while it arrives, and for `leastBytes` in all. Near the end it may be less; `false` if it is nothing.
   */
  more(leastBytes?: number): Promise<boolean>;
}

export function createInput(body: AsyncIterable<Uint8Array>): Input {
  const pieces = body[Symbol.asyncIterator]();
  const input: Input = {
    bytes: Buffer.alloc(SIZE),
    at: 0,
    end: 0,
    base: 0,
    async more(leastBytes = 1) {
      const unused = input.end - input.at;
      while (input.end - input.at < Math.max(2 * unused, leastBytes)) {
        const { done, value: piece } = await pieces.next();
        if (done) break;
        const old = input.bytes;
        const room = input.end - input.at + piece.length + 1 + SLACK_BYTES;
        if (room > old.length) input.bytes = Buffer.allocUnsafeSlow(2 * room);
        old.copy(input.bytes, 0, input.at, input.end);
        input.base += input.at;
        input.end -= input.at;
        input.at = 0;
        input.bytes.set(piece, input.end);
        input.end += piece.length;
        input.bytes[input.end] = 0;
      }
      return input.end - input.at > unused;
    },
  };
  return input;
}

/** @param at of the body's bytes. */
export function malformed(at: number, what: string): AnswerError {
  return new AnswerError(`the answer is malformed, byte ${at}: ${what}`, false);
}

export function cut(at: number, what: string): AnswerError {
  return new AnswerError(`the answer ends in the middle of ${what}, byte ${at}`, true);
}

export function found(byte = 0): string {
  return byte > 0x20 && byte < 0x7f ? `found ${String.fromCharCode(byte)}` : `found the byte 0x${byte.toString(16)}`;
}
