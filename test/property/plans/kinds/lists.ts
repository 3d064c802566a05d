import { type AnyStep, at, each, filter, first, groupBy, lambda, last, listLength, reverse } from 'planql';
import { Exit, Failure } from '../../../../src/step/signals.ts';
import { groupings } from '../functions.ts';
import type { Maker, Scope } from '../Maker.ts';
import { type Kind, type Recipe, recipe } from '../Recipe.ts';
import type { RowScope } from '../RowScope.ts';
import { areEqual, flag, int, key, listOf, type Shape, text } from '../Shape.ts';
import { kept } from '../settled.ts';

/** A callback over the items of a list. */
function callback(maker: Maker, item: Shape, shape: Shape, scope: Scope): Recipe {
  return maker.make(shape, { ...scope, items: [...scope.items, item] });
}

const levelOf = ({ items }: Scope): number => items.length;

/** What a callback gives for each item, as steps keep it: a value, or a signal. */
async function collected(callback: Recipe, items: readonly unknown[], scope: RowScope): Promise<readonly unknown[]> {
  return Promise.all(items.map((item) => kept(scope.inside(item).resolve(callback))));
}

/** A kind that takes one list of any items, and says what it makes of it. */
function ofList(
  name: string,
  itemOf: (shape: Shape, maker: Maker) => Shape | null,
  plan: ($list: AnyStep, of: number) => AnyStep,
  make: (items: readonly unknown[], of: number) => unknown,
): Kind {
  return {
    make(maker, shape, scope) {
      const item = itemOf(shape, maker);
      if (item === null) return null;
      const mayBeEmpty = scope.mayBeEmpty && shape.is === 'list';
      const list = maker.make(listOf(item), { ...scope, mayBeEmpty });
      return recipe(name, [list], name === 'at' ? maker.random.pick([0, 1, -1, -2, 5]) : undefined);
    },
    plan: ({ of, with: index }, scope) => plan(scope.plan(of[0] as Recipe), index as number),
    async resolve({ of, with: index }, scope) {
      const items = await scope.list(of[0] as Recipe);
      return items === null || items instanceof Exit ? items : make(items, index as number);
    },
  };
}

const itself = (shape: Shape): Shape | null => (shape.is === 'pages' ? null : shape);

export const lists: Readonly<Record<string, Kind>> = {
  each: {
    make(maker, shape, scope) {
      if (shape.is !== 'list') return null;
      const item = maker.item();
      const list = maker.make(listOf(item), scope);
      return recipe('each', [list, callback(maker, item, shape.of, scope)], levelOf(scope));
    },
    plan: ({ of: [list, result] }, scope) =>
      each(scope.plan(list as Recipe), ($item) => scope.inside($item).plan(result as Recipe)),
    async resolve({ of: [list, result] }, scope) {
      const items = await scope.list(list as Recipe);
      return items === null || items instanceof Exit ? items : collected(result as Recipe, items, scope);
    },
  },

  filter: {
    make(maker, shape, scope) {
      if (shape.is !== 'list') return null;
      return recipe('filter', [maker.make(shape, scope), callback(maker, shape.of, flag, scope)], levelOf(scope));
    },
    plan: ({ of: [list, condition] }, scope) =>
      filter(scope.plan(list as Recipe), ($item) => scope.inside($item).plan(condition as Recipe)),
    async resolve({ of: [list, condition] }, scope) {
      const items = await scope.list(list as Recipe);
      if (items === null || items instanceof Exit) return items;
      const answers = await collected(condition as Recipe, items, scope);
      const own = await Promise.all(items.map((item) => kept(scope.inside(item).items.at(-1) as Promise<unknown>)));
      return own.flatMap((item, at) => {
        const answer = answers[at];
        if (answer instanceof Failure) return [answer];
        return answer instanceof Exit || !answer ? [] : [item];
      });
    },
  },

  groupBy: {
    make(maker, shape, scope) {
      const names = Object.keys(groupings).filter((name) => groupings[name]?.takes(shape) !== null);
      if (names.length === 0) return null;
      const name = maker.random.pick(names);
      const item = groupings[name]?.takes(shape) ?? maker.item();
      const by = maker.random.pick([int, text, key, flag]);
      const list = maker.make(listOf(item), { ...scope, mayBeEmpty: false });
      return recipe('groupBy', [list, callback(maker, item, by, scope)], name);
    },
    plan: ({ of: [list, by], with: name }, scope) =>
      lambda(
        groupBy(scope.plan(list as Recipe), ($item) => scope.inside($item).plan(by as Recipe)),
        groupings[name as string]?.f as (groups: unknown) => unknown,
      ),
    async resolve({ of: [list, by], with: name }, scope) {
      const items = await scope.list(list as Recipe);
      if (items === null || items instanceof Exit) return items === null ? groupings[name as string]?.f(null) : items;
      const keys = await collected(by as Recipe, items, scope);
      const own = await Promise.all(items.map((item) => kept(scope.inside(item).items.at(-1) as Promise<unknown>)));
      const groups = new Map<unknown, unknown[]>();
      for (const [at, item] of own.entries()) {
        const group = keys[at];
        if (group instanceof Failure || group instanceof Exit) return group;
        groups.set(group, [...(groups.get(group) ?? []), item]);
      }
      return groupings[name as string]?.f(groups);
    },
  },

  first: ofList('first', itself, first, (items) => items[0] ?? null),
  last: ofList('last', itself, last, (items) => items.at(-1) ?? null),
  at: ofList('at', itself, at, (items, index) => items.at(index) ?? null),
  reverse: ofList(
    'reverse',
    (shape) => (shape.is === 'list' ? shape.of : null),
    reverse,
    (items) => [...items].reverse(),
  ),
  listLength: ofList(
    'listLength',
    (shape, maker) => (areEqual(shape, int) ? maker.item() : null),
    listLength,
    (items) => items.length,
  ),
};
