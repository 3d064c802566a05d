import { Cluster, type Redis } from 'ioredis';
import type { Invalidations } from './Invalidations.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';

const RETRY_MS = 250;
const WATCH_MS = 1000;

/** Sees when Redis was away: nothing is read from it then until it has heard what changed meanwhile. */
export class Recovery {
  readonly #link: RedisLink;
  readonly #stats: RedisCacheStats;
  readonly #invalidations: Invalidations;
  readonly #sweep: (sinceMs: number) => Promise<unknown>;
  readonly #watch: NodeJS.Timeout;
  #lostAtMs: number | null = null;
  #isSweeping = false;
  #isClosed = false;

  /** `sweep` audits all that changed since a time (milliseconds). */
  constructor(
    link: RedisLink,
    stats: RedisCacheStats,
    invalidations: Invalidations,
    sweep: (sinceMs: number) => Promise<unknown>,
  ) {
    this.#link = link;
    this.#stats = stats;
    this.#invalidations = invalidations;
    this.#sweep = sweep;
    this.#watch = setInterval(() => void this.#recover(), WATCH_MS).unref();
    this.#listen(link.client);
  }

  /** Whether Redis has heard all that it must know. */
  get isTrusted(): boolean {
    return this.#link.isReady && this.#lostAtMs === null && !this.#isSweeping;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watch);
  }

  #listen(client: Redis | Cluster): void {
    const lost = (): void => {
      this.#lostAtMs ??= Date.now();
    };
    let wasReady = this.#link.isReady;
    client.on('error', () => undefined); // ioredis reconnects by itself; what fails meanwhile is counted
    client.on('ready', () => {
      if (wasReady) void this.#recover();
      wasReady = true;
    });
    client.on('close', () => {
      if (wasReady) lost();
    });
    if (!(client instanceof Cluster)) return;
    client.on('-node', lost);
    // a master that has been replaced is tried for ever, which tells nothing about the slots it had
    client.on('node error', (_error: unknown, address: string) => {
      if (client.slots.some(([master]) => master === address)) lost();
    });
  }

  /** Since when Redis may have missed something. */
  get #since(): number | null {
    const { overflowedAt } = this.#invalidations;
    if (this.#lostAtMs === null || overflowedAt === null) return this.#lostAtMs ?? overflowedAt;
    return Math.min(this.#lostAtMs, overflowedAt);
  }

  async #recover(): Promise<void> {
    if (this.#isSweeping || this.#isClosed || this.#since === null) return;
    this.#isSweeping = true;
    for (let since = this.#since; since !== null && !this.#isClosed && this.#link.isReady; since = this.#since) {
      const seen = this.#lostAtMs ?? since;
      this.#lostAtMs = null; // who loses Redis while this is under way sets it anew
      const failed = this.#stats.failedApplies;
      const isDone = await this.#sweep(since).then(
        () => this.#stats.failedApplies === failed,
        () => false, // a store is down as well: later
      );
      if (isDone) this.#invalidations.swept();
      else this.#lostAtMs = seen;
      if (this.#lostAtMs !== null) await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
    this.#isSweeping = false;
  }
}
