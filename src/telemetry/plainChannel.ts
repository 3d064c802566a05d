import { channelOf, type EventChannel } from './diagnosticsChannel.ts';

/** A channel that publishes each event once, when it has happened. */
export interface PlainChannel<TMessage extends object> {
  /** Whether there are listeners: without them no message need be made. */
  readonly isHeard: boolean;
  tell(message: TMessage): void;
  /** Calls a function with each message, until the function that it returns is called. */
  listen(listener: (message: TMessage) => void): () => void;
}

export function plainChannel<TMessage extends object>(name: string): PlainChannel<TMessage> {
  return new ToldEvents(channelOf(name));
}

/** A class: V8 reads the getter of a literal several times slower (decision engine-memory-rules). */
class ToldEvents<TMessage extends object> implements PlainChannel<TMessage> {
  readonly #channel: EventChannel;

  constructor(own: EventChannel) {
    this.#channel = own;
  }

  get isHeard(): boolean {
    return this.#channel.hasSubscribers;
  }

  tell(message: TMessage): void {
    this.#channel.publish(message);
  }

  listen(listener: (message: TMessage) => void): () => void {
    const subscriber = (message: unknown): void => listener(message as TMessage);
    this.#channel.subscribe(subscriber);
    return () => void this.#channel.unsubscribe(subscriber);
  }
}
