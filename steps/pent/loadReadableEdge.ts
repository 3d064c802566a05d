import type { EdgeObjectsPage } from '../../src/kvetch/reads/KvetchReads.ts';
import { readEdgePages } from '../../src/pent/reads/readEdgePages.ts';
import type { Step } from '../../src/step/Step.ts';
import { byKey, type ListName, type ListSteps, loadPage, pageLoader, toEdgesRequest } from '../kvetch/paging.ts';
import { readsOf, remembersAhead } from '../kvetch/storeOf.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import { contextOf } from './contextOf.ts';

const pages = pageLoader<EdgeObjectsPage>('pent.edgeObjects', (requests, info) =>
  readEdgePages(contextOf(info), readsOf(info), requests.map(toEdgesRequest), byKey(info)),
);
aheadTraits.set(pages, remembersAhead('objects'));

/** Represents a page of the list that belongs to `$of`, as the viewer may ask for it: see `readEdgePages`. */
export function loadReadableEdge(edge: ListName, $of: Step, page: ListSteps): Step<EdgeObjectsPage | null> {
  return loadPage(pages, edge, $of, page);
}
