import { randomUUID } from 'node:crypto';
import type { Row } from './database.ts';
import { type Envelope, rowsOf } from './envelope.ts';

/** The ingestion endpoint's answer. */
export interface TrackReply {
  readonly status: number;
  readonly body: {
    readonly itemsReceived: number;
    readonly itemsAccepted: number;
    readonly errors: readonly { readonly index: number; readonly statusCode: number; readonly message: string }[];
  };
  /** The accepted rows by table. */
  readonly rows: ReadonlyMap<string, Row[]>;
}

/** Reads the body of `POST /v2.1/track`: envelopes as a JSON array, or as lines of JSON. */
export function track(body: string, instrumentationKey: string, nowTicks: bigint): TrackReply {
  const text = body.trim();
  const items: string[] | Envelope[] = text.startsWith('[') ? parseArray(text) : text.split(/\r?\n/).filter(Boolean);
  const errors: { index: number; statusCode: number; message: string }[] = [];
  const rows = new Map<string, Row[]>();
  items.forEach((item, index) => {
    try {
      const envelope: Envelope = typeof item === 'string' ? JSON.parse(item) : item;
      if (envelope.iKey !== instrumentationKey) throw new Error('Invalid instrumentation key.');
      for (const { table, row } of rowsOf(envelope, nowTicks)) {
        const list = rows.get(table) ?? [];
        list.push({ ...row, _ItemId: randomUUID() });
        rows.set(table, list);
      }
    } catch (error) {
      errors.push({ index, statusCode: 400, message: error instanceof Error ? error.message : String(error) });
    }
  });
  const itemsAccepted = items.length - errors.length;
  const status = errors.length === 0 ? 200 : itemsAccepted > 0 ? 206 : 400;
  return { status, body: { itemsReceived: items.length, itemsAccepted, errors }, rows };
}

function parseArray(text: string): Envelope[] | string[] {
  try {
    return JSON.parse(text);
  } catch {
    // One line that is no envelope: it is counted and refused like any other.
    return [text];
  }
}
