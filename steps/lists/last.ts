import type { Step } from '../../src/step/Step.ts';
import { itemOf } from './at.ts';

/**
 * Represents the last item of `$list`; null where there is none.
 *
 * ```ts
 * plans: { latestMessage: ($room) => last(loadMany(get($room, 'id'), messagesOf)) }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: items of a list that is not typed may be anything
export function last<TItem = any>(
  $list: Step<readonly TItem[] | null | undefined> | Step<readonly TItem[]>,
): Step<TItem | null> {
  return itemOf('last', $list, -1);
}
