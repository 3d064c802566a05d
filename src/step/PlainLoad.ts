import type { ExecuteExtra } from './ExecuteExtra.ts';

/**
 * How a load asks for keys when it is sure that none of them was asked for before in this request. What it shares with
 * other loads (rule R23) is not looked at, and has to be told where it turns out to matter.
 */
export interface PlainLoad {
  /** Whether each entry has to be a list, or null. */
  readonly yieldsLists: boolean;
  /** Whether the keys in the values of a call are told apart by `===`, and none is there twice. */
  areDistinct(values: readonly unknown[]): boolean;
  /** The last key, if keys rise, beginning above `after` (undefined: there was none before); undefined if they do not. */
  highestAbove(values: readonly unknown[], after: unknown): unknown;
  /** Asks for keys. Takes the values that `execute` takes; returns, or throws, whatever the loader does. */
  ask(values: readonly unknown[], extra: ExecuteExtra): unknown;
  /** Does what `execute` does, but for asking: `answer` gives, or throws, what `ask` did for the same values. */
  answered(values: readonly unknown[], answer: () => unknown, extra: ExecuteExtra): unknown;
}
