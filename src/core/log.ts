/** Where a run says what happened. Messages carry no secrets and no rows. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
