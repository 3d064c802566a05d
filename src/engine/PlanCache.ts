import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ResolverMode } from '../plan/Plan.ts';
import { documentText } from '../schema/documentText.ts';
import { FreshPlans } from './FreshPlans.ts';
import type { PreparedPlan } from './PreparedPlan.ts';

export interface PlanCacheOptions {
  /** How many plans are kept. */
  readonly max?: number;
  /** How many bytes, roughly, plans may take together. */
  readonly maxSize?: number;
}

/** A key that was made for a document, by what was asked for. */
interface KnownKey {
  readonly operationName: string | null;
  readonly field: boolean;
  readonly type: boolean;
  readonly key: string;
  readonly next: KnownKey | null;
}

/** How many plans of operations that came once are kept, of a cache large enough to hold some multiple of them. */
const MOST_FRESH = 16;

/** The part of a cache's bytes above which a plan counts as asked for again at once. */
const LARGE = 512;

/**
 * Plans by the text of their document and variant. The text of a document object that was seen before is not looked at
 * again.
 *
 * Operations that never come again, such as those with values written into their text, are kept for a short while and
 * leave early; the others stay until they are the least recently used (decision 0016).
 */
export class PlanCache {
  /** Plans that were asked for again, or given from outside. */
  readonly #plans: LRUCache<string, PreparedPlan>;
  /** Plans that were asked for once. */
  readonly #fresh: FreshPlans;
  readonly #maxFresh: number;
  readonly #maxFreshSize: number;
  /** The keys of plans that left `#fresh`: one that comes again stays. */
  readonly #left: LRUCache<string, true>;
  /** Texts only: what else a `WeakMap` holds of a new document would outlive it by far (decision 0020). */
  readonly #keys: WeakMap<DocumentNode, KnownKey> = new WeakMap();
  hits = 0;
  misses = 0;

  constructor({ max = 1_000, maxSize = 64 * 1024 * 1024 }: PlanCacheOptions = {}) {
    this.#maxFresh = Math.min(MOST_FRESH, Math.floor(max / 8));
    this.#fresh = new FreshPlans(this.#maxFresh);
    this.#maxFreshSize = maxSize / LARGE;
    this.#plans = new LRUCache({
      max: max - this.#maxFresh,
      // What the others may take is theirs: both parts together stay within what was asked for.
      maxSize: Math.ceil(maxSize - this.#maxFresh * this.#maxFreshSize),
      sizeCalculation: (plan) => plan.size,
    });
    this.#left = new LRUCache({ max });
  }

  get(key: string, make: () => PreparedPlan): PreparedPlan {
    let plan = this.#plans.get(key) ?? this.#again(key);
    if (plan !== undefined) {
      this.hits++;
      if (plan.hasGrown) this.#countAgain(key, plan);
      return plan;
    }
    this.misses++;
    plan = make();
    this.#add(key, plan);
    return plan;
  }

  #countAgain(key: string, plan: PreparedPlan): void {
    plan.hasGrown = false;
    // The same value, set again, would keep the size that it had.
    this.#plans.delete(key);
    this.#plans.set(key, plan);
  }

  /** A plan that came once before. */
  #again(key: string): PreparedPlan | undefined {
    const plan = this.#fresh.take(key);
    if (plan !== undefined) this.#plans.set(key, plan);
    return plan;
  }

  #add(key: string, plan: PreparedPlan): void {
    if (this.#maxFresh === 0 || this.#left.delete(key) || plan.size > this.#maxFreshSize) {
      this.#plans.set(key, plan);
      return;
    }
    const left = this.#fresh.add(key, plan);
    if (left !== null) this.#left.set(left, true);
  }

  set(key: string, plan: PreparedPlan): void {
    this.#fresh.take(key);
    this.#plans.set(key, plan);
  }

  has(key: string): boolean {
    return this.#plans.has(key) || this.#fresh.has(key);
  }

  /** The plan of a document that was asked for before, if it is still there. It is not counted as a hit. */
  known(document: DocumentNode, operationName: string | null, resolvers: ResolverMode): PreparedPlan | undefined {
    const key = this.#knownKey(document, operationName, resolvers);
    return key === undefined ? undefined : (this.#plans.peek(key) ?? this.#fresh.peek(key));
  }

  /** What a plan is found by. `name` is that of the operation, `operationName` the one that was asked for, if any was. */
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
    return this.#plans.size + this.#fresh.count;
  }

  get bytes(): number {
    return this.#plans.calculatedSize + this.#fresh.bytes;
  }
}

export function planKey(text: string, operationName: string | null, { field, type }: ResolverMode): string {
  return `${operationName ?? ''} ${field ? 'f' : ''}${type ? 't' : ''}\n${text}`;
}
