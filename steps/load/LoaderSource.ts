import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { isReferenceable } from '../../src/step/references.ts';
import { DEFAULT_MAX_SIZE } from '../../src/utils/CallQueue.ts';
import { inspect } from '../../src/utils/inspect.ts';
import type { BatchOf } from './BatchOptions.ts';
import type { IoEquivalence, LoaderLike, LoadFunction, Pagination } from './loader.ts';

// biome-ignore lint/suspicious/noExplicitAny: loaders of any types are looked at alike
type AnyLoader = LoaderLike<any, any, any>;

/** The facts of a loader that load steps need, in one form. One for each loader: its identity in caches and batches. */
export interface LoaderSource {
  readonly number: number;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly load: LoadFunction<any, any, any>;
  readonly ioEquivalence: IoEquivalence | null;
  readonly pagination: Pagination | null;
  readonly batch: BatchOf | null;
  /** The attributes that equal the key, or parts of it, where there is something. */
  readonly identity: IoEquivalence | null;
  /** How many items its lists have: at most so many, or as many as the global of that name says; null: unknown. */
  readonly maxRows: number | string | null;
  /** How many keys one call takes at most; null: any number. */
  readonly maxKeys: number | null;
  /** Whether loads may start before their turn. */
  readonly ahead: boolean;
}

const sources = new WeakMap<object, LoaderSource>();
let last = 0;

export function loaderSource(loader: AnyLoader): LoaderSource {
  let source = sources.get(loader);
  if (source === undefined) {
    source = makeSource(loader);
    sources.set(loader, source);
  }
  return source;
}

function makeSource(loader: AnyLoader): LoaderSource {
  const number = ++last;
  if (typeof loader === 'function') {
    const name = loader.name || '(a function)';
    return {
      ...{ number, name, load: loader, ioEquivalence: null, pagination: null, batch: null },
      ...{ identity: null, ahead: true, maxRows: null, maxKeys: null },
    };
  }
  const { name, load, ioEquivalence = null, pagination, batch = null, identity = ioEquivalence, ahead = true } = loader;
  const { maxRows = 'unbounded' } = loader;
  return {
    ...{ number, name, load, ioEquivalence, pagination: pagination ?? null, batch, identity, ahead },
    ...{ maxRows: maxRows === 'unbounded' ? null : maxRows, maxKeys: maxKeysOf(batch) },
  };
}

/** Options that depend on the context are not known when the plan is made: any number of calls may be needed. */
function maxKeysOf(batch: BatchOf | null): number | null {
  if (batch === null) return null;
  return typeof batch === 'function' ? 1 : (batch.maxSize ?? DEFAULT_MAX_SIZE);
}

/** Refuses at plan time a value that is no loader. */
export function assertLoader(step: string, loader: unknown): asserts loader is AnyLoader {
  if (typeof loader === 'function') return;
  if (typeof loader === 'object' && isReferenceable(loader)) return;
  throw new PlanqlError('NOT_A_LOADER', `${step}() was given ${inspect(loader)}. It needs a loader() or a function.`);
}
