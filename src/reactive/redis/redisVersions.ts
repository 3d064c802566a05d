import { createHash, randomBytes } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { anything, checkOptions, integer, type OptionTable, positive } from '../../errors/checkOptions.ts';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { connect, type PlaceErrors, placeOptions, type RedisPlace } from '../../redis/connect.ts';
import { appendAll } from '../../utils/appendAll.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import { VersionsUnavailableError } from '../versions/errors.ts';
import { Listeners } from '../versions/Listeners.ts';
import type { Change, Moment, Notes, Reading, VersionListener, VersionStore } from '../versions/VersionStore.ts';
import { ChangeFeed } from './ChangeFeed.ts';
import { parseStates } from './parseStates.ts';
import { epochScript, invalidateScript, payScript, readScript, readTextScript, throttleScript } from './scripts.ts';

/** The options of `redisVersions`. */
export interface RedisVersionsOptions extends RedisPlace {
  /** The prefix of all keys and of the channel. Default `planql:`. In a Cluster all of them lie in one slot. */
  readonly prefix?: string;
  /** How many keys are counted; the oldest are forgotten. Default 1,000,000. */
  readonly maxKeys?: number;
  /** How long a request to Redis may take, in milliseconds. Default 250. */
  readonly timeoutMs?: number;
  /** How often it is looked whether messages were missed, in milliseconds. Default 1,000. */
  readonly checkMs?: number;
}

/** A version store that processes share. It needs Redis 6 or later. */
export interface RedisVersions extends VersionStore {
  /** Resolves when Redis has answered and its messages are heard. No call has to wait for it. */
  ready(): Promise<void>;
  read(keys: readonly string[]): Promise<Reading>;
  invalidate(keys: readonly string[], everyMs?: number): Promise<Change>;
  beginEpoch(): Promise<void>;
  /** Ends its connections. Calls after it fail. */
  close(): Promise<void>;
}

/**
 * Opens a version store in one Redis server or a Redis Cluster, for `createReactive({ versions })`. Redis may be down, now or
 * later: responses then have the status `unavailable`. Spec 11.2.
 *
 * @throws PlanqlError with the code `BAD_OPTION`.
 */
export function redisVersions(options: RedisVersionsOptions): RedisVersions {
  checkOptions('redisVersions', options, redisOptions);
  return new RedisVersionStore(options);
}

const redisOptions: OptionTable<RedisVersionsOptions> = {
  ...placeOptions,
  prefix: anything,
  maxKeys: integer(1),
  timeoutMs: positive,
  checkMs: positive,
};

const placeErrors: PlaceErrors = {
  missing: () =>
    new PlanqlError('REDIS_OPTIONS', 'redisVersions needs "url", "nodes" or "sentinel: { master, nodes }".'),
  badNode: (node) => new PlanqlError('REDIS_OPTIONS', `redisVersions: a node is "host:port", not "${node}".`),
};

/** As many keys as a script takes at once: Lua unpacks no more than some thousands. */
const BATCH = 1000;
/** Lua takes up to 8,000 values. */
const READ_BATCH = 5000;
const DEFAULTS = { prefix: 'planql:', maxKeys: 1_000_000, timeoutMs: 250, checkMs: 1000 } as const;

class RedisVersionStore implements RedisVersions {
  readonly #client: Redis | Cluster;
  readonly #listeners = new Listeners();
  readonly #feed: ChangeFeed;
  /** The counters, their order, and the debts: they lie in one slot. */
  readonly #keys: readonly [string, string, string];
  readonly #channel: string;
  readonly #maxKeys: number;
  readonly #timeoutMs: number;
  readonly #noted = new Set<(text: string) => void>();
  #seen: Moment | null = null;
  /** Whether something was owed when the counters were read last, by whomever. */
  #isOwed = false;
  /** The moment that the last check read and that no message had reached yet. */
  #awaited: Moment | null = null;
  /** By throttle: when this process pays its debts. Each check of any process does, too. */
  readonly #payments = new Map<number, NodeJS.Timeout>();

