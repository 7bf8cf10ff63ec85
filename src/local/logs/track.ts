import type { Row } from './database.ts';
import { type Envelope, rowsOf } from './envelope.ts';
import type { Workspace } from './workspace.ts';

/** The ingestion endpoint's answer. */
interface TrackReply {
  readonly status: number;
  readonly body: {
    readonly itemsReceived: number;
    readonly itemsAccepted: number;
    readonly errors: readonly { readonly index: number; readonly statusCode: number; readonly message: string }[];
  };
}

/** Rows of one table from one component. */
interface Delivery {
  readonly instrumentationKey: string;
  readonly table: string;
  readonly rows: Row[];
}

/** Takes the body of `POST /v2.1/track`: envelopes as a JSON array, or as lines of JSON, each for its own component. */
export async function track(body: string, workspaces: readonly Workspace[]): Promise<TrackReply> {
  const text = body.trim();
  const items: string[] | Envelope[] = text.startsWith('[') ? parseArray(text) : text.split(/\r?\n/).filter(Boolean);
  const errors: { index: number; statusCode: number; message: string }[] = [];
  const deliveries = new Map<string, Delivery>();
  items.forEach((item, index) => {
    try {
      const envelope: Envelope = typeof item === 'string' ? JSON.parse(item) : item;
      const { iKey: instrumentationKey = '' } = envelope;
      const workspace = workspaceOf(instrumentationKey, workspaces);
      if (workspace === undefined) throw new Error('Invalid instrumentation key.');
      for (const { table, row } of rowsOf(envelope, workspace.nowTicks())) {
        const key = `${instrumentationKey} ${table}`;
        const delivery = deliveries.get(key) ?? { instrumentationKey, table, rows: [] };
        delivery.rows.push(row);
        deliveries.set(key, delivery);
      }
    } catch (error) {
      errors.push({ index, statusCode: 400, message: error instanceof Error ? error.message : String(error) });
    }
  });
  for (const { instrumentationKey, table, rows } of deliveries.values()) {
    await workspaceOf(instrumentationKey, workspaces)?.ingest(table, rows, { instrumentationKey });
  }
  const itemsAccepted = items.length - errors.length;
  const status = errors.length === 0 ? 200 : itemsAccepted > 0 ? 206 : 400;
  return { status, body: { itemsReceived: items.length, itemsAccepted, errors } };
}

function workspaceOf(key: string, workspaces: readonly Workspace[]): Workspace | undefined {
  return workspaces.find(({ components }) => components.some((each) => each.instrumentationKey === key));
}

function parseArray(text: string): Envelope[] | string[] {
  try {
    return JSON.parse(text);
  } catch {
    // One line that is no envelope: it is counted and refused like any other.
    return [text];
  }
}
