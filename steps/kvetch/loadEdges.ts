import type { EdgeObjectsPage, EdgePage, EdgesRequest } from '../../src/kvetch/reads/KvetchReads.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import { type LoadOptions, loader } from '../load/loader.ts';
import { loadOne } from '../load/loadOne.ts';
import { setTargets } from './loadObjects.ts';
import { byKey, loadPage, type PageEnds, type PageKey, type PageSteps, pageLoader } from './paging.ts';
import { readsOf, remembersAhead } from './storeOf.ts';

/** The request for a page, with the key that asks for it. */
export const toEdgesRequest = (key: PageKey): EdgesRequest & { readonly key: PageKey } => ({
  edge: key[0],
  fromId: key[1] as string,
  first: key[2],
  after: key[3],
  reverse: key[4],
  until: key[5],
  key,
});

const edges = pageLoader<EdgePage>('kvetch.edges', (requests, info) => {
  const reads = readsOf(info);
  return reads.edges(requests.map(toEdgesRequest), byKey(info));
});

const edgeObjects = pageLoader<EdgeObjectsPage>('kvetch.edgeObjects', (requests, info) => {
  const reads = readsOf(info);
  return reads.edgeObjects(requests.map(toEdgesRequest), byKey(info));
});

aheadTraits.set(edges, remembersAhead());
aheadTraits.set(edgeObjects, remembersAhead('objects'));

const counts = loader<number, string, { edge: string | number }>({
  name: 'kvetch.edgeCounts',
  load: (ids, info) =>
    readsOf(info).counts(
      ids.map((fromId) => ({ edge: info.global.edge, fromId, key: fromId })),
      byKey(info),
    ),
});
aheadTraits.set(counts, remembersAhead());

/**
 * Represents a page of the list that belongs to `$fromId`. Yields `{ edges, hasNextPage, endCursor }`: one round to
 * the store for all rows. `loadObjects` of it gives the objects at the other end.
 *
 * ```ts
 * User: { plans: { lists: ($user, { $first, $after }) => loadObjects(loadEdges('user_to_list', get($user, 'id'), { $first, $after })) } },
 * ```
 */
export function loadEdges(edge: string | number, $fromId: Step<string>, page: PageSteps = {}): Step<EdgePage | null> {
  resolveStep('loadEdges', $fromId);
  const $page = loadPage(edges, edge, $fromId, page);
  setTargets($page, () => loadEdgeObjects(edge, $fromId, page));
  return $page;
}

/**
 * Represents a page of a list together with its objects. Yields `{ edges, objects, hasNextPage, endCursor }` in two
 * rounds; edges whose objects are gone or say otherwise are left out, and reported for repair.
 */
export function loadEdgeObjects(
  edge: string | number,
  $fromId: Step<string>,
  page: PageSteps = {},
): Step<EdgeObjectsPage | null> {
  resolveStep('loadEdgeObjects', $fromId);
  return loadPage(edgeObjects, edge, $fromId, page);
}

/** Represents a page of a list that may be read from its end. */
export function edgePage(edge: string | number, $fromId: Step, page: PageSteps, ends: PageEnds): Step {
  return loadPage(edges, edge, $fromId, page, ends);
}

/** Represents a page of a list that may be read from its end, with its objects. */
export function edgeObjectsPage(edge: string | number, $fromId: Step, page: PageSteps, ends: PageEnds): Step {
  return loadPage(edgeObjects, edge, $fromId, page, ends);
}

/** Represents the number of edges of a list. */
export function countEdges(
  edge: string | number,
  $fromId: Step<string>,
  options: LoadOptions = {},
): Step<number | null> {
  resolveStep('countEdges', $fromId);
  return loadOne($fromId, counts, { edge: constant(edge) } as never, options);
}
