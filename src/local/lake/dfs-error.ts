import { isRestError } from '@azure/core-rest-pipeline';

/** An answer of the Data Lake's DFS endpoint that is not a success. */
export class DfsError extends Error {
  override readonly name = 'DfsError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

export const pathNotFound = () => new DfsError(404, 'PathNotFound', 'The specified path does not exist.');
export const pathExists = () => new DfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
export const typeMismatch = () =>
  new DfsError(409, 'ResourceTypeMismatch', 'The resource type does not match that of the existing resource.');
export const notOffered = (what: string) =>
  new DfsError(501, 'NotImplemented', `The local Data Lake does not offer ${what}.`);

export const badQuery = (name: string, reason: string) =>
  new DfsError(400, 'InvalidQueryParameterValue', `The value of the query parameter ${name} ${reason}.`);

/** An error of Azurite's blob endpoint in the words of the DFS endpoint. */
export function toDfsError(error: unknown): DfsError {
  if (error instanceof DfsError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (azuriteCode(error) === 'ContainerNotFound') {
    return new DfsError(404, 'FilesystemNotFound', 'The specified filesystem does not exist.', { cause: error });
  }
  return new DfsError(500, 'InternalError', message, { cause: error });
}

export function azuriteCode(error: unknown): string | undefined {
  if (!isRestError(error)) return undefined;
  // The answer to a HEAD has no body: its code is in a header.
  return error.code ?? (error.details as { errorCode?: string } | undefined)?.errorCode;
}
