import {
  type AnyStep,
  access,
  coalesce,
  condition,
  constant,
  context,
  get,
  lambda,
  list,
  multistep,
  object,
  remapKeys,
  rootValue,
  Step,
} from 'planql';
import { Exit, Failure } from '../../../../src/step/signals.ts';
import type { BinaryOperator, UnaryOperator } from '../../../../steps/values/condition.ts';
import { functions, type LambdaForm, lambdaOf, partNames } from '../functions.ts';
import type { Maker } from '../Maker.ts';
import { type Kind, type Recipe, recipe, strict } from '../Recipe.ts';
import { areEqual, attributes, flag, hasAttributes, int, key, listOf, rowOf, type Shape, text } from '../Shape.ts';
import { kept, settled } from '../settled.ts';

/** The parts of the context and of the root value that may be read. */
const contextParts: Readonly<Record<string, Shape>> = {
  key,
  n: int,
  name: text,
  isAdmin: flag,
  keys: listOf(key),
};
const rootParts: Readonly<Record<string, Shape>> = { region: text, limit: int };

const namesOf = (parts: Readonly<Record<string, Shape>>, shape: Shape): string[] =>
  Object.keys(parts).filter((name) => areEqual(parts[name] as Shape, shape));

const read = (value: unknown, name: string): unknown =>
  value === null || value === undefined ? undefined : (value as Record<string, unknown>)[name];

function ofPart(kind: string, { random }: Maker, names: readonly string[]): Recipe | null {
  return names.length === 0 ? null : recipe(kind, [], random.pick(names));
}

/** Mostly the innermost item, for which callbacks are there. */
function itemOf({ random }: Maker, levels: readonly number[]): Recipe {
  return recipe('item', [], random.chance(0.6) ? levels.at(-1) : random.pick(levels));
}

class WaitingStep extends Step {
  static override readonly op = 'test.waits';

  constructor($value: AnyStep, until: 'turn' | 'microtask') {
    super();
    this.addDependency($value);
    this.params = { until };
  }

  override async execute(count: number, [values]: [readonly unknown[]]): Promise<readonly unknown[]> {
    if (this.params?.until === 'turn') await new Promise((resolve) => setImmediate(resolve));
    return Array.from({ length: count }, (_, row) => values[row]);
  }
}

/** How the parts of a tuple or a record are planned, by which functions. */
type Builder = (parts: readonly AnyStep[], names: readonly string[]) => AnyStep;

const entries = (values: readonly unknown[], names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name, at) => [name, values[at]]));

/**
 * The kind of an object of several parts. A loader that selects attributes is not asked for one that only a part needs
 * which nobody reads: whether its failure is met is undefined.
 */
const ofParts = (kind: Kind): Kind => ({
  ...kind,
  async resolve(of, scope) {
    const outcome = await kept(kind.resolve(of, scope));
    if (!(outcome instanceof Failure)) return outcome;
    if (scope.context.isSelecting) scope.context.undefinedAt.push('a part that fails, and may not be read');
    throw outcome.error;
  },
});

/** An object of some attributes of a row. */
const rowKind = (name: string, build: Builder): Kind =>
  ofParts(
    strict({
      make(maker, shape, scope) {
        if (!hasAttributes(shape)) return null;
        const names = [
          'id',
          ...(maker.chance(0.8) ? ['kind'] : []),
          ...maker.random.some(['n', 't', 'f', 'to', 'ns'], 0.5),
        ];
        return recipe(
          name,
          maker.all(
            names.map((each) => attributes[each] as Shape),
            scope,
          ),
          names,
        );
      },
      plan: build,
      resolve: entries,
    }),
  );

/** A list of a few steps. */
const tupleKind = (name: string, build: Builder): Kind =>
  strict({
    make(maker, shape, scope) {
      if (shape.is !== 'list') return null;
      return recipe(name, maker.all(new Array<Shape>(1 + maker.random.below(3)).fill(shape.of), scope));
    },
    plan: (parts) => build(parts, []),
    resolve: (values) => values,
  });

