import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { ExecuteExtra } from '../ExecuteExtra.ts';

/** The result of a start ahead of turn. */
export interface StartedAhead {
  /** The number of new keys that were asked for. */
  readonly count: number;
  /** Whether the answers were there at once: then starting ahead gains nothing. */
  readonly isAtOnce: boolean;
  /** The loaded values; failures are left out. */
  readonly values: MaybePromise<readonly unknown[]>;
}

/** Counts the early loads that were needed in the end. */
export interface AheadOwner {
  used: number;
}

/** The arguments of a start ahead of turn. */
export interface AheadStart {
  readonly keys: readonly unknown[];
  /** The values of its global dependencies. */
  readonly globals: readonly unknown[];
  readonly extra: ExecuteExtra;
  readonly owner: AheadOwner;
  /** The most keys that may be asked for. */
  readonly limit: number;
  /** Called with values when only their ids are known as yet. */
  readonly onIds: ((values: readonly unknown[]) => void) | null;
  /** Reads a list that gives its items once, and keeps these for its position. Never throws. */
  readonly readEarly: (list: Iterable<unknown>) => readonly unknown[];
}

/**
 * A step whose work for a key may start before its turn. Its first dependency is the key, the others are global. The
 * results stay hidden until `execute` asks for the same keys.
 */
export interface StartsAhead {
  /** The path of an attribute of its values in the key; null where it is no part of the key. */
  keyPath(attribute: string | number): ReadonlyArray<string | number> | null;
  /** The attribute with a list of objects whose ids are known before the objects; null where there is none. */
  readonly idsOf: string | null;
  /** Whether its values hold no promise: such values are not watched (rule R27). */
  readonly givesData: boolean;
  /** Whether this request gains nothing, as answers come at once: then no key is looked for. */
  answersAtOnce(context: unknown): boolean;
  start(start: AheadStart): StartedAhead;
}
