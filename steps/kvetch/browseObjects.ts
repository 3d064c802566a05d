import type { ObjectPage } from '../../src/kvetch/reads/KvetchReads.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { byKey, loadPage, type PageSteps, pageLoader, toBrowseRequest } from './paging.ts';
import { readsOf, storeBatching } from './storeOf.ts';

const pages = pageLoader<ObjectPage>(
  'kvetch.browse',
  (requests, info) => readsOf(info).browse(requests.map(toBrowseRequest), byKey(info)),
  storeBatching,
);

/** Represents a page of all objects of a type, in order of id. Yields `{ objects, hasNextPage, endCursor }`. */
export function browseObjects(type: string | number, page: PageSteps = {}): Step<ObjectPage | null> {
  return loadPage(pages, type, constant('all'), page);
}
