import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from } from 'pg-copy-streams';

/** Says whose turn it is: the server's has a limit, chunks have limits of their own. */
export type TurnOf = (who: 'server' | 'client') => void;

/**
 * Streams chunks into a `copy ... from stdin`.
 * @returns the error of the chunks, if they broke off: the server has dropped what it got then.
 * @throws what the server says.
 */
export async function copyInto(
  client: ClientBase,
  text: string,
  chunks: AsyncIterable<Uint8Array>,
  turnOf: TurnOf,
): Promise<{ error: unknown } | undefined> {
  let broke: { error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      turnOf('client');
      for await (const chunk of chunks) {
        turnOf('server');
        yield chunk;
        turnOf('client');
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
  await pipeline(watched(), copy).catch((error: unknown) => {
    if (broke === undefined) throw error;
  });
  return broke;
}
