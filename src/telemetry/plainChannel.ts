import { channel } from 'node:diagnostics_channel';

/** A channel that publishes each event once, when it has happened. */
export interface PlainChannel<TMessage extends object> {
  /** Whether anybody listens: no message need be made where nobody does. */
  readonly isHeard: boolean;
  tell(message: TMessage): void;
  /** Calls a function with each message, until the function that it returns is called. */
  listen(listener: (message: TMessage) => void): () => void;
}

export function plainChannel<TMessage extends object>(name: string): PlainChannel<TMessage> {
  const own = channel(name);
  return {
    get isHeard() {
      return own.hasSubscribers;
    },

    tell: (message) => own.publish(message),

    listen(listener) {
      const subscriber = (message: unknown): void => listener(message as TMessage);
      own.subscribe(subscriber);
      return () => void own.unsubscribe(subscriber);
    },
  };
}
