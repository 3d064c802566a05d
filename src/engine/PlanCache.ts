import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ResolverMode } from '../plan/Plan.ts';
import { documentText } from '../schema/documentText.ts';
import { sha256Base64 } from '../utils/sha256.ts';
import type { PreparedPlan } from './PreparedPlan.ts';

export interface PlanCacheOptions {
  /** How many plans are kept; 0: none. Default: as many as `maxSize` allows. */
  readonly max?: number;
  /** How many bytes plans may take together, as they were measured. Default: 64 MiB. */
  readonly maxSize?: number;
}

/** A key that was made for a document, by the arguments that it was made with. */
interface CachedKey {
  readonly operationName: string | null;
  readonly field: boolean;
  readonly type: boolean;
  readonly key: string;
  readonly next: CachedKey | null;
}

/** The part of the cache that operations which came once may have. */
const ONCE = 1 / 2;
/** Up to this part every other one of their plans stays ready to run. */
const READY = 3 / 8;
/** The bytes that they keep when other plans need room. */
const ONCE_AT_LEAST = 1 / 8;

/**
 * Plans by a hash of the text of their document and variant. The text of a document object that was seen before is not
 * looked at again.
 *
 * Bounded by bytes. Where room is needed, plans that came once leave before those that came again, the least recently
 * used first: a flood of new operations pushes out no others (decision engine-plan-cache). Of the first plans that came once every other
 * one stays ready to run, the rest are texts, and when their part is full, a new operation is kept when it comes the second time:
 * the garbage collector copies kept plans, and most operations of a flood never come again (decision engine-plan-cache).
 */
export class PlanCache {
  readonly #again: LRUCache<string, PreparedPlan>;
  readonly #once: LRUCache<string, PreparedPlan>;
  /** The last plan that was made, if it has come once, and its key: its request may still run. */
  #latest: PreparedPlan | null = null;
  #latestKey = '';
  #isLatestReady = false;
  /** The last plan that was made did not fit, and nothing has left the part of those that came once since. */
  #isOnceFull = false;
  readonly #refused = new RecentKeys();
  readonly #max: number;
  readonly #maxSize: number;
  readonly #onCome: ((key: string) => void) | null;
  /** Keys only: any larger value that a `WeakMap` holds of a new document would outlive it by far (decision engine-memory-rules). */
  readonly #keys: WeakMap<DocumentNode, CachedKey> = new WeakMap();
  hits = 0;
  misses = 0;

