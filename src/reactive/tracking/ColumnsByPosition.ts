import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { covers } from '../../utils/positions.ts';
import type { RowsOfName } from '../../utils/RecordDependencies.ts';
import type { DependencyColumn, Owned, PositionColumns } from './columns.ts';
import { OwnedColumns } from './OwnedColumns.ts';
import { collected, type ResponseObject, type VisitObject } from './objectsIn.ts';
import type { ObjectPosition } from './objectsOf.ts';
import type { Position } from './Place.ts';

/** Visits the objects of a response at a position, in order. Whether all were wanted. */
export type ObjectsAtPosition = (at: Position, visit: VisitObject) => boolean;

/** Some of the objects at a position, and the data below them. */
export interface ObjectsPart {
  readonly at: Position;
  readonly objectsAt: ObjectsAtPosition;
}

/** Keys of objects: the rest of the key is the id. */
const OBJECTS = 'o:';

function isOfObjects({ prefix }: DependencyColumn): boolean {
  return prefix === OBJECTS;
}

/** Columns that begin with a kind of keys, as far as that matters here: keys of objects, and others. */
export function byKind(columns: readonly DependencyColumn[]): readonly DependencyColumn[] {
  if (!columns.some(({ prefix }) => prefix === '')) return columns;
  const objects = new JoinedNames();
  const others = new JoinedNames();
  for (const column of columns) {
    if (column.prefix !== '') continue;
    let place = 0;
    for (const name of column.names) {
      if (name.startsWith(OBJECTS)) objects.add(name.slice(OBJECTS.length), column, place++);
      else others.add(name, column, place++);
    }
  }
  return [
    ...columns.filter(({ prefix }) => prefix !== ''),
    ...(objects.names.length > 0 ? [objects.column(OBJECTS)] : []),
    ...(others.names.length > 0 ? [others.column('')] : []),
  ];
}

/** Names of several columns. */
class JoinedNames {
  readonly names: string[] = [];
  readonly #sources: { readonly column: DependencyColumn; readonly place: number }[] = [];

  add(name: string, column: DependencyColumn, place: number): void {
    this.names.push(name);
    this.#sources.push({ column, place });
  }

  column(prefix: string): DependencyColumn {
    const rowsOf: RowsOfName = (at) => {
      const { column, place } = itemAt(this.#sources, at);
      return column.rowsOf?.(place) ?? null;
    };
    return { prefix, names: this.names, rowsOf };
  }
}

/**
 * What the number of an object's keys would tell: nothing (`none`); how many objects were read and not shown (`counts`);
 * or nothing, as keys of hidden objects are kept with those of the whole position (`hidden`).
 */
export type Secrecy = 'none' | 'hidden' | 'counts';

/** Positions that may show a step's objects: at or below its own, or anywhere, where that is enough. */
export interface Shown {
  readonly here?: readonly ObjectPosition[] | undefined;
  readonly elsewhere?: readonly ObjectPosition[];
}

/** Keys of objects that a step has read for a position, and the positions that may show these objects. */
interface Claim {
  readonly at: Position;
  readonly column: DependencyColumn;
  readonly positions: readonly Position[];
}

/** Gathers columns by position. Objects that the response shows are told apart from all else. */
export class ColumnsByPosition {
  /** The position in the response of a position of the run operation. */
  readonly #place: (at: Position) => Position;
  readonly #fields = new Map<Position, DependencyColumn[]>();
  readonly #owned = new Map<Position, OwnedColumns>();
  readonly #objects = new Map<Position, ReadObjects>();
  readonly #claims: Claim[] = [];

  constructor(place: (at: Position) => Position) {
    this.#place = place;
  }

