import { isRestError } from '@azure/core-rest-pipeline';
import { type BlockStore, NoBlocksError, UnansweredError } from '../../core/lake/blocks.ts';
import { ConflictError, ExistsError } from '../../core/lake/store.ts';
import { plain, quoted } from '../lake/entry.ts';
import { codeOf, lakeError, unless } from '../lake/error.ts';
import { limit } from '../pipeline.ts';
import type { Container } from './client.ts';

/** The metadata of a part: its name cannot have the number, for it comes before the rows. */
export const ROWS = 'rows';

/** A wrong condition, or the trace of an own attempt whose answer was lost. */
const REFUSED = ['ConditionNotMet', 'BlobAlreadyExists'];

export function createWriter({
  blobs,
  once,
  prefix,
  place,
}: Container): Pick<BlockStore, 'putBlock' | 'putList' | 'replace' | 'remove'> {
  const blobAt = (path: string) => blobs.getBlockBlobClient(prefix + path);

  return {
    async putBlock(path, id, content) {
      const blob = once.getBlockBlobClient(prefix + path);
      await blob.stageBlock(id, content, content.length, { abortSignal: limit() }).catch((cause: unknown) => {
        const error = lakeError('write', place(path), cause);
        throw isAnswered(cause) ? error : new UnansweredError(error.message, { cause });
      });
    },

    async putList(path, ids, rows) {
      try {
        await blobAt(path).commitBlockList([...ids], {
          conditions: { ifNoneMatch: '*' },
          metadata: { [ROWS]: String(rows) },
          abortSignal: limit(),
        });
      } catch (cause) {
        const code = codeOf(cause) ?? '';
        if (REFUSED.includes(code)) throw new ExistsError(`Something is at ${place(path)} already.`, { cause });
        if (code === 'InvalidBlockList')
          throw new NoBlocksError(`${place(path)} has not all of its blocks.`, { cause });
        throw lakeError('publish', place(path), cause);
      }
    },

    async replace(path, text, etag) {
      const body = Buffer.from(text);
      const conditions = etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: quoted(etag) };
      const answer = await blobAt(path)
        .upload(body, body.length, { conditions, abortSignal: limit() })
        .catch((cause: unknown) => {
          if (!REFUSED.includes(codeOf(cause) ?? '')) throw lakeError('replace', place(path), cause);
          throw new ConflictError(`${place(path)} is not what it was (expected ETag ${etag}).`, { cause });
        });
      return plain(answer.etag);
    },

    async remove(path) {
      await unless(['BlobNotFound'], 'remove', place(path), () => blobAt(path).delete({ abortSignal: limit() }));
    },
  };
}

/** The service has said no: what was sent is not there, and more of the same is of no use. */
function isAnswered(error: unknown): boolean {
  const status = isRestError(error) ? (error.statusCode ?? 500) : 500;
  return status < 500 && status !== 408 && status !== 429;
}
