import { observeOwnLoad } from '../../src/step/observeLoad.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { assertBatch, type BatchOptions } from './BatchOptions.ts';
import type { LoaderSource } from './LoaderSource.ts';
import { allMapKeys, type MapKeys } from './mapKeys.ts';
import type { RequestInfo } from './RequestInfo.ts';
import { SharedCalls } from './SharedCalls.ts';

/** Stands for the contexts of loaders that read none. */
const NO_CONTEXT = Symbol('no context');

type CallsByVariant = Map<string, SharedCalls>;

/** Calls that gather or are under way, by loader, context key and variant. */
const gathering = new WeakMap<LoaderSource, Map<unknown, CallsByVariant>>();

/**
 * Loads keys for one request: by a call of its own, or together with other requests where the loader allows it; then the
 * answer is a `SharedAnswer`.
 */
export function callLoader(
  source: LoaderSource,
  variant: string,
  keys: readonly unknown[],
  mapKeys: MapKeys,
  info: RequestInfo,
): unknown {
  const { batch } = source;
  const options = typeof batch === 'function' ? checked(source.name, batch(info.context)) : batch;
  const contextKey = options?.contextKey === undefined ? NO_CONTEXT : options.contextKey(info.context);
  // Its own list: loaders cut up their lists.
  if (options === null || contextKey === null || contextKey === undefined)
    return observeOwnLoad(source, keys.slice(), info);
  return sharedCalls(source, contextKey, variant).load(keys, allMapKeys(mapKeys), info, options);
}

function checked(loader: string, options: BatchOptions | null): BatchOptions | null {
  if (options !== null) assertBatch(loader, options);
  return options ?? null;
}

function sharedCalls(source: LoaderSource, contextKey: unknown, variant: string): SharedCalls {
  return gathering.get(source)?.get(contextKey)?.get(variant) ?? gather(source, contextKey, variant);
}

function gather(source: LoaderSource, contextKey: unknown, variant: string): SharedCalls {
  const byContext = getOrCreate(gathering, source, () => new Map<unknown, CallsByVariant>());
  const byVariant = getOrCreate(byContext, contextKey, (): CallsByVariant => new Map());
  const calls = new SharedCalls(source, () => {
    // Nothing is kept for loads that nobody waits for.
    byVariant.delete(variant);
    if (byVariant.size === 0) byContext.delete(contextKey);
  });
  byVariant.set(variant, calls);
  return calls;
}
