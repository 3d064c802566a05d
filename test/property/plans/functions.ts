import { exit, exitWith, fail, fn } from 'planql';
import { delayed } from './cells.ts';
import type { Knobs } from './Knobs.ts';
import type { Maker } from './Maker.ts';
import { areEqual, flag, hasAttributes, int, key, listOf, type Shape, text } from './Shape.ts';

/** A function of the values of some steps, for `lambda`. */
interface Lambda {
  /** The shapes of what it takes to yield `shape`; null where it never does. */
  takes(shape: Shape, maker: Maker): readonly Shape[] | null;
  readonly needs?: readonly (keyof Knobs)[];
  // biome-ignore lint/suspicious/noExplicitAny: as `takes` says
  f(values: readonly any[]): unknown;
}

const from =
  (gives: Shape, ...takes: readonly Shape[]) =>
  (shape: Shape): readonly Shape[] | null =>
    areEqual(shape, gives) ? takes : null;

const isNull = (value: unknown): boolean => value === null || value === undefined;
const isOdd = (value: unknown): boolean => typeof value === 'number' && value % 2 === 1;
const sizeOf = (list: unknown): number | null => {
  if (Array.isArray(list)) return list.length;
  return list instanceof Set ? list.size : null;
};

/** Functions take lists and rows as they are: what is in them may be promises, errors and signals. */
export const functions: Readonly<Record<string, Lambda>> = {
  double: { takes: from(int, int), f: ([n]) => (isNull(n) ? null : n * 2) },
  sum: { takes: from(int, int, int), f: ([a, b]) => (a ?? 0) + (b ?? 0) },
  isOdd: { takes: from(flag, int), f: ([n]) => isOdd(n) },
  isSame: { takes: from(flag, key, key), f: ([a, b]) => a === b },
  both: { takes: from(flag, flag, flag), f: ([a, b]) => (isNull(a) ? null : a && b) },
  shout: { takes: from(text, text), f: ([name]) => (isNull(name) ? null : `${name}!`) },
  join: { takes: from(text, text, key, int), f: (parts) => parts.join('-') },
  keyOf: { takes: from(key, int), f: ([n]) => (isNull(n) ? null : `r${n}`) },
  range: {
    takes: from(listOf(int), int),
    f: ([n]) => (isNull(n) ? null : Array.from({ length: n % 5 }, (_, at) => at)),
  },
  twice: { takes: from(listOf(key), key), f: ([id]) => [id, null, id] },
  size: {
    takes: (shape, maker) => (areEqual(shape, int) ? [listOf(maker.item())] : null),
    f: ([list]) => sizeOf(list),
  },
  drop: { takes: (shape, maker) => (areEqual(shape, int) ? [listOf(maker.item())] : null), f: () => 1 },
  rest: {
    takes: (shape) => (shape.is === 'list' ? [shape] : null),
    f: ([list]) => (Array.isArray(list) ? list.slice(1) : list),
  },
  idOf: { takes: (shape, maker) => (areEqual(shape, key) ? [maker.row()] : null), f: ([row]) => row?.id ?? null },
  width: {
    takes: (shape, maker) => (areEqual(shape, int) ? [maker.row()] : null),
    f: ([row]) => (isNull(row) ? null : Object.keys(row).length),
  },
  same: { takes: (shape) => (hasAttributes(shape) ? [shape] : null), f: ([row]) => row },
  exits: { takes: from(int, int), f: ([n]) => (isOdd(n) ? exit : n) },
  exitsEmpty: { takes: from(listOf(int), int), f: ([n]) => (isOdd(n) ? exitWith([]) : [n]) },
  generate: {
    takes: from(listOf(int), int),
    needs: ['iterables'],
    f: ([n]) => (isNull(n) ? null : [1, n, 3].values()),
  },
  later: { takes: from(int, int), needs: ['async'], f: ([n]) => delayed(isOdd(n) ? -1 : 1, () => n) },
  rejects: {
    takes: from(int, int),
    needs: ['errors', 'async'],
    f: ([n]) => (isOdd(n) ? Promise.reject(new Error(`${n} rejects`)) : n),
  },
  throws: {
    takes: from(int, int),
    needs: ['errors'],
    f: ([n]) => {
      if (isOdd(n)) throw new Error(`${n} throws`);
      return n;
    },
  },
  fails: {
    takes: from(text, text, int),
    needs: ['errors'],
    f: ([name, n]) => (isOdd(n) ? fail(new Error('odd')) : name),
  },
  isError: { takes: from(key, key), needs: ['errors'], f: ([id]) => (id === 'r3' ? new Error('r3 is an error') : id) },
};

/** How `lambda` is given the steps. */
export type LambdaForm = 'one' | 'tuple' | 'record';

export const partNames: readonly string[] = ['a', 'b', 'c'];

/** The values as a list, whatever form they come in. */
export function valuesOf(form: LambdaForm, given: unknown): readonly unknown[] {
  if (form === 'one') return [given];
  return form === 'tuple' ? (given as readonly unknown[]) : Object.values(given as object);
}

const named = new Map<string, (given: unknown) => unknown>();

/** A function of `functions`, named for exported plans. */
export function lambdaOf(name: string, form: LambdaForm): (given: unknown) => unknown {
  const full = `plans.${name}.${form}`;
  let found = named.get(full);
  if (found === undefined) {
    found = fn(full, (given: unknown) => functions[name]?.f(valuesOf(form, given)));
    named.set(full, found);
  }
  return found;
}

/** What is made of groups: a function of a `Map`, which is null where there was no list. */
interface Grouping {
  /** The shape of the items, to make `shape` of them; undefined: any. Null where it never does. */
  takes(shape: Shape): Shape | null | undefined;
  f(groups: ReadonlyMap<unknown, readonly unknown[]> | null): unknown;
}

export const groupings: Readonly<Record<string, Grouping>> = {
  sizes: {
    takes: (shape) => (areEqual(shape, listOf(int)) ? undefined : null),
    f: fn('plans.sizes', (groups) => groups && [...groups.values()].map(({ length }) => length)),
  },
  largest: {
    takes: (shape) => (shape.is === 'list' ? shape.of : null),
    f: fn('plans.largest', (groups) => groups && [...groups.values()].sort((a, b) => b.length - a.length)[0]),
  },
  groups: {
    takes: (shape) => (shape.is === 'list' && shape.of.is === 'list' ? shape.of.of : null),
    f: fn('plans.groups', (groups) => groups && [...groups.values()]),
  },
};

/** The message of an error that `trap` passed through. */
export const messageOf: (trapped: unknown) => string | null = fn('plans.messageOf', (trapped) =>
  trapped !== null && typeof trapped === 'object' && 'error' in trapped ? (trapped.error as Error).message : null,
);
