import type { WireKeys } from '../keys/WireKeys.ts';
import type { PositionColumns } from '../tracking/columns.ts';
import { type KeyTable, makeKeyTable } from './KeyTable.ts';

/** Two generations of so many bytes each are remembered. */
const MAX_BYTES = 16 << 20;
/** The bytes of a table beside its texts, and those of each of its keys, with its versions. */
const TABLE_BYTES = 500;
const KEY_BYTES = 120;

interface KnownTable {
  readonly table: KeyTable;
  /** By column, in the order of the groups. */
  readonly columns: readonly (readonly string[])[];
  readonly bytes: number;
}

/**
 * The tables of keys of the last responses. A query that runs again mostly reads the same keys: then its names,
 * its groups and their signed form are there, and only the ids have to be compared.
 */
export class KeyTables {
  readonly #wireKeys: WireKeys;
  readonly #maxKeys: number;
  #bytes = 0;
  #recent = new Map<string, KnownTable>();
  #older = new Map<string, KnownTable>();

  /** More keys than `maxKeys` have no table. */
  constructor(wireKeys: WireKeys, maxKeys: number) {
    this.#wireKeys = wireKeys;
    this.#maxKeys = maxKeys;
  }

  /** The table of the keys that some runs recorded. Null: there are too many keys. */
  of(runs: readonly (readonly PositionColumns[])[]): KeyTable | null {
    const shape = shapeOf(runs);
    const known = this.#recent.get(shape) ?? this.#older.get(shape);
    if (known !== undefined && areIn(known.columns, runs)) {
      if (!this.#recent.has(shape)) this.#remember(shape, known);
      return known.table;
    }
    const table = makeKeyTable(runs, this.#wireKeys, this.#maxKeys);
    if (table !== null) {
      const columns = columnsOf(runs);
      this.#remember(shape, { table, columns, bytes: 2 * shape.length + bytesOf(columns) });
    }
    return table;
  }

  #remember(shape: string, known: KnownTable): void {
    this.#bytes += known.bytes - (this.#recent.get(shape)?.bytes ?? 0);
    this.#recent.set(shape, known);
    if (this.#bytes < MAX_BYTES) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#bytes = 0;
  }
}

/** A text that mostly tells the columns of different queries and objects apart. Those of one shape are compared by name. */
function shapeOf(runs: readonly (readonly PositionColumns[])[]): string {
  let shape = '';
  for (const groups of runs) {
    for (const { at, scope, columns, under } of groups) {
      shape += `${at}\n${scope}\n`;
      if (under !== undefined) shape += `${under.at}\n${under.isFilled}\n${under.each.join()}\n`;
      for (const { prefix, names } of columns) {
        const { length = -1, 0: first = '' } = Array.isArray(names) ? names : [];
        shape += `${prefix}\n${length}\n${first}\n`;
      }
      shape += '\n';
    }
    shape += '\n';
  }
  return shape;
}

function columnsOf(runs: readonly (readonly PositionColumns[])[]): readonly (readonly string[])[] {
  return runs.flatMap((groups) => groups.flatMap(({ columns }) => columns.map(({ names }) => [...names])));
}

function bytesOf(columns: readonly (readonly string[])[]): number {
  let bytes = TABLE_BYTES;
  for (const names of columns) for (const name of names) bytes += 2 * name.length + KEY_BYTES;
  return bytes;
}

/** Whether the columns of runs are the known ones, where their shape is the same. */
function areIn(known: readonly (readonly string[])[], runs: readonly (readonly PositionColumns[])[]): boolean {
  let at = 0;
  for (const groups of runs) {
    for (const { columns } of groups) {
      for (const { names } of columns) if (!areEqual(known[at++] ?? [], names)) return false;
    }
  }
  return at === known.length;
}

function areEqual(known: readonly string[], names: Iterable<string>): boolean {
  const given = Array.isArray(names) ? names : [...names];
  if (given.length !== known.length) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== given[at]) return false;
  return true;
}
