import type { MaybePromise } from '../../utils/MaybePromise.ts';

/** A moment in the history of a version store. Another epoch means that the counters began anew. Spec 11.2.4. */
export interface Moment {
  /** A random text. Spec 11.2.6. */
  readonly epoch: string;
  /** How many batches of invalidations there were in this epoch. */
  readonly seq: number;
}

/** The state of one key. A key that was never invalidated, or was forgotten, has version 0 and `seq` 0. */
export interface KeyState {
  /** How often it was invalidated. */
  readonly version: number;
  /** The number of the batch that invalidated it last. */
  readonly seq: number;
}

/** Keys as they were at a moment. */
export interface Reading extends Moment {
  /** Keys whose last change is not later than this may be forgotten. */
  readonly floor: number;
  /** In the order of the keys that were asked for. */
  readonly states: readonly KeyState[];
}

/** One batch of invalidations. */
export interface Change extends Moment {
  /** The names of the keys that were invalidated, each once. */
  readonly keys: readonly string[];
  /** The new versions, by key. */
  readonly versions: readonly number[];
}

/** Is called when versions change: `VersionStore.listen`. */
export interface VersionListener {
  /** Keys were invalidated. May be called twice, and late. */
  onChange(change: Change): void;
  /** Changes may have been missed: important data must be read again. */
  onGap(): void;
}

/** Texts that processes send each other for the inspector. They may get lost; nothing else depends on them. */
export interface Notes {
  /** Sends a text to the other processes that share the version store; listeners of this process may hear it, too. */
  send(text: string): void;
  /** Calls the listener until the function that it returns is called. */
  listen(listener: (text: string) => void): () => void;
}

/**
 * Counts changes of keys for all processes that share it. Implements spec/11-reactive.md, 11.2. Memory and Redis
 * pass one contract suite.
 */
export interface VersionStore {
  /** How far this process has seen: never later than the truth. Null as long as nothing is known. */
  readonly seen: Moment | null;
  /**
   * Whether listeners hear of all changes up to `seen`, and the store answers, as far as this process knows. Then
   * versions need not be read again. Absent: unknown.
   */
  readonly isCurrent?: boolean;
  /**
   * Reads the versions of keys.
   * @throws VersionsUnavailableError
   */
  read(keys: readonly string[]): MaybePromise<Reading>;
  /**
   * Counts each key up, once, in one batch. Equal keys count once. With `everyMs`, a key that was counted with it less than
   * `everyMs` milliseconds ago is owed: it is not in the batch, and is counted once, by any process that shares the store,
   * when that time is over. @throws VersionsUnavailableError
   */
  invalidate(keys: readonly string[], everyMs?: number): MaybePromise<Change>;
  /**
   * Begins a new epoch: all that was read before is stale, whatever its keys. For changes whose keys nobody knows.
   * Spec 11.2.6. @throws VersionsUnavailableError
   */
  beginEpoch(): MaybePromise<void>;
  /** Calls the listener until the function that it returns is called. */
  listen(listener: VersionListener): () => void;
  /** Where several processes share the store: their notes to each other for the inspector. */
  readonly notes?: Notes;
  /** Ends its connections. Calls after it fail. */
  close(): MaybePromise<void>;
}
