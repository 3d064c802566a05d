import type { PreparedPlan } from './PreparedPlan.ts';

/**
 * The last plans that were asked for once. A ring, with a map that holds numbers only: a map of plans that come and go
 * would keep them. V8 copies the table of such a map again and again, an old table points to the next one, and once one
 * of them is in the old generation all that follow, and what is in them, survive until that is collected.
 */
export class FreshPlans {
  readonly #keys: (string | null)[];
  readonly #plans: (PreparedPlan | null)[];
  readonly #slots: Map<string, number> = new Map();
  #next = 0;

  constructor(size: number) {
    this.#keys = new Array(size).fill(null);
    this.#plans = new Array(size).fill(null);
  }

  /** Adds a plan. Returns the key of the one that leaves for it, or null. */
  add(key: string, plan: PreparedPlan): string | null {
    const slot = this.#next;
    this.#next = slot + 1 === this.#keys.length ? 0 : slot + 1;
    const left = this.#keys[slot] ?? null;
    if (left !== null) this.#slots.delete(left);
    this.#keys[slot] = key;
    this.#plans[slot] = plan;
    this.#slots.set(key, slot);
    return left;
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  peek(key: string): PreparedPlan | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : (this.#plans[slot] as PreparedPlan);
  }

  /** Takes a plan out. */
  take(key: string): PreparedPlan | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    const plan = this.#plans[slot] as PreparedPlan;
    this.#slots.delete(key);
    this.#keys[slot] = null;
    this.#plans[slot] = null;
    return plan;
  }

  get count(): number {
    return this.#slots.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const plan of this.#plans) if (plan !== null) bytes += plan.size;
    return bytes;
  }
}
