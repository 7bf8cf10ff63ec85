import type { Position } from '../../src/core/sink.ts';

/** Where an export of `requests` begins. */
export function firstPosition(startMs: number): Position {
  return {
    export: 'requests',
    source: 'workspace',
    query: 'AppRequests',
    exportedFromMs: startMs,
    exportedUntilMs: startMs,
    windowMs: 5000,
    look: { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true },
    claims: [],
    backfills: [],
  };
}
