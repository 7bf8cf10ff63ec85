import { quote, SCHEMA } from './names.ts';
import type { Target } from './target.ts';

/** Of the server, or on the way there. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  /** The SQLSTATE, or Node's name of what went wrong on the way. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof DatabaseError && codes.includes(error.code);
}

/** What the server answers; `undefined` where the schema or the table is not there yet: nothing has begun. */
export function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (hasCode(error, UNDEFINED_TABLE, INVALID_SCHEMA_NAME)) return undefined;
    throw error;
  });
}

const UNDEFINED_TABLE = '42P01';
const INVALID_SCHEMA_NAME = '3F000';

/** Says where, what was found, and what to do. */
export function explain(error: unknown, target: Target): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { message, code, where } = fieldsOf(error);
  const column = /column "?([^":,]+)/.exec(where)?.[1];
  const found = `${withoutValue(message, code)}${column === undefined ? '' : ` (column ${column})`}`;
  const hint = hintFor(message, code, target);
  const text = `${target.name}: ${found}${hint === undefined ? '' : `. ${hint}`}`;
  // Whoever says why something failed says its causes too, and so the value.
  return new DatabaseError(text, code, isOfValue(code) ? {} : { cause: error });
}

function fieldsOf(error: unknown): { message: string; code: string; where: string } {
  const { message, code, where } = (error ?? {}) as { message?: unknown; code?: unknown; where?: unknown };
  return { message: String(message ?? error), code: String(code ?? ''), where: String(where ?? '') };
}

/** What is wrong with a value is said with the value behind it, which belongs to a row. */
function withoutValue(message: string, code: string): string {
  return isOfValue(code) ? message.replace(/:? ".*$/s, '') : message;
}

function isOfValue(code: string): boolean {
  return code.startsWith('22');
}

function hintFor(message: string, code: string, target: Target): string | undefined {
  if (code === '42501') {
    const role = quote(target.user);
    return (
      `Let an administrator of the database run: create schema if not exists ${SCHEMA} authorization ${role}; for ` +
      `tables that are there already: alter table ... owner to ${role}`
    );
  }
  if (/^28|^$/.test(code) && /password|authentication|pg_hba/i.test(message)) {
    return target.takesToken
      ? "Make the app's identity a role of the server: select * from " +
          "pgaadauth_create_principal('<name>', false, false); the user in the URL is that name. Or set PGPASSWORD"
      : 'Set PGPASSWORD, and look whether the server lets this user in from here';
  }
  if (code === '3D000') return 'Create the database, or correct its name in the URL';
  if (code === '53300') {
    return (
      'A process takes up to four connections for each of EXPORT_QUERIES: lower that, or raise max_connections of the ' +
      'server or the CONNECTION LIMIT of the role'
    );
  }
  if (message === 'timeout exceeded when trying to connect') {
    return 'All connections of this process are in use: look in pg_stat_activity what they wait for';
  }
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/.test(code) || message === 'timeout expired') {
    return 'Look at host and port in the URL, and at firewalls on the way';
  }
  if (/certificate|does not support SSL/i.test(message) || code.startsWith('ERR_TLS')) {
    return 'Off this machine the server must show a certificate that Node trusts; one of your own: NODE_EXTRA_CA_CERTS';
  }
  return undefined;
}
