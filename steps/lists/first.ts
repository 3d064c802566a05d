import type { Step } from '../../src/step/Step.ts';
import { itemOf } from './at.ts';

/**
 * Represents the first item of `$list`; null where there is none.
 *
 * ```ts
 * plans: { bestFriend: ($user) => first(loadMany(get($user, 'id'), friendsOf)) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function first<TItem = any>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
): Step<TItem | null> {
  return itemOf('first', $list, 0);
}
