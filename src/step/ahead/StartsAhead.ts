import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { ExecuteExtra } from '../ExecuteExtra.ts';

/** What was started ahead of its turn. */
export interface StartedAhead {
  /** How many keys were asked for that nobody had asked for before. */
  readonly count: number;
  /** Whether the answers were there at once: then nothing is gained by starting ahead. */
  readonly isAtOnce: boolean;
  /** What was found, as far as it was: failures are left out. */
  readonly values: MaybePromise<readonly unknown[]>;
}

/** Who is told that a load that was started ahead was needed. */
export interface AheadOwner {
  used: number;
}

/** What a step is given beside keys when it starts ahead. */
export interface AheadStart {
  readonly keys: readonly unknown[];
  /** The values of its global dependencies. */
  readonly globals: readonly unknown[];
  readonly extra: ExecuteExtra;
  readonly owner: AheadOwner;
  /** How many keys may be asked for. */
  readonly limit: number;
  /** Told of values when only their ids are known as yet. */
  readonly onIds: ((values: readonly unknown[]) => void) | null;
}

/**
 * A step whose work for a key may start before its turn. Its first dependency is the key, the others are global. Nothing
 * is seen of what it starts, until `execute` asks for the same.
 */
export interface StartsAhead {
  /** Where in the key an attribute of what it yields is found; null where it is no part of the key. */
  keyPath(attribute: string | number): ReadonlyArray<string | number> | null;
  /** The attribute with a list of objects whose ids are known before they are; null where there is none. */
  readonly idsOf: string | null;
  /** Whether no promise is in what it yields: such values are not watched (rule R27). */
  readonly givesData: boolean;
  /** Whether nothing is gained in this request, as answers come at once: then no key is looked for. */
  answersAtOnce(context: unknown): boolean;
  start(start: AheadStart): StartedAhead;
}