  /**
   * Objects that a column names may be shown `here`, at or below the position; or `elsewhere`, where that is enough.
   * `owned`: its names concern the data of some objects above.
   */
  add(
    given: Position,
    column: DependencyColumn,
    { here = [], elsewhere = [] }: Shown = {},
    owned: Owned | null = null,
    secrecy: Secrecy = 'none',
  ): void {
    const at = given === '' ? given : this.#place(given);
    if (!isOfObjects(column) || here.length + elsewhere.length === 0) {
      // One object is all that there is.
      if (owned === null || !this.#place(owned.above).includes('*')) return this.#field(at, column);
      // Keys of hidden objects come to the others of the field: nobody sees whether there are any.
      if (secrecy === 'hidden') getOrCreate(this.#fields, at, () => []);
      const above = getOrCreate(this.#owned, at, () => new OwnedColumns(this.#place(owned.above)));
      return above.add(column, owned, secrecy === 'counts');
    }
    const place = (position: ObjectPosition): Position => this.#place(position.at);
    this.#claims.push({ at, column, positions: [...here, ...elsewhere].map(place) });
    for (const position of here) {
      getOrCreate(this.#objects, place(position), () => new ReadObjects()).add(column, position);
    }
  }

  /** `part`: objects at a position that alone are of interest. */
  finish(objectsAt: ObjectsAtPosition, part: ObjectsPart | null): readonly PositionColumns[] {
    const selves: PositionColumns[] = [];
    /** Positions that show all that was read for them. */
    const complete = new Set<Position>();
    for (const [at, read] of this.#objects) {
      const { ids: shown, isComplete } = read.shownAmong((visit) => objectsAt(at, visit));
      if (isComplete) complete.add(at);
      const names =
        part === null || shown.length === 0 ? shown : read.idsOf(collected((visit) => part.objectsAt(at, visit)));
      if (names.length > 0) selves.push({ at, scope: 'self', columns: [{ prefix: OBJECTS, names }] });
    }
    // Whether a hidden object will be shown concerns the whole position.
    for (const { at, column, positions } of this.#claims) {
      if (positions.every((position) => complete.has(position))) continue;
      const shown = positions.flatMap((position) => this.#objects.get(position) ?? []);
      const names = [...column.names].filter((id) => !shown.some((read) => read.shows(id)));
      if (names.length > 0) this.#field(at, { prefix: OBJECTS, names });
    }
    const unders: PositionColumns[] = [];
    for (const [at, owned] of this.#owned) {
      const { columns, rest, under } = owned.finish(
        (visit) => objectsAt(owned.above, visit),
        part === null ? null : (visit) => part.objectsAt(owned.above, visit),
      );
      if (columns.length > 0) unders.push({ at, scope: 'under', columns, under });
      for (const column of rest) this.#field(at, column);
    }
    const fields = [...this.#fields].map(([at, columns]) => ({ at, scope: 'field', columns }) as const);
    const all = [...fields, ...unders, ...selves];
    if (part === null) return all;
    // What was read on the way decides whether these objects are shown: the changed ones may have led to other reads.
    return all.filter(({ at, scope }) => covers(part.at, at) || (scope === 'field' && covers(at, part.at)));
  }

  #field(at: Position, column: DependencyColumn): void {
    getOrCreate(this.#fields, at, () => []).push(column);
  }
}

/** Objects that were read for a position. */
class ReadObjects {
  readonly #columns: DependencyColumn[] = [];
  /** The response keys of ids. */
  readonly #keys = new Set<string>();
  /** By id: whether the response shows the object there. Null: it shows all of them, in their order. */
  #isShown: Map<string, boolean> | null = null;

  add(column: DependencyColumn, { ids }: ObjectPosition): void {
    this.#columns.push(column);
    for (const key of ids) this.#keys.add(key);
  }

  /** Whether the response shows the object, once it was looked for. */
  shows(id: string): boolean {
    if (this.#isShown === null) this.#isShown = this.#allAre(true);
    return this.#isShown.get(id) ?? false;
  }

  /** The ids of those objects that were read, in order, and whether there are no others. None if one of them was not read. */
  shownAmong(each: (visit: VisitObject) => boolean): { readonly ids: readonly string[]; readonly isComplete: boolean } {
    const keys = [...this.#keys];
    const [only, ...others] = this.#columns;
    // Mostly a response shows the objects of one step in the order of the read: then there is nothing to look for.
    if (only !== undefined && others.length === 0 && areIdsOf(each, keys, only.names)) {
      return { ids: only.names, isComplete: true };
    }
    this.#isShown = this.#allAre(false);
    const ids = takeShown(collected(each), keys, this.#isShown);
    return { ids, isComplete: ids.length === this.#isShown.size };
  }

  /** The ids of objects that were read, each once, in order. */
  idsOf(objects: readonly ResponseObject[]): readonly string[] {
    const ids = objects.map((object) => idOf(object, [...this.#keys])).filter((id) => typeof id === 'string');
    return [...new Set(ids)];
  }

  #allAre(isShown: boolean): Map<string, boolean> {
    const all = new Map<string, boolean>();
    for (const { names } of this.#columns) for (const name of names) all.set(name, isShown);
    return all;
  }
}

function idOf(object: ResponseObject, keys: readonly string[]): unknown {
  return object[(keys.length === 1 ? keys[0] : keys.find((one) => object[one] != null)) ?? ''];
}

/** Whether names are the ids of objects, one by one. */
function areIdsOf(
  each: (visit: VisitObject) => boolean,
  keys: readonly string[],
  names: Iterable<string>,
): names is readonly string[] {
  if (!Array.isArray(names)) return false;
  const [key = '', ...others] = keys;
  let count = 0;
  const isNext =
    others.length === 0
      ? (object: ResponseObject): boolean => object[key] === names[count++]
      : (object: ResponseObject): boolean => idOf(object, keys) === names[count++];
  return each(isNext) && count === names.length;
}

/** The ids of objects, each once, in order. None where one of them is not among those that were read. */
function takeShown(
  objects: readonly ResponseObject[],
  keys: readonly string[],
  isShown: Map<string, boolean>,
): readonly string[] {
  const ids: string[] = [];
  for (const object of objects) {
    const id = idOf(object, keys);
    const known = typeof id === 'string' ? isShown.get(id) : undefined;
    if (typeof id !== 'string' || known === undefined) {
      for (const one of ids) isShown.set(one, false);
      return [];
    }
    if (known) continue;
    isShown.set(id, true);
    ids.push(id);
  }
  return ids;
}
