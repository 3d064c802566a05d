import type { AnyStep, FieldArgs } from 'planql';
import type { Maker, Scope } from './Maker.ts';
import type { RowScope } from './RowScope.ts';
import type { Shape } from './Shape.ts';

/**
 * How a value is made, as plain data. planql plans it; graphql-js' resolvers make the value of one row after the other.
 */
export interface Recipe {
  /** The name of an entry of `kinds`. */
  readonly kind: string;
  /** What the kind has to know, as JSON. */
  readonly with?: unknown;
  readonly of: readonly Recipe[];
  /** What it yields, where another recipe could stand in its place. */
  readonly yields?: Shape;
}

/** The place where a recipe is planned. */
export interface PlanScope {
  /** The steps of the objects and items around: the parent first, the innermost item last. */
  readonly items: readonly AnyStep[];
  readonly fieldArgs: FieldArgs;
  readonly plan: (recipe: Recipe) => AnyStep;
  /** The same place inside a callback over a list. */
  inside($item: AnyStep): PlanScope;
}

/** One way to make a value, on both sides. */
export interface Kind {
  /** A random recipe that yields `shape`, or null where this kind cannot. */
  make(maker: Maker, shape: Shape, scope: Scope): Recipe | null;
  plan(recipe: Recipe, scope: PlanScope): AnyStep;
  /** The value in one row: a value, `Ended`, or an error that is thrown. */
  resolve(recipe: Recipe, scope: RowScope): Promise<unknown>;
}

/** Kinds whose values are made of those of all parts: where a part fails or has ended, so has the whole, the first one first. */
export function strict(kind: {
  make(maker: Maker, shape: Shape, scope: Scope): Recipe | null;
  // biome-ignore lint/suspicious/noExplicitAny: what a recipe says and yields is known to its kind
  plan(parts: readonly AnyStep[], of: any): AnyStep;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  resolve(values: readonly any[], of: any, scope: RowScope): unknown;
}): Kind {
  return {
    make: kind.make,
    plan: (recipe, scope) => kind.plan(recipe.of.map(scope.plan), recipe.with),
    resolve: (recipe, scope) => scope.all(recipe.of, (values) => kind.resolve(values, recipe.with, scope)),
  };
}

export function recipe(kind: string, of: readonly Recipe[] = [], more?: unknown): Recipe {
  return more === undefined ? { kind, of } : { kind, with: more, of };
}

/** A recipe as one line. */
export function shown({ kind, with: more, of }: Recipe): string {
  const parts = [...(more === undefined ? [] : [JSON.stringify(more)]), ...of.map(shown)];
  return `${kind}(${parts.join(', ')})`;
}
