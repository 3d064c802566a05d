import { invalidationChannel } from '../../telemetry/reactiveChannels.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { DependencyKey } from '../keys/dependencyKeys.ts';
import type { WireKey } from '../keys/WireKeys.ts';
import type { Change, VersionStore } from './VersionStore.ts';

/**
 * Tells a version store of changes, and the channel of invalidations, where it has listeners. `keys`: the keys behind
 * `names`; empty where they are no longer known.
 */
export function tellVersions(
  versions: VersionStore,
  keys: readonly DependencyKey[],
  names: readonly WireKey[],
  everyMs = 0,
): MaybePromise<Change> {
  const tell = (): MaybePromise<Change> => versions.invalidate(names, everyMs);
  return invalidationChannel.isHeard ? invalidationChannel.trace({ versions, keys, names }, tell) : tell();
}
