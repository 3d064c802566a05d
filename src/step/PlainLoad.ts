import type { ExecuteExtra } from './ExecuteExtra.ts';

/**
 * How a load asks for keys when it is sure that none of them was asked for before in this request. It ignores the state
 * that it shares with other loads (rule R23); the caller has to add its loads to that state if it turns out to matter.
 */
export interface PlainLoad {
  /** Whether each entry has to be a list, or null. */
  readonly yieldsLists: boolean;
  /** Whether the keys in the values of a call are told apart by `===`, and none is there twice. */
  areDistinct(values: readonly unknown[]): boolean;
  /** The last key, if keys rise, beginning above `after` (undefined: there was none before); undefined if they do not. */
  highestAbove(values: readonly unknown[], after: unknown): unknown;
  /** Asks for keys. Takes the values that `execute` takes; returns or throws the loader's answer. */
  ask(values: readonly unknown[], extra: ExecuteExtra): unknown;
  /** Does the work of `execute`, without asking: `answer` returns or throws the answer of `ask` for the same values. */
  answered(values: readonly unknown[], answer: () => unknown, extra: ExecuteExtra): unknown;
}
