import type { RequestFacts } from '../../step/RequestFacts.ts';

/** What a run needs to know of the request it serves. */
export interface Request extends RequestFacts {
  readonly contextValue: unknown;
  /** The condition variables of guards; booleans by name. */
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly abortSignal: AbortSignal | null;
  readonly onAbort: AbortMode;
  readonly deadline: number | null;
  readonly onError: ErrorMode;
  /** Told of every step that ran, when explain analyses. */
  readonly observer: StepObserver | null;
  readonly recordDependency: ((key: string) => void) | null;
}

/** Whether an aborted request rejects, or has a response with errors. A deadline is no abort. */
export type AbortMode = 'REJECT' | 'RESPOND';

/** What an error does: bubbles to the nearest nullable position, leaves null where it is, or ends the request. */
export type ErrorMode = 'PROPAGATE' | 'NULL' | 'HALT';

export interface StepObserver {
  onCall(steps: readonly number[], rows: number, milliseconds: number): void;
  onTrace(step: number, name: string, value: number | string): void;
}
