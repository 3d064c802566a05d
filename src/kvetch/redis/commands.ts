import type { CacheKey } from './cacheKeys.ts';

/** One command, and an entry whose slot it goes to. */
export interface Command {
  readonly key: CacheKey;
  readonly words: ReadonlyArray<string | number>;
}

/** A reply, or the error of this command alone. */
export type Reply = unknown;

export function isError(reply: Reply): reply is Error {
  return reply instanceof Error;
}
