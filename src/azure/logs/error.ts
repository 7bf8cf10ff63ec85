import { oneLine } from '../../core/human.ts';
import { workspaceColumn } from '../../core/kql/old-names.ts';
import { TABLES } from '../../core/kql/tables.ts';
import { NoItemIdError, OversizeError } from '../../core/logs.ts';
import { isResource, nameSource } from '../../core/source.ts';
import type { Summary } from './answer.ts';

/** Logs, or something before it, gave up waiting: the window may be too large, or Logs be out of order. */
export class SlowError extends Error {
  override readonly name = 'SlowError';
}

/** Result set too large (0x80DA0003): the one error that says how large an answer may be. */
const TOO_LARGE = /^-2133196797$|E_QUERY_RESULT_SET_TOO_LARGE/;
/** Runaway query (0x80DA0001), low memory (0x80DA0007), and a time-out in the middle of an answer. */
const TOO_MUCH = /^-2133196799$|^-2133196793$|^GatewayTimeout$|E_RUNAWAY_QUERY|E_LOW_MEMORY_CONDITION/;
/** From here on a severity is a warning. */
const WARNING = 3;
const MAX_NESTING = 10;
const NOTHING_READ = { rows: 0, bytes: 0 };

/**
 * The error that a 200 answer's own `error` amounts to: an OversizeError when it was cut at a limit; `undefined` when
 * there is none, or nothing but warnings, with which the rows are whole.
 */
export function partialError({ error, columns, rows, bytes }: Summary): Error | undefined {
  if (error === undefined) return undefined;
  const found = describe(error);
  if (has(error, TOO_LARGE)) return new OversizeError(`Logs sent a part of the answer: ${found}`, { rows, bytes });
  if (has(error, TOO_MUCH)) return new OversizeError(`Logs gave the query up: ${found}`, NOTHING_READ);
  if (columns.length === 0) return new Error(`Logs answered with an error in place of a table: ${found}`);
  if (isWarning(error)) return undefined;
  return new Error(`Logs sent a part of the answer, with an error of the query: ${found}`);
}

/** The error that an answer with another status than 200 amounts to. */
export function statusError(status: number, body: string, source: string): Error {
  const error = parseError(body);
  const found = error === undefined ? `${status}` : `${status}, ${describe(error)}`;
  // A gateway that did not wait may know nothing of the query.
  if (status === 408 || status === 504) return new SlowError(`the query took too long for Logs: ${found}`);
  if (has(error, TOO_LARGE) || has(error, TOO_MUCH))
    return new OversizeError(`Logs gave the query up: ${found}`, NOTHING_READ);
  switch (status) {
    case 400:
      return badRequest(found, error);
    case 401:
    case 403:
      return new Error(`Logs refuses to read ${nameSource(source)}: ${found}. ${accessHint(status, body)}`);
    case 404:
      return new Error(`Logs does not know ${nameSource(source)}: ${found}. ${sourceHint(source)}`);
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

const NO_HOST = 'Check LOGS_ENDPOINT and the DNS: a private network needs the zone privatelink.monitor.azure.com';
const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: NO_HOST,
  EAI_AGAIN: NO_HOST,
  ECONNREFUSED: 'Nothing listens there: start the emulators (npm run emulators), or correct LOGS_ENDPOINT',
};

/** The error of a request that nothing answered. */
export function unreachable(host: string, cause: Error): Error {
  const [code = ''] = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED)\b/.exec(cause.message) ?? [];
  const hint = UNREACHABLE[code];
  return new Error(`cannot reach Logs at ${host}: ${oneLine(cause.message)}${hint ? `. ${hint}` : ''}`, { cause });
}

function sourceHint(source: string): string {
  const id = isResource(source)
    ? "<NAME>_SOURCE must be the resource's id as its properties in the portal show it"
    : 'APPINSIGHTS_WORKSPACE_ID or <NAME>_SOURCE must be the Workspace ID (a GUID) from the overview of the Log' +
      ' Analytics workspace';
  return `${id}, and LOGS_ENDPOINT that of its cloud.`;
}

function accessHint(status: number, body: string): string {
  const network =
    'the workspace takes queries from private networks only (its "Network isolation"): run the app in one of them, ' +
    'or allow queries from public networks.';
  if (/private.?link|public.?network|network.?(isolation|security)/i.test(body)) return `It seems that ${network}`;
  const role =
    'Grant this identity the role Log Analytics Data Reader on the workspace;' +
    ' a new role can take up to an hour to work.';
  return status === 403 ? `${role} If it has the role, perhaps ${network}` : role;
}

