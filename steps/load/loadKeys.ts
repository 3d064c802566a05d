import { loadChannel } from '../../src/telemetry/channels.ts';
import { counting } from '../../src/telemetry/counting.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import type { LoaderSource } from './LoaderSource.ts';
import type { LoadInfo } from './loader.ts';

/** Calls a load function for one request, in the call of its step: who counts knows of it when the step has its values. */
export function loadOwnKeys(source: LoaderSource, keys: readonly unknown[], info: LoadInfo): unknown {
  const isCounted = counting.isOn && counting.begins(source.name, keys.length);
  return isCounted || !counting.isOn ? callSource(source, keys, info, 1) : loadKeys(source, keys, info);
}

/** Calls a load function, on whoever's behalf. */
export function loadKeys(source: LoaderSource, keys: readonly unknown[], info: LoadInfo, requests = 1): unknown {
  if (!counting.isOn) return callSource(source, keys, info, requests);
  const { name } = source;
  const started = performance.now();
  const end = (): void => counting.call('load', name, keys.length, performance.now() - started);
  const fail = (): void => {
    end();
    counting.failure('load', name);
  };
  let result: unknown;
  try {
    result = callSource(source, keys, info, requests);
  } catch (error) {
    fail();
    throw error;
  }
  if (isPromiseLike(result)) result.then(end, fail);
  else end();
  return result;
}

/** The only place that calls a load function. */
function callSource(source: LoaderSource, keys: readonly unknown[], info: LoadInfo, requests: number): unknown {
  if (!loadChannel.isHeard) return source.load(keys, info);
  return loadChannel.trace({ loader: source.name, keys: keys.length, requests }, () => source.load(keys, info));
}
