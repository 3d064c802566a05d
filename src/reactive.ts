/** `planql/reactive`: the dependencies of responses, and news of their changes. */

export { followChanges } from './reactive/changes/followChanges.ts';
export type { RowChange } from './reactive/changes/RowChange.ts';
export {
  createReactive,
  Reactive,
  type ReactiveOptions,
} from './reactive/createReactive.ts';
export { hasServiceToken } from './reactive/external/ExternalInvalidations.ts';
export { invalidateField, invalidateTypeDefs } from './reactive/external/invalidateField.ts';
export { createInvalidator, Invalidator, type InvalidatorOptions } from './reactive/Invalidator.ts';
export { manualKey, objectKey } from './reactive/keys/dependencyKeys.ts';
export { createLiveQueries, LiveQueries, type LiveQueriesOptions } from './reactive/live/createLiveQueries.ts';
export type { LiveLimits } from './reactive/live/limits.ts';
export { liveDirectives, liveTypeDefs } from './reactive/live/liveDirective.ts';
export { forGraphqlSse, forGraphqlWs, useLiveQueries } from './reactive/live/plugs.ts';
export type { ReactiveArgs } from './reactive/ReactiveArgs.ts';
export { heldAt } from './reactive/response/describe.ts';
export {
  type AttachedLive,
  type AttachedReactive,
  type AttachOptions,
  attachReactive,
} from './reactive/server/attachReactive.ts';
export {
  createInvalidationServer,
  type InvalidationServer,
  type InvalidationServerOptions,
} from './reactive/server/createInvalidationServer.ts';
export type { ServerLimits } from './reactive/server/limits.ts';
export { nodeHandler, toRequest } from './reactive/server/nodeHandler.ts';
export type { StandaloneOptions } from './reactive/server/StandaloneOptions.ts';
export { SUBPROTOCOL } from './reactive/server/sockets.ts';
export { dependsOn, withoutReactivity } from './reactive/tracking/Tracker.ts';
export { VersionsUnavailableError } from './reactive/versions/errors.ts';
export { type MemoryVersionsOptions, memoryVersions } from './reactive/versions/memoryVersions.ts';
export { type Held, heldVersion, isStale } from './reactive/versions/staleness.ts';
export type { Change, Moment, Notes, VersionListener, VersionStore } from './reactive/versions/VersionStore.ts';
export { Watches } from './reactive/versions/Watches.ts';
export type { ReactiveExtension } from './utils/reactiveExtension.ts';
