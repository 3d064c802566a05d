import { PlanqlError } from '../src/errors/PlanqlError.ts';
import { constant } from '../src/step/builtin/ConstantStep.ts';
import type { ParamShapes } from '../src/step/paramShapes.ts';
import { type Entry, Step } from '../src/step/Step.ts';
import { fail } from '../src/step/signals.ts';
import { isAsyncIterable } from '../src/utils/asyncIterables.ts';
import { inspect } from '../src/utils/inspect.ts';
import { isPromiseLike } from '../src/utils/isPromiseLike.ts';
import { itemAt } from '../src/utils/itemAt.ts';
import type { MaybePromise } from '../src/utils/MaybePromise.ts';

/** Anything that topics can be subscribed to. */
export interface PubSub<TEvent = unknown> {
  /** The events of a topic. The iterable is closed (`return`) when the subscription ends. */
  subscribe(topic: string): MaybePromise<AsyncIterable<TEvent>>;
}

/** Represents the events of a topic. Yields the async iterable that the pub/sub gives for it. */
export class ListenStep<TEvent = unknown> extends Step<AsyncIterable<TEvent>> {
  static override readonly op = 'listen';
  static override readonly paramShapes: ParamShapes = {};

  constructor($pubsub: Step<PubSub<TEvent> | null | undefined>, $topic: Step<string>) {
    super();
    this.addDependency($pubsub);
    this.addDependency($topic);
  }

  /** Each subscription is its own: two that shared an iterator would take each other's events. */
  override peerKey(): string | null {
    return null;
  }

  override execute(
    count: number,
    [pubsubs, topics]: readonly [ReadonlyArray<PubSub<TEvent>>, readonly string[]],
  ): ReadonlyArray<Entry<AsyncIterable<TEvent>>> {
    const results = new Array<Entry<AsyncIterable<TEvent>>>(count);
    for (let row = 0; row < count; row++) {
      try {
        results[row] = subscribed(pubsubs[row], itemAt(topics, row));
      } catch (error) {
        results[row] = fail(error);
      }
    }
    return results;
  }
}

function subscribed<TEvent>(
  pubsub: PubSub<TEvent> | null | undefined,
  topic: string,
): MaybePromise<AsyncIterable<TEvent>> {
  if (typeof pubsub?.subscribe !== 'function') {
    throw new PlanqlError('NO_PUBSUB', `listen() was given ${inspect(pubsub)}, which has no "subscribe" method.`);
  }
  const events = pubsub.subscribe(topic);
  return isPromiseLike(events) ? events.then((awaited) => checked(awaited, topic)) : checked(events, topic);
}

function checked<TEvent>(events: AsyncIterable<TEvent>, topic: string): AsyncIterable<TEvent> {
  if (isAsyncIterable(events)) return events;
  throw new PlanqlError(
    'NO_EVENTS',
    `subscribe(${JSON.stringify(topic)}) gave ${inspect(events)} to listen(), which needs an async iterable.`,
  );
}

/**
 * Represents the events of `topic`, for `subscribePlan`. The field's `plan` is applied to each of them.
 *
 * ```ts
 * messageAdded: {
 *   subscribePlan: (_$root, { $room }) => listen(get(context(), 'pubsub'), lambda($room, roomTopic)),
 *   plan: ($event) => get($event, 'message'),
 * }
 * ```
 */
export function listen<TEvent>(
  $pubsub: Step<PubSub<TEvent>>,
  topic: Step<string> | string,
): Step<AsyncIterable<TEvent>> {
  return new ListenStep($pubsub, typeof topic === 'string' ? constant(topic) : topic);
}
