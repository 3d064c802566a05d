import { randomUUID } from 'node:crypto';
import { newCounters } from '../cleaners/CleanCounters.ts';
import { asStored, type KvetchContext } from '../KvetchContext.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { Cascades } from './Cascades.ts';
import { relayNotes } from './relayNotes.ts';

/**
 * Looks in the outboxes of all stores every now and then, in each by itself: one that is down holds nothing up. Where this
 * process has deleted an object that leaves children, it looks at once.
 */
export class Relay {
  readonly #context: KvetchContext;
  readonly #owner = `relay-${randomUUID()}`;
  readonly #timer: NodeJS.Timeout;
  readonly #cascades: Cascades;
  readonly #underWay = new Map<ShardStore, Promise<void>>();
  /** Where it is to look once more, as something came while it looked. */
  readonly #again = new Set<ShardStore>();
  #isStopped = false;

  constructor(context: KvetchContext, pollMs: number) {
    this.#context = asStored(context);
    this.#cascades = new Cascades(this.#context);
    const { shards, outbox } = context;
    this.#timer = setInterval(() => {
      for (const store of shards.stores) this.#look(store);
    }, pollMs).unref();
    outbox.whenHurried((store) => {
      if (this.#underWay.has(store)) this.#again.add(store);
      else this.#look(store);
    });
  }

  /** Ends when the work under way is done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    await Promise.all(this.#underWay.values());
    await this.#cascades.stop();
  }

  #look(store: ShardStore): void {
    // while the cache cannot be reached, nobody reads it, and notes keep
    if (this.#isStopped || this.#underWay.has(store) || this.#context.cache?.isReady === false) return;
    const look = this.#relay(store).finally(() => {
      this.#underWay.delete(store);
      if (this.#again.delete(store)) this.#look(store);
    });
    this.#underWay.set(store, look);
  }

  async #relay(store: ShardStore): Promise<void> {
    try {
      await relayNotes(this.#context, store, this.#owner, newCounters(), this.#cascades);
    } catch {
      this.#context.stats.failure(store.name);
    }
  }
}
