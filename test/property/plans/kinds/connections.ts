import { type AnyStep, connection, constant, get } from 'planql';
import { Exit, Failure } from '../../../../src/step/signals.ts';
import { countOf, type LoadManyForm } from '../loaders.ts';
import { type CursorKind, checked, type PageArguments, Pages, pageArguments } from '../pages.ts';
import { type Kind, type Recipe, recipe, strict } from '../Recipe.ts';
import type { RowScope } from '../RowScope.ts';
import { areEqual, int, listOf, pagesOf, rowOf } from '../Shape.ts';
import { sameStep } from '../sameStep.ts';
import { kept } from '../settled.ts';
import { manyRecipe } from './loads.ts';

/** Where a connection's arguments come from: those of its field, or these. */
type Arguments = 'field' | PageArguments;

const argumentsOf = (given: Arguments, scope: RowScope): PageArguments =>
  given === 'field'
    ? Object.fromEntries(pageArguments.map((name) => [name, Object.hasOwn(scope.args, name) ? scope.args[name] : null]))
    : given;

/** Whether there is a list, and whether the arguments make sense: nothing is loaded for that. */
async function sourceOf(list: Recipe, args: PageArguments, scope: RowScope): Promise<unknown> {
  const loaded = list.kind === 'loadMany' ? (list.with as LoadManyForm) : null;
  const cursors: CursorKind = loaded?.pages?.includes('cursor') ? 'key' : 'position';
  // Kvetch leaves out what the type of the field hides before it is counted; other lists are counted as they are.
  if (/^kvetch\w*Connection$/.test(list.kind)) scope.context.undefinedAt.push('a connection over one of Kvetch');
  const there = await kept(scope.resolve(loaded === null ? list : (list.of[0] as Recipe)));
  const problem = await kept(Promise.resolve().then(() => checked(args, cursors)));
  const hasEnded = there instanceof Failure || there instanceof Exit;
  if (hasEnded && problem instanceof Failure) scope.context.undefinedAt.push('key and arguments are both wrong');
  if (hasEnded) return there;
  if (problem instanceof Failure) return problem;
  if (there === null || there === undefined) return null;
  return new Pages({
    args,
    cursors,
    async list() {
      const items = await kept(scope.list(list));
      const isNone = args.first === 0 || args.last === 0 || typeof args.before === 'string';
      if (loaded?.pages && isNone && !Array.isArray(items)) scope.context.undefinedAt.push('a page of none');
      if (items instanceof Failure) throw items.error;
      return (items instanceof Exit ? items.value : items) as readonly unknown[] | null;
    },
    async totalCount() {
      if (!loaded?.pages?.includes('totalCount'))
        return ((await scope.list(list)) as readonly unknown[] | null)?.length;
      // The counter is a loader of its own, with the same globals.
      return scope.all(list.of, ([key]) => {
        if (loaded.answers === 'throws') throw new Error('the loader throws');
        return countOf(loaded, key, scope.context);
      });
    },
  });
}

export const connections: Readonly<Record<string, Kind>> = {
  connection: {
    make(maker, shape, scope) {
      if (shape.is !== 'pages') return null;
      const list = maker.chance(0.5)
        ? manyRecipe(maker, maker.random.pick(['near', 'distinct']), scope)
        : maker.make(listOf(rowOf(shape.of)), { ...scope, mayBeEmpty: false });
      const own: Arguments = maker.random.pick([{}, { first: 2 }, { last: 1 }, { first: 1, offset: 1 }]);
      return recipe('connection', [list], scope.argNames.includes('first') ? 'field' : own);
    },
    plan({ of, with: given }, scope) {
      const $list = scope.plan(of[0] as Recipe);
      if (given === 'field') return connection($list, { fieldArgs: scope.fieldArgs });
      const $args = Object.entries(given as PageArguments).map(([name, value]) => [name, constant(value)]);
      return connection($list, Object.fromEntries($args));
    },
    resolve: ({ of, with: given }, scope) =>
      sourceOf(sameStep(of[0] as Recipe), argumentsOf(given as Arguments, scope), scope),
  },

  nodes: strict({
    make(maker, shape, scope) {
      if (shape.is !== 'list' || shape.of.is !== 'row' || shape.of.of === 'Node') return null;
      return recipe('nodes', [maker.make(pagesOf(shape.of.of), scope)]);
    },
    plan: ([$connection]) => get($connection as AnyStep, 'nodes'),
    resolve: ([pages]) => (pages as Pages | null)?.nodes(),
  }),

  totalCount: strict({
    make: (maker, shape, scope) =>
      areEqual(shape, int) ? recipe('totalCount', [maker.make(pagesOf('A'), scope)]) : null,
    plan: ([$connection]) => get($connection as AnyStep, 'totalCount'),
    resolve: ([pages]) => (pages as Pages | null)?.totalCount(),
  }),
};
