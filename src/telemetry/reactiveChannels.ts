import { type PlainChannel, plainChannel } from './plainChannel.ts';
import { type Traceable, traceable } from './traceable.ts';

/** A request that lists the dependencies of its response runs. The operations of engines that it runs lie within it. */
export interface ReactiveMessage {
  /** `refetch`: parts that a client fetches again. `live`: a run of a live query behind its first. */
  readonly kind: 'query' | 'refetch' | 'live' | 'incremental' | 'subscribe';
  /** Of `live`: the last batch of changes that the run before it is known to have. Else 0. */
  readonly after: number;
}

/** The dependencies of a response are known. Published within the request. */
export interface DependencyMessage {
  /** The version store. */
  readonly versions: object;
  readonly status: 'full' | 'partial';
  /** The epoch of the version store, and its last batch that the data is known to have. */
  readonly epoch: string;
  readonly asOf: number;
  /** Each key once, as clients see it, with the number of the batch that changed it last: 0 where that is not known. */
  readonly keys: readonly string[];
  /** The same, one behind the other. */
  readonly text: string;
  readonly states: readonly { readonly seq: number }[];
}

/** The version store is given changes. The `result` is the batch: `{ epoch, seq, keys, versions }`. */
export interface InvalidationMessage {
  /** The version store. */
  readonly versions: object;
  /** Dependency keys: they hold ids. Empty where earlier changes are published again. */
  readonly keys: readonly string[];
  /** The names of the keys that clients and version stores see. */
  readonly names: readonly string[];
}

/** A change has come to this process, and the watchers of its keys were told. */
export interface PropagationMessage {
  /** The version store. */
  readonly versions: object;
  readonly epoch: string;
  readonly seq: number;
  readonly keys: readonly string[];
  /** The number of watched sets that were told: of sockets and streams, of waiting polls, of live queries, of others. */
  readonly told: Readonly<Record<WatchKind, number>>;
}

/** The kind of a watcher of keys. */
export type WatchKind = 'session' | 'poll' | 'live' | 'other';

/** A diagnostics channel: requests that ask for dependencies, refetches, live runs. */
export const reactiveChannel: Traceable<ReactiveMessage> = traceable('planql:reactive');
/** A diagnostics channel: the dependencies of each response that names them. */
export const dependencyChannel: PlainChannel<DependencyMessage> = plainChannel('planql:dependencies');
/** A diagnostics channel: each batch of invalidations. */
export const invalidationChannel: Traceable<InvalidationMessage> = traceable('planql:invalidation');
/** A diagnostics channel: how a change reached a client, and how long that took. */
export const propagationChannel: PlainChannel<PropagationMessage> = plainChannel('planql:propagation');
