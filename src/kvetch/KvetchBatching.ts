import { KvetchOptionError, quote } from './errors.ts';

/** How requests that run at the same time share calls to the store. */
export interface KvetchBatching {
  /** How long keys wait for those of other requests, in milliseconds. 0, the default: until the event loop's turn ends. */
  readonly maxWaitMs?: number;
  /** How many keys one call takes. Default 1,000. */
  readonly maxSize?: number;
  /** How many calls may be under way. Default: any number. */
  readonly maxCalls?: number;
}

const limits: ReadonlyMap<string, number> = new Map([
  ['maxWaitMs', 0],
  ['maxSize', 1],
  ['maxCalls', 1],
]);

/** The option `batching`; null: calls are not shared. Throws `KvetchOptionError` for limits with which no call would begin. */
export function checkBatching(given: boolean | KvetchBatching): KvetchBatching | null {
  if (given === true) return {};
  if (!given) return null;
  for (const [name, value] of Object.entries(given)) {
    const least = limits.get(name);
    if (least === undefined) throw new KvetchOptionError(`createKvetch: there is no "batching.${name}".`);
    if (value === undefined || (typeof value === 'number' && value >= least)) continue;
    throw new KvetchOptionError(`createKvetch: "batching.${name}" is ${quote(value)} and must be ${least} or more.`);
  }
  return given;
}
