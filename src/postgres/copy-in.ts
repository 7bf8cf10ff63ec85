import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from } from 'pg-copy-streams';

/**
 * Streams chunks into a `copy ... from stdin`.
 * @param limitMs how long the server may take to take in a chunk. @param onLate called when it takes longer.
 * @returns the error of the chunks, if they broke off: the server has dropped what it got then.
 * @throws what the server says.
 */
export async function copyInto(
  client: ClientBase,
  text: string,
  chunks: AsyncIterable<Uint8Array>,
  limitMs: number,
  onLate: () => void,
): Promise<{ error: unknown } | undefined> {
  let broke: { error: unknown } | undefined;
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  /** Whose turn it is: the server's is watched, for chunks have limits of their own. */
  const turnOf = (who: 'server' | 'chunks') => {
    clearTimeout(timer);
    if (who === 'chunks') return;
    timer = setTimeout(() => {
      isLate = true;
      onLate();
    }, limitMs);
  };

  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        turnOf('server');
        yield chunk;
        turnOf('chunks');
      }
    } catch (error) {
      broke = { error };
      // The server writes this into its log.
      throw new Error('the rows broke off', { cause: error });
    } finally {
      turnOf('server');
    }
  }

  const copy = client.query(from(text));
  // It may come after the end of the pipeline, and nobody needs it then.
  copy.on('error', () => undefined);
  try {
    await pipeline(watched(), copy);
  } catch (error) {
    if (isLate) throw new Error(`the server took in nothing for ${limitMs / 1000} s`, { cause: error });
    if (broke === undefined) throw error;
  } finally {
    clearTimeout(timer);
  }
  return broke;
}
