import type { KvetchObject } from '../../src/kvetch/KvetchObject.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import { mayStartAhead } from '../load/globals.ts';
import { type LoadOptions, loader } from '../load/loader.ts';
import { loadOne } from '../load/loadOne.ts';
import { readsOf, remembersAhead } from './storeOf.ts';

const objects = loader<KvetchObject, string>({
  name: 'kvetch.objects',
  load: (ids, info) => {
    const reads = readsOf(info);
    return reads.objects(ids, info);
  },
  identity: 'id',
});
aheadTraits.set(objects, remembersAhead());

/**
 * Represents the object with an id. Yields it, or null when there is none; all rows, and all such steps that are ready
 * at the same time, are one round to the store.
 *
 * ```ts
 * TodoList: { plans: { owner: ($list) => loadObject(get($list, 'owner')) } },
 * ```
 */
export function loadObject($id: Step<string | null | undefined>, options: LoadOptions = {}): Step<KvetchObject | null> {
  resolveStep('loadObject', $id);
  return loadOne($id, objects, null, { ahead: mayStartAhead('loadObject', options) });
}
