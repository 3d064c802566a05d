import type { Random } from '../../fuzz/Random.ts';

/** What an attempt may hold; a failing one is tried again with less of it. */
export interface Knobs {
  /** Promises in rows and lists, and loaders that answer later. */
  readonly async: boolean;
  /** Errors in rows, in lists and of keys; functions that throw. */
  readonly errors: boolean;
  /** Nulls and keys of nothing. */
  readonly nulls: boolean;
  /** Getters in rows. */
  readonly getters: boolean;
  /** Lists that are no arrays. */
  readonly iterables: boolean;
  /** Loaders that give the attributes which they are asked for and no others. */
  readonly selecting: boolean;
  /** Kvetch and Pent. */
  readonly store: boolean;
  readonly authorize: boolean;
  /** `@skip` and `@include`. */
  readonly conditions: boolean;
  /** `@defer` and `@stream`. */
  readonly incremental: boolean;
  /** Fields with resolvers beside planned ones. */
  readonly resolvers: boolean;
}

export function knobsOf(random: Random): Knobs {
  const isAsync = random.chance(0.5);
  return {
    async: isAsync,
    errors: random.chance(0.6),
    nulls: random.chance(0.8),
    getters: random.chance(0.3),
    iterables: random.chance(0.3),
    selecting: random.chance(0.6),
    store: isAsync && random.chance(0.3),
    authorize: random.chance(0.5),
    conditions: random.chance(0.6),
    incremental: random.chance(0.25),
    resolvers: random.chance(0.3),
  };
}
