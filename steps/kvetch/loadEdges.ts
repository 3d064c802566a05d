import type { EdgeObjectsPage, EdgePage } from '../../src/kvetch/reads/KvetchReads.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import { setTargets } from './loadObjects.ts';
import { byKey, type ListName, type ListSteps, loadPage, pageLoader, toEdgesRequest } from './paging.ts';
import { readsOf, remembersAhead } from './storeOf.ts';

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

/**
 * Represents a page of the list that belongs to `$fromId`. Yields `{ edges, hasNextPage, endCursor }`: one round to
 * the store for all rows. `loadObjects` of it gives the objects at the other end.
 *
 * ```ts
 * User: { plans: { lists: ($user, { $first, $after }) => loadObjects(loadEdges('user_to_list', get($user, 'id'), { $first, $after })) } },
 * ```
 */
export function loadEdges(edge: string | number, $fromId: Step<string>, page: ListSteps = {}): Step<EdgePage | null> {
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
  edge: ListName,
  $fromId: Step<string>,
  page: ListSteps = {},
): Step<EdgeObjectsPage | null> {
  resolveStep('loadEdgeObjects', $fromId);
  return loadPage(edgeObjects, edge, $fromId, page);
}
