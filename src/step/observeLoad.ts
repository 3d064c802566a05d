import { loadChannel } from '../telemetry/channels.ts';
import { counting } from '../telemetry/counting.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import { isRecord } from '../utils/isRecord.ts';

/** A function that loads values by their keys, with the name under which it is traced and counted. */
export interface ObservedLoader<TInfo> {
  readonly name: string;
  load(keys: readonly unknown[], info: TInfo): unknown;
}

/**
 * Calls a load function within `execute` of the step that needs its values. Telemetry times it with the step: the load is
 * over when the step has its values.
 */
export function observeOwnLoad<TInfo>(loader: ObservedLoader<TInfo>, keys: readonly unknown[], info: TInfo): unknown {
  const isCounted = counting.isOn && counting.begins(loader.name, keys.length);
  return isCounted || !counting.isOn ? traced(loader, keys, info, 1) : observeLoad(loader, keys, info);
}

/** Calls a load function outside of any step's `execute`, for `requests` requests at once. */
export function observeLoad<TInfo>(
  loader: ObservedLoader<TInfo>,
  keys: readonly unknown[],
  info: TInfo,
  requests = 1,
): unknown {
  if (!counting.isOn) return traced(loader, keys, info, requests);
  const { name } = loader;
  const started = performance.now();
  const end = (): void => counting.call('load', name, keys.length, performance.now() - started);
  const fail = (): void => {
    end();
    counting.failure('load', name);
  };
  let result: unknown;
  try {
    result = traced(loader, keys, info, requests);
  } catch (error) {
    fail();
    throw error;
  }
  if (isPromiseLike(result)) result.then(end, fail);
  else end();
  return result;
}

/** Counts a failure of a load that `observeOwnLoad` began. */
export function observeLoadFailure(name: string): void {
  if (counting.isOn) counting.failure('load', name);
}

/** Counts keys that were started ahead of their turn, and those of them that were needed. */
export function observeAhead(name: string, started: number, used: number): void {
  if (counting.isOn) counting.ahead(name, started, used);
}

function traced<TInfo>(
  loader: ObservedLoader<TInfo>,
  keys: readonly unknown[],
  info: TInfo,
  requests: number,
): unknown {
  if (!loadChannel.isHeard) return loader.load(keys, info);
  return loadChannel.trace(
    {
      loader: loader.name,
      keys: keys.length,
      requests,
      isAhead: isRecord(info) && info.isAhead === true,
    },
    () => loader.load(keys, info),
  );
}
