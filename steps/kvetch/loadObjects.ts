import type { KvetchObject } from '../../src/kvetch/KvetchObject.ts';
import type { EdgePage, IndexPage, ObjectPage } from '../../src/kvetch/reads/KvetchReads.ts';
import { get } from '../../src/step/get.ts';
import { notAStep } from '../../src/step/notAStep.ts';
import { Step } from '../../src/step/Step.ts';
import { each } from '../lists/each.ts';
import { loadObject } from './loadObject.ts';

/** Remembers for a page of edges or index entries how the page with its objects is loaded. */
export function setTargets($page: Step, withObjects: () => Step<ObjectPage | null>): void {
  $page.graph.notes.set($page, withObjects);
}

/**
 * Represents the objects of many ids, or those at the other end of a page that `loadEdges` or `loadIndex` represents.
 * Yields a list a row; all rows are one round to the store, after that of the page. An object that does not exist is
 * null among ids, and left out of a page.
 *
 * ```ts
 * Query: { plans: { nodes: (_$root, { $ids }) => loadObjects($ids) } },
 * ```
 */
export function loadObjects(
  $ids: Step<readonly string[] | EdgePage | IndexPage | null>,
): Step<ReadonlyArray<KvetchObject | null>> {
  const withObjects = $ids instanceof Step ? ($ids.graph.notes.get($ids) as (() => Step) | undefined) : undefined;
  if (withObjects !== undefined) return get(withObjects(), 'objects');
  if (!($ids instanceof Step)) throw notAStep('loadObjects', $ids);
  return each($ids as Step<readonly string[]>, ($id) => loadObject($id));
}
