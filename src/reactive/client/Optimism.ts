import type { Query } from './Query.ts';
import type { Layer } from './Store.ts';

/** Optimistic changes of one mutation. */
export interface Optimism {
  readonly layer: Layer;
  /** Queries that show data changed by the mutation, and when that was known. Null: the mutation is under way. */
  waits: Map<Query, number> | null;
  /** Answers wait for it no longer. */
  isLate: boolean;
  timer: ReturnType<typeof setTimeout>;
}

export function isComplete({ waits }: Optimism): boolean {
  return waits?.size === 0;
}

/** Whether answers to a query may have the mutation's own change already: it would be seen twice, below the optimistic one too. */
export function holds({ layer, waits, isLate }: Optimism, query: Query): boolean {
  if (waits !== null) return waits.has(query);
  return !isLate && shows(query, layer);
}

/**
 * Queries that show the changed data and are waited for, though they hold no changed key. `arrived`: live ones that have
 * not brought it, as nobody knows their keys. Null: nothing was changed, as somebody else has written the same; others are fetched.
 */
export function awaited(
  { layer }: Optimism,
  queries: Iterable<Query>,
  arrived: readonly { readonly query: Query }[] | null,
): readonly Query[] {
  return [...queries].filter((query) => {
    if (!query.isWatched || !shows(query, layer) || (arrived ? query.sets.size > 0 : query.isLive)) return false;
    if (query.isLive) return !arrived?.some((arrival) => arrival.query === query);
    query.refetch(0, 'mutation');
    return true;
  });
}

function shows(query: Query, { patch }: Layer): boolean {
  for (const id of patch.keys()) if (query.data.ids.has(id)) return true;
  return false;
}
