import { observeLoad } from '../../src/step/observeLoad.ts';
import { fail } from '../../src/step/signals.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { assertEntries } from './assertEntries.ts';
import type { BatchOptions } from './BatchOptions.ts';
import type { Slot } from './LoadCache.ts';
import type { LoaderSource } from './LoaderSource.ts';
import type { LoadInfo } from './loader.ts';
import type { RequestInfo } from './RequestInfo.ts';
import { SharedInfo } from './SharedInfo.ts';
import { type BatchRequest, giveEntries, giveShares, joinKeys, type Share, takeShares } from './shares.ts';

/**
 * The calls of one loader for requests that may share them: equal globals, attributes and context key. Implements
 * chapter 7 of the specification.
 */
export class SharedCalls {
  readonly #source: LoaderSource;
  readonly #onIdle: () => void;
  #waiting: BatchRequest[] = [];
  #waitingKeys = 0;
  /** Shares of calls that failed, each to be asked for alone. */
  #repeats: Share[] = [];
  #repeatedLast = false;
  #running = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(source: LoaderSource, onIdle: () => void) {
    this.#source = source;
    this.#onIdle = onIdle;
  }

  /** The entries for the keys of one request, in their order. Never rejects. */
  load(
    keys: readonly unknown[],
    slots: readonly Slot[],
    info: RequestInfo,
    options: BatchOptions,
  ): Promise<readonly unknown[]> {
    return new Promise((resolve) => {
      const entries = new Array<unknown>(keys.length);
      this.#waiting.push({ keys, slots, info, entries, taken: 0, missing: keys.length, resolve });
      this.#waitingKeys += keys.length;
      if (this.#waitingKeys >= maxSizeOf(options)) this.#flush(options);
      else this.#cancelTimer ??= startTimer(options.maxWaitMs ?? 0, () => this.#flush(options));
    });
  }

  #flush(options: BatchOptions): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#dropOver();
    while (this.#running < (options.maxCalls ?? Number.POSITIVE_INFINITY)) {
      const repeated = this.#nextRepeat();
      if (repeated !== null) this.#repeat(repeated, options);
      else if (this.#waiting.length > 0) this.#runNext(options);
      else break;
    }
    if (this.#running === 0) this.#onIdle();
  }

  /** Repeated and new calls take turns, so that a store that fails does not keep newcomers waiting. */
  #nextRepeat(): Share | null {
    const isNewcomersTurn = this.#repeatedLast && this.#waiting.length > 0;
    const share = isNewcomersTurn ? null : (this.#repeats.shift() ?? null);
    this.#repeatedLast = share !== null;
    return share;
  }

  /** Drops keys of requests that are over: they are not loaded (rule R15). */
  #dropOver(): void {
    this.#waiting = this.#waiting.filter((part) => {
      if (!part.info.isOver) return true;
      const { length } = part.keys;
      this.#waitingKeys -= length - part.taken;
      giveEntries(part, part.taken, new Array(length - part.taken).fill(null));
      return false;
    });
    this.#repeats = this.#repeats.filter((share) => {
      if (!share.part.info.isOver) return true;
      failShare(share, share.part.info.signal.reason);
      return false;
    });
  }

  #runNext(options: BatchOptions): void {
    const shares = takeShares(this.#waiting, maxSizeOf(options));
    this.#waitingKeys -= shares.reduce((total, { from, to }) => total + to - from, 0);
    this.#waiting = this.#waiting.filter(({ keys, taken }) => taken < keys.length);
    this.#run(shares, options);
  }

  async #run(shares: readonly Share[], options: BatchOptions): Promise<void> {
    this.#running++;
    const { name } = this.#source;
    const { keys, places } = joinKeys(shares);
    const { length } = keys; // the loader may take keys out of its list
    const info = new SharedInfo(name, shares, options.contextKey !== undefined);
    info.trace('requests in call', shares.length);
    try {
      const result = await observeLoad(this.#source, keys, info, shares.length);
      assertEntries(name, result, length);
      giveShares(shares, places, result);
    } catch (error) {
      if (shares.length === 1) failShare(itemAt(shares, 0), error);
      else this.#repeats.push(...shares);
    }
    this.#running--;
    this.#flush(options);
  }

  /** One request may be at fault for a common failure: each is asked for alone, and only its own errors stay. */
  async #repeat(share: Share, options: BatchOptions): Promise<void> {
    this.#running++;
    const { part, from, to } = share;
    const { name } = this.#source;
    const keys = part.keys.slice(from, to);
    const info: LoadInfo = options.contextKey === undefined ? new SharedInfo(name, [share], false) : part.info;
    try {
      const result = await observeLoad(this.#source, keys, info);
      assertEntries(name, result, to - from);
      giveEntries(part, from, result);
    } catch (error) {
      failShare(share, error);
    }
    this.#running--;
    this.#flush(options);
  }
}

function failShare({ part, from, to }: Share, error: unknown): void {
  giveEntries(part, from, new Array(to - from).fill(fail(error)));
}

function maxSizeOf({ maxSize = 1000 }: BatchOptions): number {
  return maxSize;
}

/** Returns how to stop it. */
function startTimer(milliseconds: number, onTime: () => void): () => void {
  if (milliseconds === 0) {
    const immediate = setImmediate(onTime);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(onTime, milliseconds);
  return () => clearTimeout(timer);
}
