import { tracingChannel } from 'node:diagnostics_channel';
import { type Traceable, traceable } from './traceable.ts';

/** An operation is planned, or the branches of object types that were met. */
export interface PlanMessage {
  readonly operation: string;
  readonly operationName: string | null;
  /** Null for the whole operation. */
  readonly types: readonly string[] | null;
}

/**
 * `execute` of a step is called: once for all rows of its layer. Steps that say `isSync` compute in memory and are not told
 * of; `explain` with `analyze` times them.
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
  /** Whether it was started ahead of its turn: it is not known yet that anybody needs it. */
  readonly isAhead: boolean;
}

/** A shard of a store is asked. */
export interface StoreMessage {
  readonly store: string;
  readonly keys: number;
}

/** `tracing:planql:plan:start`, `:end`, `:asyncStart`, `:asyncEnd`, `:error` of `node:diagnostics_channel`; and so on. */
export const planChannel: Traceable<PlanMessage> = traceable(tracingChannel('planql:plan'));
export const stepChannel: Traceable<StepMessage> = traceable(tracingChannel('planql:step'));
export const loadChannel: Traceable<LoadMessage> = traceable(tracingChannel('planql:load'));
export const storeChannel: Traceable<StoreMessage> = traceable(tracingChannel('planql:store'));
