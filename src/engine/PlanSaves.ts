import { LRUCache } from 'lru-cache';
import type { PlanDocument } from '../plan/PlanDocument.ts';
import { utf8Length } from '../utils/utf8.ts';
import { exportPlan } from './exportPlan.ts';
import type { PlanCache } from './PlanCache.ts';
import { type PreparedPlan, planTooLarge } from './PreparedPlan.ts';

export interface PlanSavesOptions {
  /** How many bytes a plan that is saved may have, in memory and as JSON. Larger ones are not saved. Default 4 MiB. */
  readonly maxPlanBytes?: number;
  /** How many plans are saved a minute; others wait. As many may be saved at once after a quiet minute. Default 60. */
  readonly savesPerMinute?: number;
  /** How long a plan must not have grown before it is saved, in milliseconds. Default 1,000. */
  readonly settleMs?: number;
}

export interface PlanSavesStats {
  saved: number;
  /** Plans that came again and were not saved: too large, with closures, beyond those that may wait, or the store failed. */
  unsaved: number;
}

/** Keys that are remembered, each some 150 bytes: of operations that came once, and of those that wait. */
const MOST_KEYS = 10_000;
const TRIES = 3;

interface Waiting {
  growth: number;
  since: number;
  tries: number;
}

/**
 * Chooses which plans are saved, and when: those whose operation came again and that have settled, at a bounded rate.
 * Only keys wait here. A plan that leaves the cache meanwhile is not saved.
 */
export class PlanSaves {
  readonly #plans: PlanCache;
  readonly #write: (key: string, plan: PlanDocument) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #stats: PlanSavesStats;
  readonly #maxBytes: number;
  readonly #perMinute: number;
  readonly #settleMs: number;
  readonly #once = new LRUCache<string, true>({ max: MOST_KEYS });
  readonly #waiting = new Map<string, Waiting>();
  readonly #writes = new Set<Promise<void>>();
  #allowed: number;
  #allowedAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    plans: PlanCache,
    write: (key: string, plan: PlanDocument) => Promise<void>,
    { stats, onError, ...options }: PlanSavesOptions & { stats: PlanSavesStats; onError: (error: unknown) => void },
  ) {
    this.#plans = plans;
    this.#write = write;
    this.#stats = stats;
    this.#onError = onError;
    this.#maxBytes = options.maxPlanBytes ?? 4 * 1024 * 1024;
    this.#perMinute = options.savesPerMinute ?? 60;
    this.#settleMs = options.settleMs ?? 1_000;
    this.#allowed = this.#perMinute;
  }

  /** An operation was planned, or its plan was found for the first time since. */
  came(key: string): void {
    if (this.#waiting.has(key)) return;
    if (!this.#once.has(key)) {
      this.#once.set(key, true);
      return;
    }
    if (this.#waiting.size >= MOST_KEYS) {
      this.#stats.unsaved++;
      return;
    }
    this.#once.delete(key);
    this.#waiting.set(key, { growth: this.#plans.peek(key)?.growth ?? -1, since: performance.now(), tries: 0 });
    this.#schedule(Math.max(1, this.#settleMs));
  }

  /** Saves all waiting plans, one after another, whatever their age and the rate. */
  async saved(): Promise<void> {
    for (const [key, waiting] of [...this.#waiting]) await this.#save(key, waiting);
    await Promise.all(this.#writes);
  }

  #schedule(wait: number): void {
    if (this.#timer !== null || this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => this.#tick(), wait);
    // A process that has nothing else to do ends; `saved()` is for those that want all of it.
    this.#timer.unref();
  }

  /** Saves one plan: exporting it takes time that requests want too. */
  #tick(): void {
    this.#timer = null;
    const now = performance.now();
    const earned = ((now - this.#allowedAt) / 60_000) * this.#perMinute;
    this.#allowed = Math.min(this.#perMinute, this.#allowed + earned);
    this.#allowedAt = now;
    if (this.#allowed < 1) return this.#schedule(Math.min(60_000, 60_000 / this.#perMinute));
    for (const [key, waiting] of this.#waiting) {
      if (!this.#isSettled(key, waiting, now)) continue;
      this.#allowed--;
      void this.#save(key, waiting);
      return this.#schedule(1);
    }
    this.#schedule(Math.max(1, this.#settleMs));
  }

  #isSettled(key: string, waiting: Waiting, now: number): boolean {
    const growth = this.#plans.peek(key)?.growth ?? waiting.growth;
    if (growth !== waiting.growth) {
      waiting.growth = growth;
      waiting.since = now;
    }
    return now - waiting.since >= this.#settleMs;
  }

  #save(key: string, waiting: Waiting): Promise<void> {
    const saving = this.#saveNow(key, waiting).finally(() => this.#writes.delete(saving));
    this.#writes.add(saving);
    return saving;
  }

  async #saveNow(key: string, waiting: Waiting): Promise<void> {
    this.#waiting.delete(key);
    const plan = this.#plans.peek(key);
    if (plan === undefined) return;
    let document: PlanDocument;
    try {
      document = this.#export(key, plan);
    } catch (error) {
      this.#stats.unsaved++;
      return this.#onError(error);
    }
    try {
      await this.#write(key, document);
      this.#stats.saved++;
    } catch (error) {
      this.#onError(error);
      this.#tryAgain(key, waiting);
    }
  }

  #tryAgain(key: string, { growth, tries }: Waiting): void {
    if (tries + 1 < TRIES) {
      this.#waiting.set(key, { growth, since: performance.now(), tries: tries + 1 });
      this.#schedule(Math.max(1, this.#settleMs));
    } else this.#stats.unsaved++;
  }

  /** Plans the branches that were not met, in the plan itself: other processes run the same plan as this one. */
  #export(key: string, plan: PreparedPlan): PlanDocument {
    const { growth } = plan;
    try {
      const document = exportPlan(plan, { maxBytes: this.#maxBytes });
      if (utf8Length(JSON.stringify(document)) > this.#maxBytes) throw planTooLarge(this.#maxBytes);
      return document;
    } catch (error) {
      // Requests get a plan without the branches that were planned in vain.
      if (plan.growth !== growth) this.#plans.delete(key);
      throw error;
    }
  }
}
