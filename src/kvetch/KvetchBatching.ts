/**
 * How requests that run at the same time share calls to the store. Spec 7.
 * @inline
 */
export interface KvetchBatching {
  /** How long keys wait for those of other requests, in milliseconds. 0, the default: until the event loop's turn ends. */
  readonly maxWaitMs?: number;
  /** How many keys one call takes. Default 1,000. */
  readonly maxSize?: number;
  /** How many calls may be under way. Default: any number. */
  readonly maxCalls?: number;
}
