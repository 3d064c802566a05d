/** `planql/reactive`: what responses depend on, and who hears when that changes. */

export {
  type DependencyKey,
  edgeKey,
  indexKey,
  manualKey,
  objectKey,
  toKey,
  typeKey,
} from './reactive/keys/dependencyKeys.ts';
export { VersionsUnavailableError } from './reactive/versions/errors.ts';
export { type MemoryVersionsOptions, memoryVersions } from './reactive/versions/memoryVersions.ts';
export { type Held, heldVersion, isStale } from './reactive/versions/staleness.ts';
export type {
  Change,
  KeyState,
  Moment,
  Reading,
  VersionListener,
  VersionStore,
} from './reactive/versions/VersionStore.ts';
export { Watches, type WatchListener } from './reactive/versions/Watches.ts';
