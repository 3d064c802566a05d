import { PLAN_VERSION } from '../plan/Plan.ts';
import type { PlanDocument } from '../plan/PlanDocument.ts';
import type { PlanStore } from '../plan/PlanStore.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import { isRecord } from '../utils/isRecord.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { sha256Hex } from '../utils/sha256.ts';
import { watchPromise } from '../utils/watchPromise.ts';
import { type PlanCache, planKey } from './PlanCache.ts';
import { PlanDocumentError } from './PlanDocumentError.ts';
import { PlanSaves, type PlanSavesOptions } from './PlanSaves.ts';
import { type PlanSignature, planSignature } from './planSignature.ts';

/**
 * How an engine uses its plan store. Spec 3.10.
 * @inline
 */
export interface StoredPlansOptions extends PlanSavesOptions {
  /**
   * How long a request waits for the store, in milliseconds, before its operation is planned after all; and how long a
   * write may take. Default 1,000.
   */
  readonly timeoutMs?: number;
  /** Called with the reason why a plan was not taken from the store, or not saved: requests do without. */
  readonly onError?: (error: unknown) => void;
  /**
   * Plans are saved with an HMAC of this text, of at least 16 bytes, and no other plan of the store runs. For stores to
   * which others may write. Use another one for each release: a signature does not tell releases apart.
   */
  readonly secret?: string;
}

/** The result of a warm-up. */
export interface WarmUpStats {
  readonly imported: number;
  readonly refused: number;
}

export interface StoredPlansStats {
  /** Plans that were taken from the store, in warm-up or for a request. */
  readonly imported: number;
  /** Requests for whose operation the store had no plan. */
  readonly missed: number;
  /** Plans of the store that could not be used: torn, of another schema, not signed with the secret. */
  readonly refused: number;
  readonly saved: number;
  /** Plans whose operation came again and that were not saved: too large, with closures, or the store failed. */
  readonly unsaved: number;
}

/** The plan store of an engine, in use. */
export class StoredPlans {
  readonly saves: PlanSaves;
  readonly stats: { -readonly [K in keyof StoredPlansStats]: number } = {
    imported: 0,
    missed: 0,
    refused: 0,
    saved: 0,
    unsaved: 0,
  };
  readonly #store: PlanStore;
  readonly #importPlan: (json: unknown) => void;
  readonly #onError: (error: unknown) => void;
  readonly #timeoutMs: number;
  readonly #signature: PlanSignature;
  readonly #lookUps = new Map<string, Promise<void>>();

  constructor(
    store: PlanStore,
    plans: PlanCache,
    importPlan: (json: unknown) => void,
    { onError = () => {}, timeoutMs = 1000, secret, ...options }: StoredPlansOptions,
  ) {
    this.#store = store;
    this.#importPlan = importPlan;
    this.#onError = harmless(onError);
    this.#timeoutMs = timeoutMs;
    this.#signature = planSignature(secret);
    const write = async (key: string, plan: PlanDocument): Promise<void> =>
      inTime(this.#store.set(storeKey(key), this.#signature.sign(plan)), this.#timeoutMs);
    this.saves = new PlanSaves(plans, write, { ...options, stats: this.stats, onError: this.#onError });
  }

  /** Takes in the plan of an operation, if there is one. However many ask, the store is asked once. Never rejects. */
  lookUp(key: string): Promise<void> {
    let lookUp = this.#lookUps.get(key);
    if (lookUp === undefined) {
      lookUp = this.#lookUp(key).finally(() => this.#lookUps.delete(key));
      this.#lookUps.set(key, lookUp);
    }
    return lookUp;
  }

  async #lookUp(key: string): Promise<void> {
    try {
      const found = await inTime(this.#store.get(storeKey(key)), this.#timeoutMs);
      if (found === null || found === undefined) this.stats.missed++;
      else this.#take(found, key);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Takes in all plans of the store. Reports plans that do not fit this process, and leaves them out. */
  async warmUp(): Promise<WarmUpStats> {
    const { imported, refused } = this.stats;
    for await (const plan of this.#store.all()) this.#take(plan, null);
    return { imported: this.stats.imported - imported, refused: this.stats.refused - refused };
  }

  /** `key` is that of the operation that the plan must be of; null: any. */
  #take(found: unknown, key: string | null): void {
    try {
      const plan = this.#signature.verify(found);
      if (key !== null && keyOf(plan) !== key) {
        throw new PlanDocumentError('A plan store gave the plan of another operation.', []);
      }
      this.#importPlan(plan);
      this.stats.imported++;
    } catch (error) {
      this.stats.refused++;
      this.#onError(error);
    }
  }
}

/** Requests do without the store: an error of `onError` does not fail them. */
function harmless(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      watchPromise(onError(error));
    } catch {}
  };
}

/** The key of a plan's operation. Null for any other value. */
function keyOf(json: unknown): string | null {
  if (!isRecord(json)) return null;
  const { document, operationName, resolvers } = json;
  if (typeof document !== 'string' || !isRecord(resolvers)) return null;
  const name = typeof operationName === 'string' ? operationName : null;
  return planKey(document, name, { field: resolvers.field === true, type: resolvers.type === true });
}

function storeKey(key: string): string {
  return sha256Hex(`${PLAN_VERSION}\n${key}`);
}

/** A late answer is an error; the engine has stopped waiting. */
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
