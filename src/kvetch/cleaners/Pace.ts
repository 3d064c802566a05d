/** A page beside others is to take so many milliseconds: they wait behind its statements. */
const PAGE_MS = 10;
/** Smaller pages would be mostly leases and look-ups. */
const MIN_ROWS = 100;
/** With so many statements of others a second a store is never without them. */
const BUSY_PER_SECOND = 50;
/** Fewer than this part of it are beats of programs that are idle. */
const IDLE = 0.2;
/** The weight of one measurement in the estimate of the load of other programs. */
const WEIGHT = 0.3;
/** However long a page took, the lease must not end before the next one. */
const MAX_WAIT_SHARE = 0.25;

export interface PaceOptions {
  /** The share of time in which a pass may work while a store is never without others. */
  readonly maxLoad: number;
  readonly pageSize: number;
  readonly leaseMs: number;
}

/**
 * The speed of a pass over one store: full speed while no other program uses it, otherwise small pages with a pause
 * behind each. Between the two, the share of time in which the pass works falls geometrically, so that even a few
 * other calls slow it down.
 */
export class Pace {
  readonly #options: PaceOptions;
  #busy: number | null = null;
  #rows: number;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#rows = options.pageSize;
  }

  /** Whether the load of other programs is measured. */
  get isLimited(): boolean {
    return this.#options.maxLoad < 1;
  }

  /** How many rows the next page is to have. */
  get rows(): number {
    return this.#rows;
  }

  /** Called before each page with the number of statements a second that others send. */
  saw(perSecond: number): void {
    const seen = Math.min(1, perSecond / BUSY_PER_SECOND);
    this.#busy = this.#busy === null ? seen : this.#busy + WEIGHT * (seen - this.#busy);
  }

  /** How many milliseconds to wait behind a page that took so many. Sizes the next one. */
  after(tookMs: number, rows: number): number {
    const { maxLoad, pageSize, leaseMs } = this.#options;
    const felt = this.#busy ?? 0;
    const busy = felt < IDLE ? 0 : felt;
    const wanted = busy === 0 ? pageSize : (PAGE_MS * Math.max(1, rows)) / Math.max(0.1, tookMs);
    this.#rows = Math.min(pageSize, Math.max(MIN_ROWS, Math.min(2 * this.#rows, Math.floor(wanted))));
    const share = maxLoad ** busy;
    return Math.min(tookMs * (1 / share - 1), leaseMs * MAX_WAIT_SHARE);
  }
}
