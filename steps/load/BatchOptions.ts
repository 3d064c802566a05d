import { atLeast, checkOptions, type OptionTable } from '../../src/errors/checkOptions.ts';
import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { inspect } from '../../src/utils/inspect.ts';

/**
 * How calls of a loader are shared between requests that run at the same time (rule R16). Where several ask for one key,
 * all but the first get a copy of its row, if that is plain data. Instances of classes are handed to all of them: freeze
 * these, or return plain objects, where resolvers write to rows.
 * @inline
 */
export interface BatchOptions {
  /** How long keys wait for those of other requests, in milliseconds. 0, the default: until the event loop's turn ends. */
  readonly maxWaitMs?: number | undefined;
  /** How many keys one call takes. More keys are divided into calls, fairly between requests. Default 1,000. */
  readonly maxSize?: number | undefined;
  /** How many shared calls with equal globals may be under way. More keys gather meanwhile. Default: any number. */
  readonly maxCalls?: number | undefined;
  /**
   * Requests whose contexts have the same key share calls, which see the context of one of them. Objects are the same
   * key when they are the same object; null and undefined: this request shares with nobody. Without it the loader must
   * not read `context`.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the context has the application's type
  readonly contextKey?: ((context: any) => unknown) | undefined;
}

/** Batching that depends on the context; null: not for this request. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type BatchOf = BatchOptions | ((context: any) => BatchOptions | null);

const batchOptions: OptionTable<BatchOptions> = {
  maxWaitMs: atLeast(0),
  maxSize: atLeast(1),
  maxCalls: atLeast(1),
  contextKey: (key) => (typeof key === 'function' ? null : 'must be a function'),
};

/** Refuses options that could never work, when the loader is made. */
export function assertBatch(loader: string, batch: unknown): void {
  if (batch === undefined || typeof batch === 'function') return;
  if (typeof batch !== 'object' || batch === null) {
    throw new PlanqlError('LOADER_BATCH', `Loader "${loader}" needs options as "batch", but has ${inspect(batch)}.`);
  }
  checkOptions(`Loader "${loader}"`, { batch }, { batch: batchOptions });
}
