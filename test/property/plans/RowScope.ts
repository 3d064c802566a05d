import { Exit } from '../../../src/step/signals.ts';
import { kinds } from './kinds/index.ts';
import type { Recipe } from './Recipe.ts';
import { sameStep } from './sameStep.ts';
import { itemsOf, settled } from './settled.ts';
import type { RequestContext } from './World.ts';

/** The place where a recipe is made for one row. A value that ended early is an `Exit`; a failure is thrown. */
export class RowScope {
  /** The objects and items around: each read by who needs it only. */
  readonly items: readonly Promise<unknown>[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly rootValue: unknown;

  constructor(
    items: readonly Promise<unknown>[],
    args: Readonly<Record<string, unknown>>,
    context: RequestContext,
    rootValue: unknown,
  ) {
    this.items = items;
    this.args = args;
    this.context = context;
    this.rootValue = rootValue;
  }

  inside(item: unknown): RowScope {
    return new RowScope([...this.items, settled(item)], this.args, this.context, this.rootValue);
  }

  resolve(given: Recipe): Promise<unknown> {
    const recipe = sameStep(given);
    const kind = kinds[recipe.kind];
    if (kind === undefined) throw new Error(`There is no kind "${recipe.kind}".`);
    return settled(kind.resolve(recipe, this));
  }

  /** `make` of the values of all; where one failed or ended early, so does the whole, the first of them first. */
  async all(recipes: readonly Recipe[], make: (values: readonly unknown[]) => unknown): Promise<unknown> {
    const outcomes = await Promise.allSettled(recipes.map((recipe) => this.resolve(recipe)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
      if (outcome.value instanceof Exit) return outcome.value;
    }
    return make(outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value));
  }

  /** The items of a list that `recipe` yields; an `Exit`, or null, where there is none. */
  async list(recipe: Recipe): Promise<readonly unknown[] | Exit | null> {
    const list = await this.resolve(recipe);
    return list === null || list === undefined || list instanceof Exit ? (list ?? null) : itemsOf(list);
  }
}
