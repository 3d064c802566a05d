import { fairSizes } from './fairSizes.ts';
import { groupBy } from './groupBy.ts';
import { itemAt } from './itemAt.ts';

/** Keys that requests wait for. Calls take them in their order. */
/** How many keys one call takes, where nothing else is said. */
export const DEFAULT_MAX_SIZE = 1_000;

export interface Waiting {
  /** The number of keys. */
  readonly size: number;
  /** How many of them were given to calls. */
  taken: number;
  /** An asker has one share of a call's room, however many parts it waits for. */
  readonly asker: object;
  /** Whether no request waits any more. */
  readonly isOver: boolean;
}

/** The keys `from` to `to` of a part, which go into one call. */
export interface Share<TPart extends Waiting> {
  readonly part: TPart;
  readonly from: number;
  readonly to: number;
}

export interface CallLimits {
  /** How long keys wait for others, in milliseconds. 0, the default: until the event loop's turn ends. */
  readonly maxWaitMs?: number | undefined;
  /** How many keys one call takes. Default 1,000. */
  readonly maxSize?: number | undefined;
  /** How many calls may be under way. Default: any number. */
  readonly maxCalls?: number | undefined;
}

/**
 * Keys that several askers wait for at the same time. They go out when their window closes or enough keys wait, in calls
 * whose room is divided fairly. Shares of calls that failed are asked for alone (`#repeats`). Repeated and new calls take turns,
 * so that a store that fails does not keep newcomers waiting. `#cancelTimer` closes no window any more; null where none is open.
 * Idle: nothing waits, and nothing is under way. Implements 7.2 of the specification.
 */
export abstract class CallQueue<TPart extends Waiting> {
  readonly #onIdle: () => void;
  #limits: CallLimits = {};
  #waiting: TPart[] = [];
  #waitingKeys = 0;
  #repeats: Share<TPart>[] = [];
  #repeatedLast = false;
  #running = 0;
  #isCalling = false;
  #cancelTimer: (() => void) | null = null;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** Begins a call, which has to tell when it has ended. */
  protected abstract begin(shares: ReadonlyArray<Share<TPart>>): void;

  /** Nobody waits for these keys any more: they are not asked for (rule R15). */
  protected abstract drop(share: Share<TPart>): void;

  protected add(part: TPart, limits: CallLimits): void {
    this.#limits = limits;
    this.#waiting.push(part);
    this.#waitingKeys += part.size;
    if (this.#waitingKeys >= this.#maxSize) this.#close();
    else this.#cancelTimer ??= startTimer(limits.maxWaitMs ?? 0, () => this.#close());
  }

  /** A call has ended. Those of its shares that failed are asked for alone. */
  protected ended(failed: ReadonlyArray<Share<TPart>> = []): void {
    for (const share of failed) this.#repeats.push(share);
    const wasFull = this.#isFull;
    this.#running--;
    // Keys that came while no call could begin have waited long enough.
    if (wasFull) this.#close();
    else this.#callAll();
  }

  get #maxSize(): number {
    return this.#limits.maxSize ?? DEFAULT_MAX_SIZE;
  }

  get #isFull(): boolean {
    return this.#running >= (this.#limits.maxCalls ?? Number.POSITIVE_INFINITY);
  }

  #close(): void {
    this.#stopTimer();
    if (!this.#isFull) this.#callAll();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** A call may end while it begins: then this loop makes the next one. */
  #callAll(): void {
    if (this.#isCalling) return;
    this.#isCalling = true;
    this.#dropOver();
    while (!this.#isFull) {
      const repeated = this.#nextRepeat();
      if (repeated === null && !this.#isDue) break;
      this.#running++;
      this.begin(repeated === null ? this.#takeShares() : [repeated]);
    }
    this.#isCalling = false;
    if (this.#running > 0 || this.#waiting.length > 0) return;
    this.#stopTimer(); // the window of keys that were dropped
    this.#onIdle();
  }

  get #isDue(): boolean {
    return this.#waiting.length > 0 && this.#cancelTimer === null;
  }

  #nextRepeat(): Share<TPart> | null {
    const isNewcomersTurn = this.#repeatedLast && this.#isDue;
    const share = isNewcomersTurn ? null : (this.#repeats.shift() ?? null);
    this.#repeatedLast = share !== null;
    return share;
  }

  #dropOver(): void {
    const isOver = ({ part }: Share<TPart>): boolean => part.isOver;
    const over = this.#repeats.filter(isOver);
    if (over.length > 0) this.#repeats = this.#repeats.filter((share) => !isOver(share));
    if (this.#waiting.some((part) => part.isOver)) {
      for (const part of this.#waiting) if (part.isOver) over.push(this.#takeOf(part, part.size));
      this.#waiting = this.#waiting.filter((part) => !part.isOver);
    }
    for (const share of over) this.drop(share);
  }

  /**
   * Takes keys from waiting parts: the same number for each asker, and where small ones need less, more of the others. So
   * one key waits for one call, whatever number stands before it.
   */
  #takeShares(): Share<TPart>[] {
    const waiting = this.#waiting;
    if (this.#waitingKeys <= this.#maxSize) {
      this.#waiting = [];
      return waiting.map((part) => this.#takeOf(part, part.size));
    }
    const askers = [...groupBy(waiting, ({ asker }) => asker).values()];
    const sizes = fairSizes(askers.map(openKeys), this.#maxSize);
    const shares: Share<TPart>[] = [];
    for (const [index, parts] of askers.entries()) {
      let left = itemAt(sizes, index);
      for (const part of parts) {
        if (left === 0) break;
        const share = this.#takeOf(part, left);
        shares.push(share);
        left -= share.to - share.from;
      }
    }
    this.#waiting = waiting.filter(({ taken, size }) => taken < size);
    return shares;
  }

  /** At most `most` keys of a part. */
  #takeOf(part: TPart, most: number): Share<TPart> {
    const from = part.taken;
    const to = Math.min(part.size, from + most);
    part.taken = to;
    this.#waitingKeys -= to - from;
    return { part, from, to };
  }
}

function openKeys(parts: readonly Waiting[]): number {
  return parts.reduce((total, { size, taken }) => total + size - taken, 0);
}

/** Returns how to stop it. */
function startTimer(milliseconds: number, onTime: () => void): () => void {
  if (milliseconds === 0 && typeof setImmediate === 'function') {
    const immediate = setImmediate(onTime);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(onTime, milliseconds);
  return () => clearTimeout(timer);
}
