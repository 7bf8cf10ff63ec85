import type { Sink } from './kill-sink.ts';

/** What a watermark file says, as far as the kill test looks at it. */
export interface SeenWatermark {
  readonly exportedUntil: string;
  readonly runId: string;
  readonly claims: readonly { readonly from: string }[];
  readonly backfills: readonly object[];
  readonly publishing: readonly { readonly staged?: string; readonly path: string }[];
}

export async function readWatermark(sink: Sink, exportName: string): Promise<SeenWatermark | undefined> {
  const content = await sink.read(`${exportName}/_watermark.json`);
  return content === undefined ? undefined : JSON.parse(content.toString('utf8'));
}
