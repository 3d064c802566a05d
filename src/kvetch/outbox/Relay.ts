import { randomUUID } from 'node:crypto';
import { newCounters } from '../cleaners/CleanCounters.ts';
import { asStored, type KvetchContext } from '../KvetchContext.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { Cascades } from './Cascades.ts';
import { relayNotes } from './relayNotes.ts';

/** Looks in the outboxes of all stores every now and then, in each by itself: one that is down holds nothing up. */
export class Relay {
  readonly #context: KvetchContext;
  readonly #owner = `relay-${randomUUID()}`;
  readonly #timer: NodeJS.Timeout;
  readonly #cascades: Cascades;
  readonly #underWay = new Map<ShardStore, Promise<void>>();

  constructor(context: KvetchContext, pollMs: number) {
    this.#context = asStored(context);
    this.#cascades = new Cascades(this.#context);
    this.#timer = setInterval(() => this.#poll(), pollMs).unref();
  }

  /** Ends when the work under way is done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay.values());
    await this.#cascades.stop();
  }

  #poll(): void {
    const { shards, cache } = this.#context;
    // while the cache cannot be reached, nobody reads it, and notes keep
    if (cache?.isReady === false) return;
    for (const store of shards.stores) {
      if (this.#underWay.has(store)) continue;
      this.#underWay.set(
        store,
        this.#relay(store).finally(() => this.#underWay.delete(store)),
      );
    }
  }

  async #relay(store: ShardStore): Promise<void> {
    try {
      await relayNotes(this.#context, store, this.#owner, newCounters(), this.#cascades);
    } catch {
      this.#context.stats.failure(store.name);
    }
  }
}
