import type { KvetchEdge } from '../KvetchEdge.ts';
import { markedCursor } from './cursors.ts';
import type { Filling } from './fillPages.ts';

/** An entry of a list beside its object. */
export interface ShownEntry {
  /** Empty where nobody could decide whether the object may be seen. */
  readonly cursor: string;
  /** Of an edge; null where it has none. */
  readonly data: unknown;
}

/** A page of objects as readers get it. Nothing in it names an object that it does not show. */
export interface ShownPage<T> {
  /** An object that could not be loaded is an error in its place. */
  readonly objects: ReadonlyArray<T | Error>;
  readonly entries: readonly ShownEntry[];
  /** Whether an object follows. Only sure where it was asked for. */
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** `mayHaveErrors`: false where the caller knows that none of the objects is one. */
export function shownPage<T extends { readonly id: string }>(
  first: number,
  wantsEntries: boolean,
  { objects, edges, after }: Pick<Filling<T>, 'objects' | 'edges' | 'after'>,
  mayHaveErrors = true,
): ShownPage<T> {
  const isCut = objects.length > first;
  const kept = isCut ? objects.slice(0, first) : objects;
  const last = mayHaveErrors ? kept.findLastIndex((object) => !(object instanceof Error)) : kept.length - 1;
  return {
    objects: kept,
    entries: wantsEntries
      ? kept.map((object, at) => ({ cursor: cursorOf(object, edges[at]), data: edges[at]?.data ?? null }))
      : NO_ENTRIES,
    hasNextPage: isCut || (after !== null && first > 0),
    endCursor: last < 0 ? null : cursorOfObject(kept[last] as T, edges[last]),
  };
}

const NO_ENTRIES: readonly never[] = Object.freeze([]);

function cursorOf(object: { readonly id: string } | Error, edge: KvetchEdge | undefined): string {
  return object instanceof Error ? '' : cursorOfObject(object, edge);
}

/** An id will do as a cursor; that of an edge is found faster. */
function cursorOfObject({ id }: { readonly id: string }, edge: KvetchEdge | undefined): string {
  return edge === undefined ? id : markedCursor(edge);
}
