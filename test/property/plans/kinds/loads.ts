import { type AnyStep, fn, type Loader, lambda, loadMany, loadOne } from 'planql';
import type { Multistep } from '../../../../steps/multistep.ts';
import { type LoadManyForm, type LoadOneForm, manyLoader, manyOf, oneLoader, oneOf } from '../loaders.ts';
import type { Maker, Scope } from '../Maker.ts';
import { type Kind, type Recipe, recipe, strict } from '../Recipe.ts';
import { areEqual, hasAttributes, int, key, listOf, rowOf } from '../Shape.ts';

function commonForm({ random, knobs }: Maker): Pick<LoadOneForm, 'answers' | 'isSelecting' | 'isShared' | 'globals'> {
  const answers = knobs.async ? random.pick(['sync', 'async', 'entries'] as const) : 'sync';
  return {
    answers: knobs.errors && random.chance(0.03) ? 'throws' : answers,
    isSelecting: knobs.selecting && random.chance(0.7),
    isShared: knobs.async && random.chance(0.15),
    globals: random.chance(0.2) ? random.pick(['one', 'record'] as const) : 'none',
  };
}

/** The form of a random loader of rows. */
export function oneForm(maker: Maker): LoadOneForm {
  const { random } = maker;
  const common = commonForm(maker);
  const unlike = random.chance(0.3) ? random.pick(['io', 'identity'] as const) : 'none';
  // Where only the key of a row is read, its loader is not asked: a failure of the row may go unnoticed.
  const equals = maker.knobs.selecting || !maker.knobs.errors ? unlike : 'none';
  return {
    ...common,
    // Where the key is all there is to know, a loader is not called.
    answers: equals === 'io' && common.answers === 'throws' ? 'sync' : common.answers,
    equals,
    keys: random.chance(0.25) ? random.pick(['tuple', 'record'] as const) : 'one',
    ahead: random.chance(0.9),
  };
}

/** One loader that needs nothing but a key. */
export function plainForm(maker: Maker): LoadOneForm {
  return { ...oneForm(maker), globals: 'none', keys: 'one' };
}

function manyForm(maker: Maker, what: LoadManyForm['what']): LoadManyForm {
  const { random } = maker;
  const cursor = what === 'distinct' ? (['cursor', 'reverse'] as const).slice(0, random.below(3)) : [];
  const others = random.some(['offset', 'totalCount'] as const, 0.5);
  const pages = what !== 'numbers' && random.chance(0.5) ? [...cursor, ...others] : null;
  return { ...commonForm(maker), what, pages };
}

/** A value of the request: one in three is no pure read of it. */
function globalOf(maker: Maker, { globals }: Pick<LoadOneForm, 'globals'>, scope: Scope): Recipe[] {
  if (globals === 'none') return [];
  if (maker.chance(0.3)) return [recipe('lambda', [recipe('context', [], 'n')], ['double', 'one'])];
  return [maker.make(int, { ...scope, isGlobal: true, depth: Math.min(scope.depth, 1) })];
}

/** The key and the globals as `loadOne` and `loadMany` take them; the last step is the global, where there is one. */
function loadArguments(
  steps: readonly AnyStep[],
  { globals }: Pick<LoadOneForm, 'globals'>,
): { readonly $keys: readonly AnyStep[]; readonly $globals: unknown } {
  const $global = steps.at(-1);
  if (globals === 'none') return { $keys: steps, $globals: undefined };
  return { $keys: steps.slice(0, -1), $globals: globals === 'one' ? $global : { n: $global } };
}

const globalValue = (values: readonly unknown[], { globals }: Pick<LoadOneForm, 'globals'>): unknown =>
  globals === 'record' ? { n: values.at(-1) } : values.at(-1);

const difference = fn('plans.difference', ([a, b]: readonly [number | null, number | null]) =>
  a === null || a === undefined || b === null || b === undefined ? null : a - b,
);

/** Whether no key is null: those are not asked for. */
const isKey = (given: unknown): boolean => given !== null && given !== undefined;

export const loads: Readonly<Record<string, Kind>> = {
  /** Two loads of one key by one loader, which differ in their global alone. */
  twins: strict({
    make(maker, shape, scope) {
      if (!areEqual(shape, int)) return null;
      const form: LoadOneForm = { ...maker.form('one', () => oneForm(maker)), keys: 'one', globals: 'one' };
      const id = maker.make(key, { ...scope, depth: 0 });
      const n = (global: number): Recipe => {
        const loaded = recipe('loadOne', [id, recipe('constant', [], global)], form);
        return recipe('get', [{ ...loaded, yields: rowOf('A') }], 'n');
      };
      return recipe('twins', [n(1), n(2)]);
    },
    plan: ([$one, $two]) => lambda([$one, $two] as [AnyStep, AnyStep], difference),
    resolve: ([one, two]) => difference([one, two]),
  }),

  loadOne: strict({
    make(maker, shape, scope) {
      if (!hasAttributes(shape)) return null;
      const form = maker.form('one', () => oneForm(maker));
      const keys = maker.all(form.keys === 'one' ? [key] : [key, int], scope);
      return recipe('loadOne', [...keys, ...globalOf(maker, form, scope)], form);
    },
    plan(steps, form: LoadOneForm) {
      const { $keys, $globals } = loadArguments(steps, form);
      const [$id, $m] = $keys as readonly [AnyStep, AnyStep];
      const $key: NonNullable<Multistep> = { one: $id, tuple: [$id, $m], record: { id: $id, m: $m } }[form.keys];
      return loadOne($key, oneLoader(form) as Loader, $globals as never);
    },
    resolve(values, form: LoadOneForm, { context }) {
      const [id, m] = values;
      if (form.keys === 'one' && !isKey(id)) return null;
      if (form.answers === 'throws') throw new Error('the loader throws');
      const given = { one: id, tuple: [id, m], record: { id, m } }[form.keys];
      return oneOf(form, given, context, null, globalValue(values, form));
    },
  }),

  loadMany: strict({
    make(maker, shape, scope) {
      if (shape.is !== 'list') return null;
      if (areEqual(shape, listOf(int))) return manyRecipe(maker, 'numbers', scope);
      return hasAttributes(shape.of) ? manyRecipe(maker, maker.random.pick(['near', 'distinct']), scope) : null;
    },
    plan(steps, form: LoadManyForm) {
      const { $keys, $globals } = loadArguments(steps, form);
      return loadMany($keys[0] as AnyStep, manyLoader(form) as Loader, $globals as never);
    },
    resolve(values, form: LoadManyForm, { context }) {
      if (!isKey(values[0])) return null;
      if (form.answers === 'throws') throw new Error('the loader throws');
      return manyOf(form, values[0], context, null, globalValue(values, form), null);
    },
  }),
};

/** A list that a loader has for a key. */
export function manyRecipe(maker: Maker, what: LoadManyForm['what'], scope: Scope): Recipe {
  const form = maker.form(what, () => manyForm(maker, what));
  return recipe('loadMany', [maker.make(key, scope), ...globalOf(maker, form, scope)], form);
}
