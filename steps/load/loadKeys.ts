import { loadChannel } from '../../src/telemetry/channels.ts';
import type { LoaderSource } from './LoaderSource.ts';
import type { LoadInfo } from './loader.ts';

/** The only place that calls a load function. */
export function loadKeys(source: LoaderSource, keys: readonly unknown[], info: LoadInfo, requests = 1): unknown {
  if (!loadChannel.isHeard) return source.load(keys, info);
  return loadChannel.trace({ loader: source.name, keys: keys.length, requests }, () => source.load(keys, info));
}
