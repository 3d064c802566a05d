import { on } from 'node:events';
import { Redis } from 'ioredis';
import type { PubSub } from '../../steps/listen.ts';

/** A pub/sub over Redis channels, each subscription with a connection of its own: what an application would write. */
export class RedisPubSub implements PubSub {
  readonly #url: string;
  readonly #publisher: Redis;
  /** How many subscriptions are open. */
  open = 0;

  constructor(url: string) {
    this.#url = url;
    this.#publisher = new Redis(url);
  }

  async publish(topic: string, event: unknown): Promise<number> {
    return this.#publisher.publish(topic, JSON.stringify(event));
  }

  async subscribe(topic: string): Promise<AsyncGenerator<unknown, void, void>> {
    const client = new Redis(this.#url);
    const stop = new AbortController();
    const messages = on(client, 'message', { signal: stop.signal });
    await client.subscribe(topic);
    this.open++;
    const close = async (): Promise<void> => {
      if (stop.signal.aborted) return;
      stop.abort();
      this.open--;
      await client.quit();
    };
    return {
      async next() {
        try {
          const { value } = await messages.next();
          return { value: JSON.parse(value[1]), done: false };
        } catch (error) {
          if (stop.signal.aborted) return { value: undefined, done: true };
          throw error;
        }
      },
      async return() {
        await close();
        return { value: undefined, done: true };
      },
      async throw(error) {
        await close();
        throw error;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    } as AsyncGenerator<unknown, void, void>;
  }

  async close(): Promise<void> {
    await this.#publisher.quit();
  }
}
