import type { RequestFacts } from '../../step/RequestFacts.ts';
import type { StepObserver } from '../../telemetry/channels.ts';
import type { RowsOfName } from '../../utils/RecordDependencies.ts';
import type { RequestBudget } from './RequestBudget.ts';

/** The facts of its request that a run needs. */
export interface Request extends RequestFacts {
  readonly contextValue: unknown;
  /** The condition variables of guards; booleans by name. */
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly abortSignal: AbortSignal | null;
  readonly onAbort: AbortMode;
  readonly deadline: number | null;
  readonly onError: ErrorMode;
  /** The limits on its response; null: none. */
  readonly budget: RequestBudget | null;
  /** Called with every step that ran, where there is an observer: explain, or a listener of the channel of operations. */
  readonly observer: StepObserver | null;
  readonly recordDependencies: RecordStepDependencies | null;
  /** Calls each `execute`, where calls inside of it must be known. Given the number of the step. */
  readonly around: (<T>(step: number, call: () => T) => T) | null;
}

/**
 * Records that a step's values depend on keys that begin alike: `prefix` before each name. `run` is the state of the
 * run: a subscription has one for each event. `rowsOf`: the rows of the step's layer that each name concerns; null: all.
 */
export type RecordStepDependencies = (
  prefix: string,
  names: readonly string[],
  step: number,
  run: object,
  rowsOf: RowsOfName | null,
) => void;

/** Whether an aborted request rejects, or has a response with errors. A deadline is no abort. */
export type AbortMode = 'REJECT' | 'RESPOND';

/** The effect of a field error: it nulls the nearest nullable position, nulls its own position, or ends the request. */
export type ErrorMode = 'PROPAGATE' | 'NULL' | 'HALT';