// biome-ignore lint/suspicious/noExplicitAny: values of equal shapes
const operators: Readonly<Record<string, (a: any, b: any) => boolean>> = {
  null: (a) => a === null || a === undefined,
  'not null': (a) => a !== null && a !== undefined,
  exists: (a) => a !== null && a !== undefined,
  'not exists': (a) => a === null || a === undefined,
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

export const values: Readonly<Record<string, Kind>> = {
  constant: strict({
    make(maker, shape) {
      const isLeaf = shape.is !== 'row' && shape.is !== 'pages' && (shape.is !== 'list' || shape.of.is !== 'row');
      return isLeaf ? recipe('constant', [], maker.value(shape)) : null;
    },
    plan: (_, value) => constant(value),
    resolve: (_, value) => value,
  }),

  context: {
    make: (maker, shape) => ofPart('context', maker, namesOf(contextParts, shape)),
    plan: ({ with: name }) => get(context() as AnyStep, name as string),
    resolve: async ({ with: name }, scope) => read(scope.context, name as string),
  },

  rootValue: {
    make: (maker, shape) => ofPart('rootValue', maker, namesOf(rootParts, shape)),
    plan: ({ with: name }) => get(rootValue() as AnyStep, name as string),
    resolve: async ({ with: name }, scope) => read(scope.rootValue, name as string),
  },

  /** The parent, or the item of a callback around. */
  item: {
    make(maker, shape, scope) {
      const levels = maker.itemsFor(shape, scope);
      return levels.length === 0 ? null : itemOf(maker, levels);
    },
    plan: ({ with: level }, { items }) => items[level as number] as AnyStep,
    resolve: ({ with: level }, { items }) => items[level as number] as Promise<unknown>,
  },

  arg: {
    make: (maker, shape, { args }) => ofPart('arg', maker, namesOf(args, shape)),
    plan: ({ with: name }, { fieldArgs }) => fieldArgs[`$${name}`] as AnyStep,
    resolve: async ({ with: name }, { args }) => args[name as string],
  },

  get: strict({
    make(maker, shape, scope) {
      const name = maker.attribute(shape);
      const levels = maker.itemsFor(rowOf('A'), scope);
      if (name === null || (levels.length === 0 && scope.depth <= 0)) return null;
      const isNear = levels.length > 0 && (scope.depth <= 0 || maker.chance(0.5));
      return recipe('get', [isNear ? itemOf(maker, levels) : maker.make(maker.row(), scope)], name);
    },
    plan: ([$row], name) => get($row as AnyStep, name),
    resolve: ([row], name) => read(row, name),
  }),

  access: strict({
    make(maker, shape, scope) {
      const paths = areEqual(shape, int) ? [['deep', 'n'], ['deep', 'ns', 1], ['deep', 'none', 'n'], ['n']] : [];
      if (areEqual(shape, listOf(int))) paths.push(['deep', 'ns']);
      return paths.length === 0 ? null : recipe('access', [maker.make(maker.row(), scope)], maker.random.pick(paths));
    },
    plan: ([$row], path) => access($row as AnyStep, ...path),
    async resolve([row], path) {
      let value = row;
      for (const name of path) value = await settled(read(value, name));
      return value;
    },
  }),

  object: rowKind('object', (parts, names) => object(entries(parts, names) as Record<string, AnyStep>)),
  record: rowKind('record', (parts, names) => multistep(entries(parts, names) as Record<string, AnyStep>)),
  list: tupleKind('list', (parts) => list(parts)),
  tuple: tupleKind('tuple', (parts) => multistep(parts)),

  lambda: strict({
    make(maker, shape, scope) {
      const fitting = Object.entries(functions).flatMap(([name, { takes, needs = [] }]) => {
        const parts = takes(shape, maker);
        const isKnown = needs.every((knob) => maker.knobs[knob]) && (name !== 'exitsEmpty' || scope.mayBeEmpty);
        return parts !== null && isKnown ? [[name, parts] as const] : [];
      });
      if (fitting.length === 0) return null;
      const [name, takes] = maker.random.pick(fitting);
      const form = takes.length === 1 && maker.chance(0.7) ? 'one' : maker.random.pick(['tuple', 'record'] as const);
      return recipe('lambda', maker.all(takes, scope), [name, form]);
    },
    plan(parts, [name, form]: [string, LambdaForm]) {
      const f = lambdaOf(name, form);
      if (form === 'one') return lambda(parts[0] as AnyStep, f);
      return lambda(
        form === 'tuple' ? parts : (entries(parts, partNames.slice(0, parts.length)) as Record<string, AnyStep>),
        f,
      );
    },
    resolve: (parts, [name]) => functions[name]?.f(parts),
  }),

  /** Values that come together, by a promise of `execute`. */
  waits: strict({
    make: (maker, shape, scope) =>
      shape.is === 'pages' || !maker.knobs.async || maker.chance(0.5)
        ? null
        : recipe('waits', [maker.make(shape, scope)], maker.random.pick(['turn', 'microtask'] as const)),
    plan: ([$value], until) => new WaitingStep($value as AnyStep, until),
    resolve: ([value]) => value,
  }),

  remapKeys: ofParts(
    strict({
      make(maker, shape, scope) {
        if (!hasAttributes(shape)) return null;
        const names = { id: 'id', kind: 'kind', n: 'm', m: 'n', f: 'f', to: 'other', keys: 'keys' };
        return recipe('remapKeys', [maker.make(shape, scope)], names);
      },
      plan: ([$row], names) => remapKeys($row as AnyStep, names),
      resolve([row], names) {
        if (row === null || row === undefined) return null;
        return Object.fromEntries(Object.entries(names).map(([to, from]) => [to, read(row, from as string)]));
      },
    }),
  ),

  condition: strict({
    make(maker, shape, scope) {
      if (!areEqual(shape, flag)) return null;
      const operator = maker.random.pick(Object.keys(operators));
      const isUnary = /null|exists/.test(operator);
      const of = isUnary
        ? maker.random.pick([maker.leaf(), maker.row(), listOf(maker.item())])
        : maker.random.pick([int, key, text]);
      return recipe('condition', maker.all(isUnary ? [of] : [of, of], scope), operator);
    },
    plan: ([$a, $b], operator) =>
      $b === undefined
        ? condition(operator as UnaryOperator, $a as AnyStep)
        : condition(operator as BinaryOperator, $a as AnyStep, $b),
    resolve: ([a, b], operator) => operators[operator]?.(a, b),
  }),

  coalesce: {
    make: (maker, shape, scope) =>
      shape.is === 'pages'
        ? null
        : recipe('coalesce', maker.all(new Array<Shape>(1 + maker.random.below(3)).fill(shape), scope)),
    plan: ({ of }, scope) => coalesce(...of.map(scope.plan)),
    async resolve({ of }, scope) {
      const outcomes = await Promise.allSettled(of.map((part) => scope.resolve(part)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        const value = outcome.value instanceof Exit ? outcome.value.value : outcome.value;
        if (value !== null && value !== undefined) return value;
      }
      return null;
    },
  },
};
