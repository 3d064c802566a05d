import type { EngineArgs, ReactiveEngine } from '../reactive/ReactiveEngine.ts';
import type { Explaining, PlanPrinter } from './planPage.ts';

/** An engine as `createEngine` makes it. */
export interface InspectedEngine<TArgs extends EngineArgs = EngineArgs> extends ReactiveEngine<TArgs> {
  prepare(...given: Parameters<ReactiveEngine<TArgs>['prepare']>): ReturnType<ReactiveEngine<TArgs>['prepare']> & {
    explain(format: PlanPrinter): string;
  };
}

/** The part of an engine that pages need, whatever the arguments of its requests. */
export interface ShownEngine extends Explaining {
  execute(args: EngineArgs): unknown;
}

/** How much an inspector has recorded. */
export interface InspectorStats {
  /** Since it was made. */
  readonly operations: number;
  readonly invalidations: number;
  /** Records that are kept, and the bytes that they take. */
  readonly kept: number;
  readonly bytes: number;
  /** Records that have left, as newer ones came or they were too large. */
  readonly dropped: number;
  /** Notes for other servers that were not sent, as there were too many. */
  readonly unsent: number;
}
