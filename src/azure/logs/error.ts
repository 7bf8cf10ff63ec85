import { NoItemIdError, OversizeError } from '../../core/logs.ts';

/** One `{ code, message, severity? }` of an error as Logs nests them: `details[]`, `innererror`, `innererror`... */
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly severity: number | undefined;
  readonly isInnermost: boolean;
}

/** How much of an answer came before it was given up. */
export interface Read {
  readonly rows: number;
  readonly bytes: number;
}

/** Result set too large (0x80DA0003), runaway query (0x80DA0001) and low memory (0x80DA0007). */
const OVERSIZE_CODES = new Set(['-2133196797', '-2133196799', '-2133196793', 'GatewayTimeout']);
const OVERSIZE_MESSAGE = /E_QUERY_RESULT_SET_TOO_LARGE|E_RUNAWAY_QUERY|E_LOW_MEMORY_CONDITION/;

const MAX_NESTING = 10;
const MAX_MESSAGE = 500;

/**
 * The error that a 200 answer's own `error` amounts to: an OversizeError when it was cut at a limit; `undefined` when
 * there is none, or nothing but warnings (severity 3 and above), with which the rows are whole.
 */
export function partialError(found: unknown, read: Read): Error | undefined {
  const faults = faultsOf(found);
  if (isOversize(faults)) return new OversizeError(`Logs sent a part of the answer: ${describe(faults)}`, read);
  if (!found || faults.filter((fault) => fault.isInnermost).every((fault) => (fault.severity ?? 0) >= 3))
    return undefined;
  return new Error(`Logs sent a part of the answer, with an error of the query: ${describe(faults)}`);
}

/** The error that an answer with another status than 200 amounts to. */
export function statusError(status: number, body: string, workspaceId: string): Error {
  const faults = faultsOf(parseError(body));
  const found = faults.length > 0 ? `${status}, ${describe(faults)}` : `${status}`;
  const nothingRead = { rows: 0, bytes: 0 };
  if (isOversize(faults)) return new OversizeError(`Logs gave the query up: ${found}`, nothingRead);
  switch (status) {
    case 400:
      return badRequest(found, faults);
    case 401:
    case 403:
      return new Error(
        `Logs refuses to read workspace ${workspaceId}: ${found}. Grant this identity the role Log Analytics Data Reader` +
          ' on the workspace; a new role can take up to an hour to work.',
      );
    case 404:
      return new Error(
        `Logs does not know workspace ${workspaceId}: ${found}. APPINSIGHTS_WORKSPACE_ID must be the Workspace ID (a GUID)` +
          ' from the overview of the Log Analytics workspace, and LOGS_ENDPOINT that of its cloud.',
      );
    case 408:
    case 504:
      return new OversizeError(`the query took too long for Logs: ${found}`, nothingRead);
    case 429:
      return new Error(
        `Logs is throttling: ${found}. Nothing is lost, the next run goes on; fewer exports at once help.`,
      );
    case 503:
      return new Error(`Logs is not available: ${found}. Nothing is lost, the next run goes on.`);
    default:
      return new Error(`Logs answered ${found}, expected 200`);
  }
}

function badRequest(found: string, faults: readonly Fault[]): Error {
  const codes = faults.map((fault) => fault.code);
  const text = faults.map((fault) => fault.message).join('\n');
  const isSemantic = codes.some((code) => code === 'SemanticError' || /^SEM\d+$/.test(code));
  if (isSemantic && text.includes("'_ItemId'")) return new NoItemIdError(`the table has no _ItemId: ${found}`);
  if (codes.includes('UnsupportedApiQueryValidationError') || /(Basic|Auxiliary) Logs table/.test(text)) {
    return new Error(
      `Logs refuses to query this table: ${found}. Tables of the Basic and Auxiliary plans need another API, which is` +
        ' not supported: switch the table to the Analytics plan, or take its export out of EXPORTS.',
    );
  }
  return new Error(`Logs refused the query: ${found}`);
}

function isOversize(faults: readonly Fault[]): boolean {
  return faults.some((fault) => OVERSIZE_CODES.has(fault.code) || OVERSIZE_MESSAGE.test(fault.message));
}

/** Codes from the outside in, and the innermost message: the outer ones say nothing. */
function describe(faults: readonly Fault[]): string {
  const codes = faults.map((fault) => fault.code).filter((code) => code !== '');
  const message = faults.findLast((fault) => fault.message !== '')?.message ?? '';
  return `${[...new Set(codes)].join(' / ')}: ${message.replace(/\s+/g, ' ').slice(0, MAX_MESSAGE)}`;
}

/** What an error body says: its `error`, or its text when it is something else, a proxy's HTML page for instance. */
function parseError(body: string): unknown {
  try {
    return JSON.parse(body)?.error ?? { message: body };
  } catch {
    const text = body.replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gs, ' ').trim();
    return text === '' ? undefined : { message: text };
  }
}

function faultsOf(found: unknown, nesting = 0): Fault[] {
  if (typeof found !== 'object' || found === null || nesting > MAX_NESTING) return [];
  const { code, message, severity, details, innererror } = found as Record<string, unknown>;
  const inner = [...(Array.isArray(details) ? details : []), innererror].flatMap((one) => faultsOf(one, nesting + 1));
  const fault: Fault = {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message: typeof message === 'string' ? message : '',
    severity: typeof severity === 'number' ? severity : undefined,
    isInnermost: inner.length === 0,
  };
  return [fault, ...inner];
}