  /** `onCome` is called with each plan that was made, and when it is asked for again for the first time. */
  constructor(
    { max = Number.POSITIVE_INFINITY, maxSize = 64 * 1024 * 1024 }: PlanCacheOptions = {},
    onCome: ((key: string) => void) | null = null,
  ) {
    this.#onCome = onCome;
    this.#max = max;
    this.#maxSize = max > 0 ? maxSize : 0;
    const part = (sizeCalculation: (plan: PreparedPlan) => number): LRUCache<string, PreparedPlan> =>
      new LRUCache({ maxSize: Math.max(1, Math.floor(this.#maxSize)), sizeCalculation });
    this.#again = part((plan) => plan.countAgain());
    this.#once = part((plan) => (plan === this.#latest && !this.#isLatestReady ? plan.restingSize : plan.onceSize));
  }

  /** The plan for `document`, whose key this is: made now, or known, and then with this document where it has none. */
  get(key: string, document: DocumentNode, make: () => PreparedPlan): PreparedPlan {
    const known = this.#again.get(key) ?? this.#once.get(key);
    if (known === undefined) return this.#made(key, this.missed(make));
    this.hits++;
    known.document.adopt(document);
    if (this.#once.has(key)) {
      this.#keep(key, known);
      this.#onCome?.(key);
    } else if (known.hasGrown) this.set(key, known);
    return known;
  }

  /** Makes a plan, and counts that. */
  missed(make: () => PreparedPlan): PreparedPlan {
    this.misses++;
    return make();
  }

  #made(key: string, plan: PreparedPlan): PreparedPlan {
    this.#leaveLatest();
    if (plan.canGrow) plan.onGrowth = () => this.#recount(key, plan);
    if (this.#fitsOnce(plan)) {
      this.#latest = plan;
      this.#latestKey = key;
      this.#once.set(key, plan);
    } else if (this.#refused.came(key)) this.#keep(key, plan);
    this.#makeRoom();
    this.#onCome?.(key);
    return plan;
  }

  #fitsOnce(plan: PreparedPlan): boolean {
    if (this.#isOnceFull) return false;
    const { calculatedSize, size } = this.#once;
    // Not each of them: V8 would allocate the plans that die young in the old generation, too (decision engine-plan-cache).
    const mayBeReady = this.misses % 2 === 1;
    this.#isLatestReady = mayBeReady && calculatedSize + plan.onceSize <= this.#maxSize * READY;
    const fits = this.#isLatestReady || calculatedSize + plan.restingSize <= this.#maxSize * ONCE;
    this.#isOnceFull = !fits || size >= this.#max * ONCE;
    return !this.#isOnceFull;
  }

  /** Another plan was made: this one keeps only its needs for the next request. */
  #leaveLatest(): void {
    const latest = this.#latest;
    if (latest === null) return;
    this.#latest = null;
    latest.leave(this.#isLatestReady);
    // Where all that it may meet was met, it is smaller now; where code was generated for it, larger.
    if (latest.onGrowth !== null || latest.growth > 0) this.#recount(this.#latestKey, latest);
  }

  /** A plan that has met types has grown by their branches (rule R26). */
  #recount(key: string, plan: PreparedPlan): void {
    if (this.#again.peek(key) === plan) this.set(key, plan);
    if (this.#once.peek(key) !== plan) return;
    if (plan !== this.#latest) plan.leave(false);
    this.#leaveOnce(key);
    this.#once.set(key, plan);
    this.#makeRoom();
  }

  #leaveOnce(key: string): void {
    if (this.#once.delete(key)) this.#isOnceFull = false;
  }

  /** Keeps it with those that came again, awake. */
  #keep(key: string, plan: PreparedPlan): void {
    if (this.#latest === plan) this.#latest = null;
    this.set(key, plan);
  }

  /** The plan, if it is kept. Its place among the least recently used ones stays. */
  peek(key: string): PreparedPlan | undefined {
    return this.#again.peek(key) ?? this.#once.peek(key);
  }

  delete(key: string): void {
    this.#leaveOnce(key);
    this.#again.delete(key);
  }

  set(key: string, plan: PreparedPlan): void {
    this.#leaveOnce(key);
    // The same value, set again, would keep the size that it had.
    this.#again.delete(key);
    this.#again.set(key, plan);
    this.#makeRoom();
  }

  #makeRoom(): void {
    while (this.bytes > this.#maxSize || this.plans > this.#max) {
      const isOnceLarge =
        this.#once.calculatedSize > this.#maxSize * ONCE_AT_LEAST || this.#once.size > this.#max * ONCE_AT_LEAST;
      const from = isOnceLarge || this.#again.size === 0 ? this.#once : this.#again;
      from.pop();
      this.#isOnceFull = false;
    }
  }

  has(key: string): boolean {
    return this.#again.has(key) || this.#once.has(key);
  }

  /** The plan of a document that was asked for before, if it is still there. It is not counted as a hit. */
  known(document: DocumentNode, operationName: string | null, resolvers: ResolverMode): PreparedPlan | undefined {
    const key = this.#knownKey(document, operationName, resolvers);
    return key === undefined ? undefined : this.peek(key);
  }

  /** The key of a plan. `name` is that of the operation, `operationName` the requested one, if any was. */
  key(document: DocumentNode, operationName: string | null, resolvers: ResolverMode, name: string | null): string {
    const known = this.#knownKey(document, operationName, resolvers);
    if (known !== undefined) return known;
    const key = planKey(documentText(document), name, resolvers);
    const { field, type } = resolvers;
    this.#keys.set(document, { operationName, field, type, key, next: this.#keys.get(document) ?? null });
    return key;
  }

  #knownKey(document: DocumentNode, operationName: string | null, { field, type }: ResolverMode): string | undefined {
    for (let known = this.#keys.get(document) ?? null; known !== null; known = known.next) {
      if (known.operationName === operationName && known.field === field && known.type === type) return known.key;
    }
    return undefined;
  }

  get plans(): number {
    return this.#again.size + this.#once.size;
  }

  get bytes(): number {
    return this.#again.calculatedSize + this.#once.calculatedSize;
  }
}

/** Equal for equal texts, names and modes only: two texts with one SHA-256 are not found in practice. */
export function planKey(text: string, operationName: string | null, { field, type }: ResolverMode): string {
  return sha256Base64(`${operationName ?? ''} ${field ? 'f' : ''}${type ? 't' : ''}\n${text}`);
}

/** Node 20.12 and later have a function that makes no object for it. */
/** Some thousands of keys that came lately, in a fixed space. A wrong answer keeps a plan too early, or plans it again. */
class RecentKeys {
  readonly #hashes = new Uint32Array(4096);

  /** Whether the key came before. It has, from now on. */
  came(key: string): boolean {
    let hash = 0;
    for (let at = 0; at < 8; at++) hash = (Math.imul(hash, 67) + key.charCodeAt(at)) >>> 0;
    const slot = hash % this.#hashes.length;
    const isKnown = this.#hashes[slot] === hash;
    this.#hashes[slot] = hash;
    return isKnown;
  }
}
