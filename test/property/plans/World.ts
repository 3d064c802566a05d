import type { Kvetch } from 'planql/kvetch';
import type { PentContext } from 'planql/pent';
import type { Random } from '../../fuzz/Random.ts';
import { type Cell, cellValue, define, delayed, type ListForm, randomCell, randomList } from './cells.ts';
import type { Knobs } from './Knobs.ts';

/** The data of an attempt, as JSON. */
export interface Tables {
  /** By key: each attribute of a row. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, Cell>>>>;
  /** Keys whose row fails. */
  readonly failing: readonly string[];
  /** By key: lists of keys of rows, with repetitions and keys of nothing. */
  readonly near: Readonly<Record<string, Cell>>;
  /** By key: lists of keys of rows without these, which can be paged by cursors. */
  readonly distinct: Readonly<Record<string, readonly string[]>>;
  /** By key: lists of numbers. */
  readonly numbers: Readonly<Record<string, Cell>>;
}

/** What resolvers and loaders are given as their context. */
export interface RequestContext {
  readonly tables: Tables;
  readonly key: string;
  readonly n: number;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly keys: readonly string[];
  readonly log: unknown[];
  /** Whether loaders may be asked for some attributes only. */
  readonly isSelecting: boolean;
  readonly kvetch: Kvetch;
  readonly pent: PentContext;
  readonly pubsub: { subscribe(topic: string): AsyncIterable<unknown> };
  /** Where a resolver met what guides say is undefined. */
  readonly undefinedAt: string[];
}

const KEYS = 9;

export function randomTables(random: Random, knobs: Knobs): Tables {
  const keys = Array.from({ length: KEYS }, (_, at) => `r${at}`);
  /** Of so many, one is nothing. */
  const someKey = (): string => random.pick(knobs.nulls ? [...keys, 'r99'] : keys);
  const some = <T>(make: () => T): T[] => Array.from({ length: random.below(5) }, make);
  const number = (): number => random.below(5);
  // graphql-js 16 completes no async iterables.
  const forms: readonly ListForm[] = ['array', 'set', 'iterable'];
  const rows = Object.fromEntries(
    keys.map((key) => {
      const cell = (name: string, value: unknown): Cell => randomCell(random, knobs, `${key}.${name}`, value);
      const list = (name: string, values: unknown[]): Cell =>
        randomList(random, knobs, `${key}.${name}`, values, forms);
      const row: Record<string, Cell> = {
        id: { is: 'value', value: key },
        kind: cell('kind', random.pick(['A', 'A', 'B', 'B', 'C'])),
        n: cell('n', random.below(5)),
        m: cell('m', random.below(5)),
        t: cell('t', random.pick(['', 'x', 'yes', 'ünï'])),
        f: cell('f', random.chance(0.5)),
        to: cell('to', someKey()),
        other: cell('other', someKey()),
        ns: list('ns', some(number)),
        keys: list('keys', some(someKey)),
        deep: cell('deep', { n: random.below(5), ns: [1, 2] }),
      };
      return [key, row];
    }),
  );
  const byKey = <T>(make: (key: string) => T): Record<string, T> =>
    Object.fromEntries(keys.map((key) => [key, make(key)]));
  return {
    rows,
    failing: knobs.errors ? random.some(keys, 0.1) : [],
    near: byKey((key) => randomList(random, knobs, `near ${key}`, some(someKey))),
    distinct: byKey(() => random.some(keys, 0.5)),
    numbers: byKey((key) => randomList(random, knobs, `numbers ${key}`, some(number))),
  };
}

/** The row of a key: null where there is none. Without `attributes` with all of them. */
export function rowAt(
  { rows, failing }: Tables,
  key: unknown,
  attributes: readonly string[] | null = null,
  more: object = {},
): unknown {
  if (failing.includes(key as string)) return new Error(`row ${key} fails`);
  const cells = Object.hasOwn(rows, key as string) ? rows[key as string] : undefined;
  if (cells === undefined) return null;
  const row = {};
  for (const [name, cell] of Object.entries(cells)) {
    if (attributes === null || attributes.includes(name)) define(row, name, cell);
  }
  for (const [name, value] of Object.entries(more)) {
    if (attributes === null || attributes.includes(name)) define(row, name, { is: 'value', value });
  }
  return row;
}

/** A list of rows: where a cell is a promise, so is the row. */
export function rowsAt(
  tables: Tables,
  key: string,
  attributes: readonly string[] | null = null,
  more: object = {},
  cut: <T>(all: readonly T[]) => readonly T[] = (all) => all,
): unknown {
  const cell = cellAt(tables.near, key);
  if (cell.is !== 'list') return cellValue(cell);
  const items = cut(cell.items).map((item): unknown => {
    if (item.is === 'later') return delayed(item.turns, () => rowAt(tables, item.value, attributes, more));
    return item.is === 'value' ? rowAt(tables, item.value, attributes, more) : cellValue(item);
  });
  // A Set has one null for all rows that are missing: pages of it would not be those of the whole list.
  const set = new Set(items);
  return (cell.as === 'set' || cell.as === 'iterable') && set.size === items.length ? set : items;
}

/** The cell of a key, null where there is none. */
export function cellAt(cells: Readonly<Record<string, Cell>>, key: string): Cell {
  return (Object.hasOwn(cells, key) ? cells[key] : undefined) ?? { is: 'value', value: null };
}
