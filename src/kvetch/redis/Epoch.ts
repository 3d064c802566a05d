import { createHash, randomBytes } from 'node:crypto';
import { Cluster, type Redis } from 'ioredis';
import { withDeadline } from '../shards/withDeadline.ts';
import type { CacheKey } from './cacheKeys.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { RedisLink } from './RedisLink.ts';
import { noteEpoch } from './scripts.ts';

/** How often a process checks that Redis is still the same server. */
const CHECK_MS = 1000;
const RETRY_MS = 100;
/** The length of the text of an epoch. */
export const EPOCH_CHARS = 8;

/**
 * The epoch of the data in Redis. Every entry begins with the epoch in which it was filled, and readers take no other.
 * A server that was restarted, restored or promoted has a new run id or replication id: its data is a copy that may
 * lack removals, and a new epoch begins. While the epoch is unknown, Redis is not read.
 */
export class Epoch {
  /** The number of connections lost so far. Replies to questions from before a loss do not count. */
  losses = 0;
  readonly #link: RedisLink;
  readonly #stats: RedisCacheStats;
  readonly #key: CacheKey;
  readonly #timeoutMs: number;
  readonly #watch: NodeJS.Timeout;
  #text: string | null = null;
  #checking: Promise<void> | null = null;
  #isClosed = false;
  /** Takes the listeners from the client again. */
  #unlisten: () => void = () => undefined;
  /** An epoch that has ended here and must not be used again. */
  #ended: string | null = null;

  constructor(link: RedisLink, stats: RedisCacheStats, key: CacheKey, timeoutMs: number) {
    this.#link = link;
    this.#stats = stats;
    this.#key = key;
    this.#timeoutMs = timeoutMs;
    this.#watch = setInterval(() => void this.check(), CHECK_MS).unref();
    this.#listen(link.client);
  }

  /** The prefix of valid entries; `null` while it is unknown. */
  get text(): string | null {
    return this.#link.isReady ? this.#text : null;
  }

  /** Asks Redis for its identity. It never rejects. Calls during a check wait for that check. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Ends the epoch, because this process has missed more removals than it can remember. */
  end(): void {
    this.#ended = this.#text ?? this.#ended;
    this.#text = null;
  }

  /** From now on Redis is not read: another server may have taken its place unnoticed. */
  close(): void {
    this.#isClosed = true;
    this.#text = null;
    clearInterval(this.#watch);
    this.#unlisten();
  }

  #listen(client: Redis | Cluster): void {
    const lost = (): void => {
      this.losses++;
      this.#text = null;
    };
    const check = (): void => void this.check();
    const listeners: [event: string, listener: (...values: unknown[]) => void][] = [
      ['error', () => undefined], // ioredis reconnects by itself; failures meanwhile are counted
      ['ready', check],
      ['close', lost],
    ];
    if (client instanceof Cluster) {
      // ioredis retries a replaced master for ever, which is no news of its former slots
      const failed = (_error: unknown, address: unknown): void => {
        if (client.slots.some(([master]) => master === address)) lost();
      };
      listeners.push(['-node', lost], ['+node', check], ['node error', failed]);
    }
    for (const [event, listener] of listeners) client.on(event, listener);
    this.#unlisten = () => {
      for (const [event, listener] of listeners) client.off(event, listener);
    };
    if (this.#link.isReady) check();
  }

  async #check(): Promise<void> {
    const losses = this.losses;
    const epoch = await this.#ask().catch(() => null);
    if (this.#isClosed) return;
    if (losses !== this.losses || epoch === null) {
      if (epoch === null) this.#text = null;
      if (this.#link.isReady) setTimeout(() => void this.check(), RETRY_MS).unref();
      return;
    }
    if (this.#text !== null && this.#text !== epoch) this.#stats.epochs++;
    this.#text = epoch;
  }

  async #ask(): Promise<string | null> {
    if (!this.#link.isReady) return null;
    const server = await withDeadline(identify(this.#link.client), this.#timeoutMs, 'Asking Redis for its identity');
    if (server === null) return null;
    const note = async (): Promise<unknown> => {
      const fresh = randomBytes(6).toString('base64url');
      return (await this.#link.run(noteEpoch, [server, fresh], [{ key: this.#key, args: [] }], 'unawaited'))[0];
    };
    let epoch = await note();
    if (epoch === this.#ended && epoch !== null) {
      await this.#link.send([{ key: this.#key, words: ['del', this.#key.entry] }], 'unawaited');
      epoch = await note();
    }
    return typeof epoch === 'string' && epoch.length === EPOCH_CHARS && epoch !== this.#ended ? epoch : null;
  }
}

/** A digest of all serving masters; `null` if one of them is a replica, which gets removals late. */
async function identify(client: Redis | Cluster): Promise<string | null> {
  const servers = await Promise.all(mastersOf(client).map(identifyServer));
  if (servers.length === 0 || servers.includes(null)) return null;
  return createHash('sha256').update(servers.sort().join(' ')).digest('base64url').slice(0, 22);
}

function mastersOf(client: Redis | Cluster): readonly Redis[] {
  if (!(client instanceof Cluster)) return [client];
  const serving = new Set(client.slots.map(([master]) => master));
  return client.nodes('master').filter(({ options: { host, port } }) => serving.has(`${host}:${port}`));
}

async function identifyServer(server: Redis): Promise<string | null> {
  const text = `${await server.call('info', 'server')}\n${await server.call('info', 'replication')}`;
  const field = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1];
  const [run, role, data] = [field('run_id'), field('role'), field('master_replid')];
  return role === 'master' && run !== undefined ? `${run}:${data}` : null;
}