function badRequest(found: string, error: unknown): Error {
  const faults = faultsOf(error);
  const text = faults.map((fault) => fault.message).join('\n');
  const isSemantic = has(error, /^SemanticError$|^SEM\d+$/);
  if (isSemantic && text.includes("'_ItemId'")) return new NoItemIdError(`the table has no _ItemId: ${found}`);
  if (has(error, /^UnsupportedApiQueryValidationError$|(Basic|Auxiliary) Logs table/)) {
    return new Error(
      `Logs refuses to query this table: ${found}. Tables of the Basic and Auxiliary plans need another API, which is` +
        ' not supported: switch the table to the Analytics plan, or take its export out of EXPORTS.',
    );
  }
  const [, name] = /(?:Failed to resolve [^']{0,80}|The name )'([^']{1,100})'/i.exec(text) ?? [];
  return new Error(`Logs refused the query: ${found}${name === undefined ? '' : `. ${nameHint(oneLine(name))}`}`);
}

function nameHint(name: string): string {
  const known = Object.hasOwn(TABLES, name) ? TABLES[name] : workspaceColumn(name);
  if (known !== undefined) return `In a workspace ${name} is called ${known}.`;
  return `Correct the name; a column that no row has had yet is written column_ifexists("${name}", "").`;
}

function has(error: unknown, pattern: RegExp): boolean {
  return faultsOf(error).some((fault) => pattern.test(fault.code) || pattern.test(fault.message));
}

/** Codes from the outside in, and the innermost message: the outer ones say nothing. */
function describe(error: unknown): string {
  const faults = faultsOf(error);
  const codes = new Set(faults.map((fault) => fault.code).filter((code) => code !== ''));
  const message = faults.findLast((fault) => fault.message !== '')?.message ?? '';
  return oneLine(codes.size === 0 && message === '' ? JSON.stringify(error) : `${[...codes].join(' / ')}: ${message}`);
}

/** What an error body says: its `error`, or its text when it is something else, a proxy's HTML page for instance. */
function parseError(body: string): unknown {
  try {
    return JSON.parse(body)?.error ?? { message: body };
  } catch {
    const text = textOf(body).trim();
    return text === '' ? undefined : { message: text };
  }
}

/** The text of a page, read once from front to end: it may be anything. */
function textOf(page: string): string {
  const [start = '', ...tags] = page.split('<');
  let hidden = '';
  const texts = tags.map((tag) => {
    const name = /^\/?\w{0,10}/.exec(tag)?.[0].toLowerCase() ?? '';
    if (hidden === '' && (name === 'style' || name === 'script')) hidden = name;
    else if (name === `/${hidden}`) hidden = '';
    const end = tag.indexOf('>');
    return hidden === '' && end >= 0 ? tag.slice(end + 1) : '';
  });
  return [start, ...texts].join(' ');
}

/** All objects of an error, `{ code, message, details[], innererror }` and any other, from the outside in. */
function faultsOf(found: unknown, nesting = 0): { code: string; message: string }[] {
  if (typeof found !== 'object' || found === null || nesting > MAX_NESTING) return [];
  const inner = Object.values(found).flatMap((one) => faultsOf(one, nesting + 1));
  if (Array.isArray(found)) return inner;
  const { code, message } = found as Record<string, unknown>;
  const fault = {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message: typeof message === 'string' ? message : '',
  };
  return [fault, ...inner];
}

/** Whether an error is understood whole and nothing in it is graver than a warning. */
function isWarning(found: unknown, nesting = 0): boolean {
  if (typeof found !== 'object' || found === null || Array.isArray(found) || nesting > MAX_NESTING) return false;
  const { severity } = found as Record<string, unknown>;
  const inner = Object.entries(found).flatMap(([key, value]) => {
    const isFault = value !== null && (typeof value === 'object' || key === 'details' || key === 'innererror');
    return isFault ? value : [];
  });
  const isMild = severity === undefined ? inner.length > 0 : typeof severity === 'number' && severity >= WARNING;
  return isMild && inner.every((one) => isWarning(one, nesting + 1));
}
