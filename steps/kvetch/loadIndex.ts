import type { IndexPage, ObjectPage } from '../../src/kvetch/reads/KvetchReads.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import { setTargets } from './loadObjects.ts';
import { byKey, type ListName, type ListSteps, loadPage, pageLoader, toIndexRequest } from './paging.ts';
import { readsOf, remembersAhead } from './storeOf.ts';

const entries = pageLoader<IndexPage>('kvetch.index', (requests, info) =>
  readsOf(info).index(requests.map(toIndexRequest), byKey(info)),
);

const indexObjects = pageLoader<ObjectPage>('kvetch.indexObjects', (requests, info) => {
  const reads = readsOf(info);
  return reads.indexObjects(requests.map(toIndexRequest), byKey(info));
});
aheadTraits.set(entries, remembersAhead());
aheadTraits.set(indexObjects, remembersAhead('objects'));

/**
 * Represents the ids that an index holds for a value. Yields `{ ids, hasNextPage, endCursor }`: one round to the store
 * for all rows. `loadObjects` of it gives the objects.
 *
 * ```ts
 * Query: { plans: { userByName: (_$root, { $username }) => first(loadObjects(loadIndex('username', $username))) } },
 * ```
 */
export function loadIndex(index: string | number, $value: Step, page: ListSteps = {}): Step<IndexPage | null> {
  resolveStep('loadIndex', $value);
  const $page = loadPage(entries, index, $value, page);
  setTargets($page, () => loadIndexObjects(index, $value, page));
  return $page;
}

/** Represents the objects that have a value. Yields `{ objects, hasNextPage, endCursor }` in two rounds. */
export function loadIndexObjects(index: ListName, $value: Step, page: ListSteps = {}): Step<ObjectPage | null> {
  resolveStep('loadIndexObjects', $value);
  return loadPage(indexObjects, index, $value, page);
}
