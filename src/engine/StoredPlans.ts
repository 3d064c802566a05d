import type { PlanDocument } from '../plan/PlanDocument.ts';
import type { PlanStore } from '../plan/PlanStore.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { PlanDocumentError } from './PlanDocumentError.ts';

export interface StoredPlansOptions {
  /** How long a request waits for the store, in milliseconds, before its operation is planned after all. Default 1,000. */
  readonly timeoutMs?: number;
  /** Told why a plan was not taken from the store, or not saved: requests do without. */
  readonly onError?: (error: unknown) => void;
}

export interface StoredPlansStats {
  /** Plans that were taken from the store, in warm-up or for a request. */
  readonly imported: number;
  /** Requests for whose operation the store had no plan. */
  readonly missed: number;
  /** Plans of the store that could not be used. */
  readonly refused: number;
  readonly saved: number;
}

/** What an engine does with its plan store: each operation is looked up once, and saved once. */
export class StoredPlans {
  readonly #store: PlanStore;
  readonly #importPlan: (json: unknown) => void;
  readonly #onError: (error: unknown) => void;
  readonly #timeoutMs: number;
  readonly #lookUps = new Map<string, Promise<void>>();
  readonly #saves = new Set<Promise<void>>();
  readonly stats: { -readonly [K in keyof StoredPlansStats]: number } = {
    imported: 0,
    missed: 0,
    refused: 0,
    saved: 0,
  };

  constructor(store: PlanStore, importPlan: (json: unknown) => void, options: StoredPlansOptions) {
    this.#store = store;
    this.#importPlan = importPlan;
    this.#onError = options.onError ?? (() => {});
    this.#timeoutMs = options.timeoutMs ?? 1000;
  }

  /** Takes in the plan under a key, if there is one that fits. However many ask, the store is asked once. Never rejects. */
  lookUp(key: string, fits: (plan: PlanDocument) => boolean): Promise<void> {
    let lookUp = this.#lookUps.get(key);
    if (lookUp === undefined) {
      lookUp = this.#lookUp(key, fits).finally(() => this.#lookUps.delete(key));
      this.#lookUps.set(key, lookUp);
    }
    return lookUp;
  }

  async #lookUp(key: string, fits: (plan: PlanDocument) => boolean): Promise<void> {
    try {
      const found = await inTime(this.#store.get(key), this.#timeoutMs);
      if (found === null || found === undefined) this.stats.missed++;
      else if (fits(found as PlanDocument)) this.#take(found);
      else this.#refuse(new PlanDocumentError('A plan store gave the plan of another operation.', []));
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Takes in all plans of the store. What does not fit this process is told, and left out. */
  async warmUp(): Promise<StoredPlansStats> {
    const before = { ...this.stats };
    for await (const plan of this.#store.all()) this.#take(plan);
    return {
      imported: this.stats.imported - before.imported,
      missed: 0,
      refused: this.stats.refused - before.refused,
      saved: 0,
    };
  }

  #take(plan: unknown): void {
    try {
      this.#importPlan(plan);
      this.stats.imported++;
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    this.stats.refused++;
    this.#onError(error);
  }

  /** Keeps what was planned here, when the request that waits for it is under way. `make` may refuse: it has closures. */
  save(key: string, make: () => PlanDocument): void {
    const saving = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#store.set(key, make()))
      .then(() => {
        this.stats.saved++;
      }, this.#onError)
      .finally(() => this.#saves.delete(saving));
    this.#saves.add(saving);
  }

  /** Done when all that was planned up to now is in the store, or was refused. */
  async saved(): Promise<void> {
    await Promise.all(this.#saves);
  }
}

/** What does not come in time is an error; if it comes later, nobody waits any more. */
function inTime<T>(value: MaybePromise<T>, milliseconds: number): MaybePromise<T> {
  if (!isPromiseLike(value)) return value;
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`The plan store gave no answer for ${milliseconds} ms.`));
    const timer = setTimeout(late, milliseconds);
    Promise.resolve(value)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
