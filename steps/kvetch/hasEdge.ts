import { chain } from '../../src/kvetch/shards/chain.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { aheadTraits } from '../load/aheadTraits.ts';
import { mayStartAhead } from '../load/globals.ts';
import { type LoadOptions, loader } from '../load/loader.ts';
import { byKey, loadKey } from './paging.ts';
import { readsOf, remembersAhead } from './storeOf.ts';

type Question = readonly [edge: string | number, fromId: string | null | undefined, toId: string | null | undefined];
type WholeQuestion = readonly [edge: string | number, fromId: string, toId: string];

const questions = loader<boolean, Question, undefined>({
  name: 'kvetch.hasEdge',
  load: (keys, info) => {
    const asked = keys.filter(isWhole);
    const answers = readsOf(info).has(
      asked.map((key) => ({ edge: key[0], fromId: key[1], toId: key[2], key })),
      byKey(info),
    );
    return chain(answers, (entries) => {
      let next = 0;
      return keys.map((key) => (isWhole(key) ? entries[next++] : null));
    });
  },
});
aheadTraits.set(questions, remembersAhead());

/** Of nobody, and of nothing, it is not known whether an edge is there. */
function isWhole(key: Question): key is WholeQuestion {
  return key[1] !== null && key[1] !== undefined && key[2] !== null && key[2] !== undefined;
}

/**
 * Represents whether an edge is there; null where one of its ends is null. All rows, and all such steps that are ready
 * at the same time, are one call a server.
 *
 * ```ts
 * Listing: { plans: { isFavourite: ($listing) => hasEdge('favourites', get(viewer(), 'id'), get($listing, 'id')) } },
 * ```
 */
export function hasEdge(
  edge: string | number,
  $fromId: Step<string | null | undefined>,
  $toId: Step<string | null | undefined>,
  options: LoadOptions = {},
): Step<boolean | null> {
  resolveStep('hasEdge', $fromId);
  resolveStep('hasEdge', $toId);
  return loadKey(questions, [constant(edge), $fromId, $toId], { ahead: mayStartAhead('hasEdge', options) });
}
