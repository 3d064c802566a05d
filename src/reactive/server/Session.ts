import { itemAt } from '../../utils/itemAt.ts';
import type { Invalidator } from '../Invalidator.ts';
import { type SealedSet, tellSealed } from '../keys/SealedSets.ts';
import type { ServerLimits } from './limits.ts';
import { type NewVersions, ProtocolError } from './protocol.ts';

/** A message of a session to its client. */
export type Notice =
  | { readonly type: 'inv'; readonly keys: NewVersions }
  | { readonly type: 'reset'; readonly spreadMs: number }
  | { readonly type: 'expired'; readonly id: string }
  | { readonly type: 'hb' };

/** The way to one client. */
export interface Outlet {
  /** Whether it takes anything now: news are kept meanwhile, by key. */
  readonly isFull: boolean;
  send(notice: Notice): void;
  /** Ends the connection: the client does not read, the server goes, or its subject has no permission any more. */
  end(why: 'slow' | 'drain' | 'unauthorized'): void;
}

interface Subscription {
  readonly set: SealedSet;
  readonly unwatch: () => void;
}

/** How often it is looked whether a full outlet takes something again. */
const LOOK_MS = 20;

/** The subscriptions of one connection, and its untold news: at most one version for each key. */
export class Session {
  readonly #invalidator: Invalidator;
  readonly subject: string;
  readonly #outlet: Outlet;
  readonly #limits: ServerLimits;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #heartbeat: NodeJS.Timeout;
  #pending = new Map<string, number>();
  #isReset = false;
  #keys = 0;
  #look: NodeJS.Timeout | null = null;
  #fullSince: number | null = null;
  #isQuiet = true;

  constructor(invalidator: Invalidator, subject: string, outlet: Outlet, limits: ServerLimits) {
    this.#invalidator = invalidator;
    this.subject = subject;
    this.#outlet = outlet;
    this.#limits = limits;
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs).unref();
  }

  /** How many keys are watched. */
  get keys(): number {
    return this.#keys;
  }

  /**
   * Watches a set under a name; stale keys are told at once. False: its grant is not good, for whatever reason.
   *
   * @throws ProtocolError
   */
  subscribe(id: string, set: SealedSet): boolean {
    const { maxKeys, maxSets } = this.#limits;
    if (this.#subscriptions.has(id)) throw new ProtocolError('BAD', `There is a subscription "${id}" already.`);
    if (this.#keys + set.versions.length > maxKeys || this.#subscriptions.size >= maxSets) {
      throw new ProtocolError('LIMIT', `A connection has at most ${maxSets} sets with ${maxKeys} keys.`);
    }
    const own = this.#invalidator.sets.open(this.subject, set);
    if (own === null) return false;
    this.#keys += set.versions.length;
    const unwatch = this.#invalidator.watches.watch(own, {
      kind: 'session',
      onStale: (keys, versions) => {
        const news = new Map(keys.map((key, at) => [key, itemAt(versions, at)]));
        tellSealed(own, news, (key, version) => this.#pending.set(key, version));
        this.#flush();
      },
      onReset: () => {
        this.#isReset = true;
        this.#flush();
      },
    });
    this.#subscriptions.set(id, { set, unwatch });
    return true;
  }

  unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    this.#subscriptions.delete(id);
    this.#keys -= subscription.set.versions.length;
    subscription.unwatch();
  }

  close(): void {
    clearInterval(this.#heartbeat);
    if (this.#look !== null) clearTimeout(this.#look);
    for (const id of [...this.#subscriptions.keys()]) this.unsubscribe(id);
    this.#pending.clear();
  }

  /** The server goes. */
  drain(): void {
    this.#outlet.end('drain');
  }

  /** Its subject has no permission any more. */
  unauthorized(): void {
    this.#outlet.end('unauthorized');
  }

  #flush(): void {
    if (this.#pending.size === 0 && !this.#isReset) return;
    if (this.#outlet.isFull) return this.#waitForRoom();
    this.#fullSince = null;
    this.#isQuiet = false;
    if (this.#isReset) {
      this.#isReset = false;
      this.#pending.clear(); // everything is fetched again
      return this.#outlet.send({ type: 'reset', spreadMs: this.#limits.spreadMs });
    }
    const keys = Object.fromEntries(this.#pending);
    this.#pending = new Map();
    this.#outlet.send({ type: 'inv', keys });
  }

  #waitForRoom(): void {
    this.#fullSince ??= performance.now();
    if (performance.now() - this.#fullSince > this.#limits.slowMs) return this.#outlet.end('slow');
    this.#look ??= setTimeout(() => {
      this.#look = null;
      this.#flush();
    }, LOOK_MS).unref();
  }

  #beat(): void {
    const now = Date.now();
    for (const [id, { set }] of this.#subscriptions) {
      if (this.#invalidator.grants.endOf(set.grant) > now) continue;
      this.unsubscribe(id);
      this.#outlet.send({ type: 'expired', id });
    }
    if (this.#isQuiet && !this.#outlet.isFull) this.#outlet.send({ type: 'hb' });
    this.#isQuiet = true;
  }
}
