import type { AsyncLocalStorage } from 'node:async_hooks';
import type { TracingChannel } from 'node:diagnostics_channel';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import { tracingChannelOf } from './diagnosticsChannel.ts';

/** The object that subscribers get: the message, at the end with its result or error. One object from start to end. */
export type Traced<TMessage> = TMessage & { result?: unknown; error?: unknown };

/** A tracing channel for synchronous and asynchronous work. */
export interface Traceable<TMessage extends object> {
  /** Whether there are listeners. Without them, this check is all that tracing costs. */
  readonly isHeard: boolean;
  /**
   * Runs, publishes it, and returns the result of `run` as it is: no promise is made, wrapped or awaited. The message
   * becomes the object that subscribers get.
   */
  trace<T>(message: TMessage, run: () => T): T;
  /** Calls `begin` with each message, and its result at the end of the call. Returns a function that stops it. */
  listen(begin: (message: Traced<TMessage>) => () => void): () => void;
  /** Runs each published call with a value in a storage, which `enter` makes. Returns a function that stops it. */
  bind<T>(storage: AsyncLocalStorage<T>, enter: (message: TMessage) => T): () => void;
  readonly channel: TracingChannel<unknown, object>;
}

export function traceable<TMessage extends object>(name: string): Traceable<TMessage> {
  return new TracedCalls(tracingChannelOf<Traced<TMessage>>(name));
}

/** A class: V8 reads the getter of a literal several times slower (decision engine-memory-rules). */
class TracedCalls<TMessage extends object> implements Traceable<TMessage> {
  readonly channel: TracingChannel<unknown, Traced<TMessage>>;

  constructor(channel: TracingChannel<unknown, Traced<TMessage>>) {
    this.channel = channel;
  }

  get isHeard(): boolean {
    const { start, end, asyncStart, asyncEnd, error } = this.channel;
    if (start.hasSubscribers || end.hasSubscribers || asyncEnd.hasSubscribers) return true;
    return asyncStart.hasSubscribers || error.hasSubscribers;
  }

  trace<T>(message: TMessage, run: () => T): T {
    return this.channel.start.runStores(message, () => this.#tell(message, run));
  }

  #tell<T>(traced: Traced<TMessage>, run: () => T): T {
    try {
      const result = run();
      if (isPromiseLike(result)) this.#follow(traced, result);
      else traced.result = result;
      return result;
    } catch (reason) {
      this.#fail(traced, reason);
      throw reason;
    } finally {
      this.channel.end.publish(traced);
    }
  }

  #follow(traced: Traced<TMessage>, result: PromiseLike<unknown>): void {
    result.then(
      (value) => {
        traced.result = value;
        this.#settle(traced);
      },
      (reason: unknown) => {
        this.#fail(traced, reason);
        this.#settle(traced);
      },
    );
  }

  #settle(traced: Traced<TMessage>): void {
    this.channel.asyncStart.publish(traced);
    this.channel.asyncEnd.publish(traced);
  }

  #fail(traced: Traced<TMessage>, reason: unknown): void {
    traced.error = reason;
    this.channel.error.publish(traced);
  }

  listen(begin: (message: Traced<TMessage>) => () => void): () => void {
    // Of this listener alone, on the message itself: a map of open calls costs more than the measured calls.
    const open = Symbol('open');
    const opened = (message: object): { [open]?: () => void } => message;
    const over = (message: object): void => opened(message)[open]?.();
    const subscribers = {
      start: (message: Traced<TMessage>) => {
        opened(message)[open] = begin(message);
      },
      // An asynchronous call has no result yet; it is over when its promise is.
      end: (message: Traced<TMessage>) => {
        if ('result' in message || 'error' in message) over(message);
      },
      asyncStart: () => {},
      asyncEnd: over,
      error: () => {},
    };
    this.channel.subscribe(subscribers);
    return () => void this.channel.unsubscribe(subscribers);
  }

  bind<T>(storage: AsyncLocalStorage<T>, enter: (message: TMessage) => T): () => void {
    const { start } = this.channel;
    start.bindStore(storage, enter);
    return () => void start.unbindStore(storage);
  }
}
