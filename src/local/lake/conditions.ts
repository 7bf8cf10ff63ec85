import type { IncomingHttpHeaders } from 'node:http';
import { DfsError, pathExists } from './dfs-error.ts';

/** `If-Match` and `If-None-Match` of a write, or with the prefix `x-ms-source-` those on the source of a rename. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export function conditionsOf(headers: IncomingHttpHeaders, prefix = ''): Conditions {
  return { ifMatch: plain(headers[`${prefix}if-match`]), ifNoneMatch: plain(headers[`${prefix}if-none-match`]) };
}

/** @param etag of what is there, `undefined` when nothing is. */
export function checkTarget(conditions: Conditions, etag: string | undefined): void {
  if (conditions.ifNoneMatch === '*' && etag !== undefined) throw pathExists();
  if (!holds(conditions, etag)) {
    throw new DfsError(412, 'ConditionNotMet', 'The condition specified using HTTP conditional header(s) is not met.');
  }
}

export function checkSource(conditions: Conditions, etag: string): void {
  if (!holds(conditions, etag)) {
    throw new DfsError(412, 'SourceConditionNotMet', 'The source condition specified is not met.');
  }
}

function holds({ ifMatch, ifNoneMatch }: Conditions, etag: string | undefined): boolean {
  if (ifMatch !== undefined && (etag === undefined || (ifMatch !== '*' && ifMatch !== etag))) return false;
  return ifNoneMatch === undefined || etag === undefined || (ifNoneMatch !== '*' && ifNoneMatch !== etag);
}

/** ETags are compared without their quotes. */
function plain(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.replaceAll('"', '') : undefined;
}
