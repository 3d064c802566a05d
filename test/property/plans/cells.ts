import type { Random } from '../../fuzz/Random.ts';
import type { Knobs } from './Knobs.ts';

/** A value of a table, as data: made anew whenever it is read, so that no promise is older than its request. */
export type Cell =
  | { readonly is: 'value'; readonly value: unknown }
  | { readonly is: 'error' | 'throws'; readonly message: string }
  | { readonly is: 'getter'; readonly value: unknown }
  /** A promise; `turns` of microtasks, or if negative of the event loop. */
  | { readonly is: 'later'; readonly value: unknown; readonly turns: number }
  | { readonly is: 'rejects'; readonly message: string; readonly turns: number }
  | { readonly is: 'list'; readonly as: ListForm; readonly items: readonly Cell[] };

export type ListForm = 'array' | 'set' | 'iterable' | 'async';

export function randomCell(random: Random, knobs: Knobs, place: string, value: unknown): Cell {
  const chance = random.next();
  if (knobs.nulls && chance < 0.15) return { is: 'value', value: random.chance(0.5) ? null : undefined };
  if (knobs.errors && chance < 0.2) return { is: 'error', message: `${place} is an error` };
  const turns = random.pick([0, 1, 3, -1, -2]);
  if (knobs.async && knobs.errors && chance < 0.25) return { is: 'rejects', message: `${place} rejects`, turns };
  if (knobs.async && chance < 0.35) return { is: 'later', value, turns };
  if (knobs.getters && chance < 0.45) {
    const isBad = knobs.errors && random.chance(0.3);
    return isBad ? { is: 'throws', message: `${place} throws` } : { is: 'getter', value };
  }
  return { is: 'value', value };
}

export function randomList(
  random: Random,
  knobs: Knobs,
  place: string,
  values: readonly unknown[],
  forms: readonly ListForm[] = ['array', 'set', 'iterable', 'async'],
): Cell {
  if (knobs.nulls && random.chance(0.1)) return { is: 'value', value: null };
  // Items are no properties.
  const items = values.map((value, at) => randomCell(random, { ...knobs, getters: false }, `${place}.${at}`, value));
  const as = knobs.iterables ? random.pick(forms) : 'array';
  return { is: 'list', as, items };
}

/** The value of a cell. Getters are those of `define`. */
export function cellValue(cell: Cell): unknown {
  switch (cell.is) {
    case 'value':
    case 'getter':
      return structuredClone(cell.value);
    case 'error':
      return new Error(cell.message);
    case 'throws':
      throw new Error(cell.message);
    case 'later':
      return delayed(cell.turns, () => structuredClone(cell.value));
    case 'rejects':
      return delayed(cell.turns, () => {
        throw new Error(cell.message);
      });
    case 'list':
      return listOf(cell.as, cell.items);
  }
}

function listOf(form: ListForm, cells: readonly Cell[]): unknown {
  const items = (): unknown[] => cells.map(cellValue);
  switch (form) {
    case 'array':
      return items();
    case 'set':
      // Items that are equal would be one.
      return new Set(items());
    case 'iterable':
      return { [Symbol.iterator]: () => items()[Symbol.iterator]() };
    case 'async':
      return { [Symbol.asyncIterator]: () => generate(cells) };
  }
}

async function* generate(cells: readonly Cell[]): AsyncGenerator<unknown> {
  for (const cell of cells) yield cell.is === 'rejects' ? new Error(cell.message) : cellValue(cell);
}

/**
 * Gives an object the property that a cell describes. Promises that reject are made for who reads them: nobody else hears
 * of them.
 */
export function define(target: object, name: string, cell: Cell): void {
  const isGetter = cell.is === 'getter' || cell.is === 'throws' || hasRejection(cell);
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: true,
    ...(isGetter ? { get: () => cellValue(cell) } : { value: cellValue(cell), writable: true }),
  });
}

function hasRejection(cell: Cell): boolean {
  return cell.is === 'rejects' || (cell.is === 'list' && cell.items.some(hasRejection));
}

export function delayed<T>(turns: number, make: () => T): Promise<T> {
  let promise: Promise<unknown> = Promise.resolve();
  for (let left = turns; left > 0; left--) promise = promise.then(() => {});
  for (let left = -turns; left > 0; left--)
    promise = promise.then(() => new Promise((resolve) => setImmediate(resolve)));
  return promise.then(make);
}
