import type { WatchKind } from '../telemetry/reactiveChannels.ts';
import type { StepCalls } from './StepCalls.ts';

/** Why an operation was run: a client asked, fetched parts again, watches it live; or a person ran it again here. */
export type OperationCause = 'request' | 'refetch' | 'live' | 'replay';

/** Where the time of an operation went, in milliseconds. Null: that was not done by planql, or cannot be told apart. */
export interface OperationTimes {
  readonly parse: number | null;
  readonly validate: number | null;
  readonly plan: number;
  readonly execute: number;
  readonly write: number | null;
}

/** The dependencies of an operation's response. */
export interface RecordedDependencies {
  readonly status: 'full' | 'partial';
  readonly count: number;
  /** The batch of changes that its data is known to have. */
  readonly asOf: number;
  /** Wire keys, one behind the other. */
  readonly keys: string;
}

/** One operation that was run. */
export interface OperationRecord {
  readonly id: string;
  /** In milliseconds of `Date.now()`. */
  readonly at: number;
  readonly type: 'query' | 'mutation' | 'subscription' | 'refused';
  readonly cause: OperationCause;
  /** By which function of the engine. */
  readonly kind: 'execute' | 'positions' | 'incremental' | 'subscribe';
  readonly name: string;
  /** Cut where it is long: it can then neither be shown as a plan nor be run again. */
  readonly text: string;
  readonly isWhole: boolean;
  /** The names of the variables; with their values only where the application wants that. */
  readonly variables: string;
  readonly ms: number;
  readonly times: OperationTimes;
  readonly isPlanCached: boolean;
  /** Of the response; null: the server writes it. */
  readonly responseBytes: number | null;
  readonly errors: readonly string[];
  readonly errorCount: number;
  readonly calls: StepCalls;
  /** The operation that it is a run of. */
  readonly operationName: string | null;
  readonly bytes: number;
  readonly dependencies: RecordedDependencies | null;
  /** The batches of changes that made it run, or that it made: `epoch:seq`. */
  readonly changes: readonly string[];
}

/** The number of watchers of each kind on one server that a batch of changes was sent to. */
export interface Told extends Readonly<Record<WatchKind, number>> {
  /** When, by the clock of that server. */
  readonly at: number;
}

/** A refetch or a run of a live query that a batch of changes led to. */
export interface Effect {
  readonly server: string;
  readonly kind: 'refetch' | 'live';
  readonly name: string;
  /** Its record, on its server. */
  readonly operation: string;
  readonly ms: number;
}

/** One batch of changes. */
export interface InvalidationRecord {
  /** `epoch:seq` */
  readonly id: string;
  readonly seq: number;
  at: number;
  /** Where it was written; null: that is not known, as it came from a server without an inspector. */
  server: string | null;
  /** The operation that wrote, and its record there; null: code, or a service. */
  name: string | null;
  operation: string | null;
  /** How long the version store took. */
  flushMs: number | null;
  /** How many keys there are of each kind: `o` objects, `e` lists, `i` indexes, `t` types, `m` by hand. */
  kinds: Readonly<Record<string, number>>;
  readonly keyCount: number;
  /** Wire keys, one behind the other; of very many keys the first. */
  readonly keys: string;
  /** The kind of each of these keys, a character each; empty: it was written on another server. */
  keyKinds: string;
  /** The keys as texts, where the application wants that. */
  texts: readonly string[] | null;
  /** By server. */
  readonly told: Map<string, Told>;
  readonly effects: Effect[];
  effectCount: number;
  bytes: number;
}

/** The parts of requests that records may show, beside names and figures. */
export interface ShownOptions {
  /** The values of variables; false: their names only. Default false. */
  readonly variables?: boolean;
  /** Dependency keys as texts, which hold ids; false: their names on the wire only. Default false. */
  readonly keys?: boolean;
}
