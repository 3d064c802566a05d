import { type DocumentNode, print } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { PreparedPlan } from './PreparedPlan.ts';

export interface PlanCacheOptions {
  /** How many plans are kept. */
  readonly max?: number;
  /** How many bytes, roughly, plans may take together. */
  readonly maxSize?: number;
}

/**
 * Plans by the text of their document and variant. The text of a document object that was seen before is not looked at
 * again.
 */
export class PlanCache {
  readonly #plans: LRUCache<string, PreparedPlan>;
  readonly #keys: WeakMap<DocumentNode, Map<string, string>> = new WeakMap();
  hits = 0;
  misses = 0;

  constructor({ max = 1_000, maxSize = 64 * 1024 * 1024 }: PlanCacheOptions = {}) {
    this.#plans = new LRUCache({ max, maxSize, sizeCalculation: (plan) => plan.size });
  }

  get(document: DocumentNode, variant: string, make: () => PreparedPlan): PreparedPlan {
    const key = this.key(document, variant);
    let plan = this.#plans.get(key);
    if (plan !== undefined) {
      this.hits++;
      return plan;
    }
    this.misses++;
    plan = make();
    this.#plans.set(key, plan);
    return plan;
  }

  set(document: DocumentNode, variant: string, plan: PreparedPlan): void {
    this.#plans.set(this.key(document, variant), plan);
  }

  has(document: DocumentNode, variant: string): boolean {
    return this.#plans.has(this.key(document, variant));
  }

  /** What a plan is found by. */
  key(document: DocumentNode, variant: string): string {
    let keys = this.#keys.get(document);
    if (keys === undefined) {
      keys = new Map();
      this.#keys.set(document, keys);
    }
    let key = keys.get(variant);
    if (key === undefined) {
      key = planKey(textOf(document), variant);
      keys.set(variant, key);
    }
    return key;
  }

  get plans(): number {
    return this.#plans.size;
  }

  get bytes(): number {
    return this.#plans.calculatedSize;
  }
}

export function planKey(text: string, variant: string): string {
  return `${variant}\n${text}`;
}

function textOf(document: DocumentNode): string {
  return document.loc === undefined ? print(document) : document.loc.source.body;
}
