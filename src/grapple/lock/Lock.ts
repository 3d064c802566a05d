import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import type { GrappleModel, IndexModel, WhereModel } from '../model/Model.ts';

/** The meaning of the ids and names in stored data: `grapple.lock.json`. Entries are never removed, so no id gets another meaning. */
export interface Lock {
  /** The version of the format. */
  readonly version: 1;
  /** By type id. */
  readonly types: Readonly<Record<string, LockedType>>;
  /** By edge id. */
  readonly edges: Readonly<Record<string, LockedEdge>>;
  /** By name. */
  readonly indexes: Readonly<Record<string, LockedIndex>>;
}

export interface LockedType {
  readonly name: string;
  readonly attributes: Readonly<Record<string, LockedAttribute>>;
  readonly removed?: true;
}

interface LockedAttribute {
  readonly kind: FieldKind;
  readonly required?: true;
  /** The attribute that has its values now. */
  readonly renamedTo?: string;
  readonly removed?: true;
}

export interface LockedEdge {
  readonly name: string;
  /** Type ids. */
  readonly from: number;
  readonly to: number;
  /** The stored id that it follows from; null for a plain edge. */
  readonly by: string | null;
  /** Its conditions and its order, where it has some. */
  readonly list?: LockedList;
  readonly removed?: true;
}

/** What decides which rows a list has, and in which order. */
export interface LockedList {
  readonly where?: WhereModel;
  readonly orderBy?: readonly string[];
  readonly parts?: number;
}

interface LockedIndex {
  /** A type id. */
  readonly type: number;
  /** Of several attributes, their names and kinds with commas between them. */
  readonly attr: string;
  readonly kind: string;
  readonly unique?: true;
  readonly list?: LockedList;
  readonly removed?: true;
}

/** The lock of a project without a schema. */
export const emptyLock: Lock = { version: 1, types: {}, edges: {}, indexes: {} };

export const lockPath = 'grapple.lock.json';

/** Reads a lock file. @throws Error when it is none: a lost lock would let ids change their meaning. */
export function parseLock(text: string | null): Lock {
  if (text === null) return emptyLock;
  try {
    const lock = JSON.parse(text) as Lock;
    if (lock.version === 1 && [lock.types, lock.edges, lock.indexes].every((part) => typeof part === 'object')) {
      return lock;
    }
  } catch {
    // reported below
  }
  throw new Error(
    `${lockPath} is no lock file of planql. Restore it from version control: it holds the meaning of stored ids.`,
  );
}

/** Writes a lock file. */
export function printLock(lock: Lock): string {
  // Lists stand on one line, as formatters write short ones.
  const text = JSON.stringify(lock, null, 2).replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (_list, items: string) => {
    return `[${items.replace(/,\n\s+/g, ', ')}]`;
  });
  return `${text}\n`;
}

/** The lock after a model was generated: the content of the model, and removed parts, marked so. */
export function nextLock(lock: Lock, { pents, edges, indexes }: GrappleModel): Lock {
  const typeIds = new Map(pents.map(({ name, typeId }) => [name, typeId]));
  const idOf = (name: string): number => typeIds.get(name) ?? 0;
  const types = pents.map(({ name, typeId, attributes }): [string, LockedType] => {
    const before = lock.types[typeId]?.attributes ?? {};
    const now = attributes.map((attribute): [string, LockedAttribute] => [
      attribute.name,
      { kind: attribute.kind, ...(attribute.required && { required: true as const }) },
    ]);
    const renames = new Map(
      attributes.flatMap((attribute) => attribute.renamedFrom.map((old) => [old, attribute.name])),
    );
    const former = retired(before, now).map(([old, attribute]): [string, LockedAttribute] => {
      const renamedTo = renames.get(old);
      if (renamedTo === undefined) return [old, attribute];
      const { removed: _removed, ...kept } = attribute;
      return [old, { ...kept, renamedTo }];
    });
    return [String(typeId), { name, attributes: Object.fromEntries([...now, ...former]) }];
  });
  const edgeEntries = edges.map(({ edgeId, name, from, to, storedIdAttr, ...edge }): [string, LockedEdge] => [
    String(edgeId),
    { name, from: idOf(from), to: idOf(to), by: storedIdAttr, ...lockedList(edge) },
  ]);
  const indexEntries = indexes.map((index): [string, LockedIndex] => {
    const { name, type, attrs, kinds, unique } = index;
    return [
      name,
      {
        ...{ type: idOf(type), attr: attrs.join(','), kind: kinds.join(',') },
        ...(unique && { unique: true as const }),
        ...lockedList(index),
      },
    ];
  });
  return {
    version: 1,
    types: sorted([...types, ...retired(lock.types, types)]),
    edges: sorted([...edgeEntries, ...retired(lock.edges, edgeEntries)]),
    indexes: sorted([...indexEntries, ...retired(lock.indexes, indexEntries)]),
  };
}

/** The part of an edge or index that a list needs; nothing for one without conditions and order. */
export function lockedList({
  where,
  orderBy,
  parts = null,
}: Pick<IndexModel, 'where' | 'orderBy'> & Partial<Pick<IndexModel, 'parts'>>): { readonly list?: LockedList } {
  const list = {
    ...(where !== null && { where }),
    ...(orderBy.length > 0 && { orderBy }),
    ...(parts !== null && { parts }),
  };
  return Object.keys(list).length === 0 ? {} : { list };
}

function retired<T extends object>(
  before: Readonly<Record<string, T>>,
  now: readonly (readonly [string, T])[],
): [string, T][] {
  const there = new Set(now.map(([key]) => key));
  return Object.entries(before)
    .filter(([key]) => !there.has(key))
    .map(([key, value]) => [key, 'renamedTo' in value ? value : { ...value, removed: true }]);
}

function sorted<T>(entries: readonly [string, T][]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
