import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { ResponseObject } from './objectsIn.ts';
import type { ObjectPosition } from './objectsOf.ts';
import type { Position } from './Place.ts';

/** What steps said at once: `prefix` before each name is a key. */
export interface DependencyColumn {
  readonly prefix: string;
  readonly names: Iterable<string>;
}

/** What a key at a position concerns: all that is there, or, one key an object, what is read from that object itself. */
export type Scope = 'field' | 'self';

/** What belongs to one position of the response. */
export interface PositionColumns {
  readonly at: Position;
  readonly scope: Scope;
  readonly columns: readonly DependencyColumn[];
}

/** The objects of a response at a position, in order. */
export type ObjectsAtPosition = (at: Position) => Iterable<ResponseObject>;

/** Keys of objects: the rest of the key is the id. */
const OBJECTS = 'o:';

export function isOfObjects({ prefix }: DependencyColumn): boolean {
  return prefix === OBJECTS;
}

/** Columns that begin with a kind of keys, as far as that matters here: keys of objects, and others. */
export function byKind(columns: readonly DependencyColumn[]): readonly DependencyColumn[] {
  if (!columns.some(({ prefix }) => prefix === '')) return columns;
  const objects: string[] = [];
  const others: string[] = [];
  for (const { prefix, names } of columns) {
    if (prefix !== '') continue;
    for (const name of names) {
      if (name.startsWith(OBJECTS)) objects.push(name.slice(OBJECTS.length));
      else others.push(name);
    }
  }
  return [
    ...columns.filter(({ prefix }) => prefix !== ''),
    ...(objects.length > 0 ? [{ prefix: OBJECTS, names: objects }] : []),
    ...(others.length > 0 ? [{ prefix: '', names: others }] : []),
  ];
}

interface Shown {
  readonly here?: readonly ObjectPosition[] | undefined;
  readonly elsewhere?: readonly ObjectPosition[];
}

/** Objects that were read for a position. */
interface ReadObjects {
  readonly ids: Set<string>;
  /** The response keys of ids. */
  readonly keys: Set<string>;
}

/** Keys of objects that a step has read for a position, and the positions that may show these objects. */
interface Claim {
  readonly at: Position;
  readonly column: DependencyColumn;
  readonly positions: readonly Position[];
}

/** Gathers what belongs to which position. Objects that the response shows are told apart from all else. */
export class ColumnsByPosition {
  /** Says where a position of what was run is in the response. */
  readonly #place: (at: Position) => Position;
  readonly #fields = new Map<Position, DependencyColumn[]>();
  readonly #objects = new Map<Position, ReadObjects>();
  readonly #claims: Claim[] = [];

  constructor(place: (at: Position) => Position) {
    this.#place = place;
  }

  /** Of what a column names objects may be shown `here`, at or below the position; or `elsewhere`, where that is enough. */
  add(given: Position, column: DependencyColumn, { here = [], elsewhere = [] }: Shown = {}): void {
    const at = given === '' ? given : this.#place(given);
    if (!isOfObjects(column) || here.length + elsewhere.length === 0) return this.#field(at, column);
    const place = (position: ObjectPosition): Position => this.#place(position.at);
    this.#claims.push({ at, column, positions: [...here, ...elsewhere].map(place) });
    for (const position of here) {
      const known = getOrCreate(this.#objects, place(position), noObjects);
      for (const id of column.names) known.ids.add(id);
      for (const key of position.ids) known.keys.add(key);
    }
  }

  finish(objectsAt: ObjectsAtPosition): readonly PositionColumns[] {
    const selves: PositionColumns[] = [];
    const shown = new Map<Position, ReadonlySet<string>>();
    for (const [at, read] of this.#objects) {
      const names = idsOf(objectsAt(at), read);
      shown.set(at, names);
      if (names.size > 0) selves.push({ at, scope: 'self', columns: [{ prefix: OBJECTS, names }] });
    }
    // Whether what is not shown will be is a matter of the whole position.
    for (const { at, column, positions } of this.#claims) {
      const names = [...column.names].filter((id) => !positions.some((position) => shown.get(position)?.has(id)));
      if (names.length > 0) this.#field(at, { prefix: OBJECTS, names });
    }
    return [...[...this.#fields].map(([at, columns]) => ({ at, scope: 'field', columns }) as const), ...selves];
  }

  #field(at: Position, column: DependencyColumn): void {
    getOrCreate(this.#fields, at, () => []).push(column);
  }
}

function noObjects(): ReadObjects {
  return { ids: new Set(), keys: new Set() };
}

/** The ids of objects, each once, in order. None where one of them is not among those that were read. */
function idsOf(objects: Iterable<ResponseObject>, { ids, keys }: ReadObjects): ReadonlySet<string> {
  const found = new Set<string>();
  for (const object of objects) {
    let id: unknown;
    for (const key of keys) id ??= object[key];
    if (typeof id !== 'string' || !ids.has(id)) return new Set();
    found.add(id);
  }
  return found;
}
