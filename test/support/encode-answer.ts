import { newSummary, readAnswer } from '../../src/azure/logs/answer.ts';
import { createLines } from '../../src/core/formats/lines.ts';
import { resume } from '../../src/core/rows.ts';

/** The lines of an answer, in chunks, and all of it but its rows. */
export async function encodeAnswer(body: AsyncIterable<Uint8Array>) {
  const summary = newSummary();
  const batches = readAnswer(body, summary);
  const first = await batches.next();
  const rows = { columns: summary.columns, batches: resume(first, batches) };
  return { chunks: await Array.fromAsync(createLines('none').encode(rows)), summary };
}
