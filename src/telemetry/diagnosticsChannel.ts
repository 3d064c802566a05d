import type * as Diagnostics from 'node:diagnostics_channel';
import { errorOf } from '../errors/errorOf.ts';
import { builtinModule } from '../utils/builtinModule.ts';
import { emitWarning } from '../utils/emitWarning.ts';

type Subscriber = (message: unknown) => void;

/** The part of a diagnostics channel that planql uses. */
export interface EventChannel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
}

const node = builtinModule<typeof Diagnostics>('node:diagnostics_channel');

/** The parts of a tracing channel of Node, in the order of a call. */
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/** A channel of Node. In other runtimes: one of this copy of planql. */
export function channelOf(name: string): EventChannel {
  return node === null ? new OwnChannel() : node.channel(name);
}

/** A tracing channel of Node. In other runtimes: one of this copy of planql, which has no stores to bind. */
export function tracingChannelOf<TMessage extends object>(name: string): Diagnostics.TracingChannel<unknown, TMessage> {
  if (node !== null) return node.tracingChannel<unknown, TMessage>(name);
  return new OwnTracingChannel() as never;
}

class OwnChannel implements EventChannel {
  readonly #subscribers = new Set<Subscriber>();

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0;
  }

  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message);
      } catch (error) {
        emitWarning(errorOf(error));
      }
    }
  }

  runStores<T>(message: unknown, run: () => T): T {
    this.publish(message);
    return run();
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }
}

class OwnTracingChannel {
  readonly start = new OwnChannel();
  readonly end = new OwnChannel();
  readonly asyncStart = new OwnChannel();
  readonly asyncEnd = new OwnChannel();
  readonly error = new OwnChannel();

  subscribe(subscribers: Readonly<Record<(typeof EVENTS)[number], Subscriber>>): void {
    for (const event of EVENTS) this[event].subscribe(subscribers[event]);
  }

  unsubscribe(subscribers: Readonly<Record<(typeof EVENTS)[number], Subscriber>>): void {
    for (const event of EVENTS) this[event].unsubscribe(subscribers[event]);
  }
}
