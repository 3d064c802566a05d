import { type PlainChannel, plainChannel } from './plainChannel.ts';
import { type Traceable, traceable } from './traceable.ts';

/** A listener for the steps that one operation runs. */
export interface StepObserver {
  /** A call is over. `waited`: its values were not there when `execute` returned. `started`: by `performance.now()`. */
  onCall(steps: readonly number[], rows: number, milliseconds: number, waited: boolean, started: number): void;
  /** A count or note that a step gave to `extra.trace`. */
  onTrace(step: number, name: string, value: number | string): void;
}

/** An engine reads a document that its cache did not have. */
export interface DocumentMessage {
  readonly engine: object;
  /** Null: it was refused. */
  readonly document: object | null;
  readonly parseMs: number;
  readonly validateMs: number;
}

/** An operation is run by an engine. It is over with its response; one with later parts or events when these can begin. */
export interface OperationMessage {
  readonly engine: object;
  /** By which of the engine's functions; `positions` is a part of a query. */
  readonly kind: 'execute' | 'positions' | 'incremental' | 'subscribe';
  /** graphql-js' `DocumentNode`. */
  readonly document: object;
  readonly operationName: string | null;
  readonly variableValues: unknown;
  /** A listener may put itself here at the `start`, to hear of the steps. It passes them on to a listener that is here already. */
  observer: StepObserver | null;
  /** In the same way: it then calls each `execute` of the operation, inside an AsyncLocalStorage, say. */
  around: (<T>(step: number, call: () => T) => T) | null;
  /** The plan; null before it is there, and where the request was refused. */
  plan: object | null;
  /** How long it took to find the operation, coerce variables and find or make the plan. */
  planMs: number;
  /** Whether the plan was there. */
  isPlanCached: boolean;
  /** From the first byte or object of the response to the last; null where it is not written in one go. */
  writeMs: number | null;
}

/** An operation is planned, or the branches of object types that were met. */
export interface PlanMessage {
  readonly operation: string;
  readonly operationName: string | null;
  /** Null for the whole operation. */
  readonly types: readonly string[] | null;
}

/**
 * `execute` of a step is called: once for all rows of its layer. Steps that say `isSync` compute in memory and are not
 * published; `explain` with `analyze` times them.
 */
export interface StepMessage {
  readonly op: string;
  readonly coordinate: string | null;
  readonly operationName: string | null;
  readonly rows: number;
  /** How many steps share the call. */
  readonly steps: number;
}

/** A loader is called. */
export interface LoadMessage {
  readonly loader: string;
  readonly keys: number;
  /** How many requests share the call. */
  readonly requests: number;
  /** Whether it was started ahead of its turn: it is not known yet whether it is needed. */
  readonly isAhead: boolean;
}

/** A shard of a store is asked. */
export interface StoreMessage {
  readonly store: string;
  readonly keys: number;
}

/** `tracing:planql:plan:start`, `:end`, `:asyncStart`, `:asyncEnd`, `:error` of `node:diagnostics_channel`; and so on. */
export const documentChannel: PlainChannel<DocumentMessage> = plainChannel('planql:document');
/** Operations, from their request to their response. */
export const operationChannel: Traceable<OperationMessage> = traceable('planql:operation');
/** Plans that were made. */
export const planChannel: Traceable<PlanMessage> = traceable('planql:plan');
/** Calls of steps. */
export const stepChannel: Traceable<StepMessage> = traceable('planql:step');
/** Calls of loaders. */
export const loadChannel: Traceable<LoadMessage> = traceable('planql:load');
/** Calls of stores. */
export const storeChannel: Traceable<StoreMessage> = traceable('planql:store');