  constructor(options: RedisVersionsOptions) {
    const { prefix, maxKeys, timeoutMs, checkMs } = { ...DEFAULTS, ...options };
    this.#keys = [`${prefix}{deps}:versions`, `${prefix}{deps}:order`, `${prefix}{deps}:owed`];
    this.#channel = `${prefix}{deps}:changes`;
    this.#maxKeys = maxKeys;
    this.#timeoutMs = timeoutMs;
    this.#client = connect(options, placeErrors);
    this.#client.on('error', () => undefined); // ioredis reconnects; reads meanwhile fail and say so
    this.#feed = new ChangeFeed(this.#client, this.#channel, checkMs, {
      onMessage: (text) => this.#take(toChange(text)),
      catchUp: () => this.#catchUp(),
      hasMissed: () => this.#hasMissed(),
    });
  }

  get seen(): Moment | null {
    return this.#seen;
  }

  get isCurrent(): boolean {
    return this.#feed.isCurrent;
  }

  /** On a channel of their own: listeners for changes are not disturbed. */
  get notes(): Notes {
    const channel = `${this.#channel}:notes`;
    return {
      send: (text) => void this.#client.publish(channel, text).catch(() => undefined),
      listen: (listener) => {
        this.#noted.add(listener);
        const tell = (text: string): void => {
          for (const one of this.#noted) one(text);
        };
        if (this.#noted.size === 1) this.#feed.hear(channel, tell);
        return () => {
          this.#noted.delete(listener);
          if (this.#noted.size === 0) this.#feed.leave(channel);
        };
      },
    };
  }

  ready(): Promise<void> {
    return this.#feed.ready();
  }

  async read(keys: readonly string[]): Promise<Reading> {
    const first = await this.#readBatch(keys.slice(0, READ_BATCH));
    let { floor } = first;
    const states = [...first.states];
    for (let at = READ_BATCH; at < keys.length; at += READ_BATCH) {
      const next = await this.#readBatch(keys.slice(at, at + READ_BATCH));
      if (next.epoch !== first.epoch) return this.read(keys);
      floor = next.floor;
      appendAll(states, next.states);
    }
    if (this.#seen !== null && this.#seen.epoch !== first.epoch) this.#begin(first);
    return { epoch: first.epoch, seq: first.seq, floor, states };
  }

  async invalidate(given: readonly string[], everyMs = 0): Promise<Change> {
    const all = [...new Set(given)];
    if (all.length === 0) {
      const { epoch, seq } = await this.read([]);
      return { epoch, seq, keys: [], versions: [] };
    }
    const parts: Change[] = [];
    for (let at = 0; at < all.length; at += BATCH) {
      const keys = all.slice(at, at + BATCH);
      const part = await (everyMs === 0 ? this.#change(invalidate, keys) : this.#change(throttle, [everyMs, ...keys]));
      parts.push(part);
      if (part.keys.length < keys.length) this.#payIn(everyMs);
    }
    const { epoch, seq } = itemAt(parts, parts.length - 1);
    return { epoch, seq, keys: parts.flatMap(({ keys }) => keys), versions: parts.flatMap(({ versions }) => versions) };
  }

  async beginEpoch(): Promise<void> {
    this.#begin(await this.#change(beginEpoch, []));
  }

  listen(listener: VersionListener): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    for (const timer of this.#payments.values()) clearTimeout(timer);
    this.#feed.close();
    this.#client.disconnect();
  }

  /** Runs a script that counts, and takes its result. */
  async #change(counting: Script, args: readonly (string | number)[]): Promise<Change> {
    const change = toChange(String(await this.#run(counting, [this.#channel, this.#maxKeys, ...args])));
    if (change.keys.length > 0 && this.#follows(change)) this.#take(change);
    return change;
  }

  #payIn(ms: number): void {
    if (this.#payments.has(ms)) return;
    const timer = setTimeout(() => {
      this.#payments.delete(ms);
      this.#pay().catch(() => undefined); // the next check pays
    }, ms);
    this.#payments.set(ms, timer.unref());
  }

  /** Counts due keys, whichever process owed them. */
  async #pay(): Promise<void> {
    for (let left = true; left; ) left = (await this.#change(pay, [])).keys.length === BATCH;
  }

  async #readBatch(keys: readonly string[]): Promise<Reading> {
    const text = asText(keys);
    const answer = await (text === null ? this.#run(read, keys) : this.#run(readText, [text]));
    const [epoch, seq, floor, states, owed] = answer as [string, number, number, string | unknown[], number];
    this.#isOwed = owed > 0;
    const found = parseStates(String(states), keys.length); // a list as text has commas between, and nothing for null
    if (found === null) throw new VersionsUnavailableError(new Error('The states of keys in Redis cannot be read.'));
    return { epoch, seq, floor, states: found };
  }

  /** The next change is known at once; messages bring the others in their order. */
  #follows({ epoch, seq }: Moment): boolean {
    return this.#seen?.epoch === epoch && this.#seen.seq + 1 === seq;
  }

  #take(change: Change): void {
    const { epoch, seq } = change;
    const isKnown = this.#seen?.epoch === epoch && seq <= this.#seen.seq;
    const hasGap = !isKnown && !this.#follows(change);
    if (!isKnown) this.#seen = { epoch, seq };
    this.#listeners.change(change);
    if (hasGap) this.#listeners.gap();
  }

  async #catchUp(): Promise<void> {
    this.#begin(await this.#readBatch([]));
    this.#awaited = null;
  }

  /** Goes on from a moment, whatever came before it. */
  #begin({ epoch, seq }: Moment): void {
    this.#seen = { epoch, seq };
    this.#listeners.gap();
  }

  /** Messages of changes may be on their way: those of the check before this one must have come. */
  async #hasMissed(): Promise<boolean> {
    const { epoch, seq } = await this.#readBatch([]);
    // A process that hears of all changes reads nothing else: only this check notices a new epoch.
    if (this.#seen !== null && this.#seen.epoch !== epoch) this.#begin({ epoch, seq });
    if (this.#isOwed) await this.#pay();
    const hasMissed = this.#awaited !== null && !this.#hasSeen(this.#awaited);
    this.#awaited = this.#hasSeen({ epoch, seq }) ? null : { epoch, seq };
    return hasMissed;
  }

  #hasSeen({ epoch, seq }: Moment): boolean {
    return this.#seen?.epoch === epoch && this.#seen.seq >= seq;
  }

  async #run({ sha, lua }: Script, args: readonly (string | number)[]): Promise<unknown> {
    const fresh = randomBytes(9).toString('base64url');
    const call = async (): Promise<unknown> => {
      try {
        return await this.#client.evalsha(sha, this.#keys.length, ...this.#keys, fresh, ...args);
      } catch (error) {
        if (!String(error).includes('NOSCRIPT')) throw error;
        return this.#client.eval(lua, this.#keys.length, ...this.#keys, fresh, ...args);
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis took longer than ${this.#timeoutMs} ms.`)), this.#timeoutMs);
    });
    try {
      return await Promise.race([call(), late]);
    } catch (cause) {
      throw new VersionsUnavailableError(cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Script {
  readonly sha: string;
  readonly lua: string;
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

const read: Script = script(readScript);
const readText: Script = script(readTextScript);
const invalidate: Script = script(invalidateScript);
const throttle: Script = script(throttleScript);
const pay: Script = script(payScript);
const beginEpoch: Script = script(epochScript);

/** The names of keys as one text: a thousand arguments take Redis and its client longer. Null: not all are such names. */
function asText(keys: readonly string[]): string | null {
  if (keys.length < 2 || !keys.every(({ length }) => length === WIRE_KEY_CHARS)) return null;
  const text = keys.join('');
  return /^[\w-]*$/.test(text) ? text : null;
}

function toChange(text: string): Change {
  const [epoch, seq, keys, versions] = JSON.parse(text) as [string, number, string[], number[]];
  return { epoch, seq, keys, versions };
}
