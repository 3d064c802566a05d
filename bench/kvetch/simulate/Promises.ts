import type { Program } from './Fleet.ts';
import type { Process } from './Network.ts';
import { virtualNow } from './virtualTime.ts';

/** A write that has returned. */
export interface Ack {
  readonly at: number;
  readonly by: Process;
  /** Whether the writer's removals reached the cache before it returned. */
  readonly isTold: boolean;
}

/** A read may join one that has been under way for so long. */
const JOINED_MS = 100;
/** What a writer could not tell the cache, another process tells it within this time, and later where that one dies, too. */
const RELAYED_MS = 2000;
const RELAYED_AGAIN_MS = 4000;

/** From when on a read must show a write that has returned: spec 9.2. */
export class Promises {
  readonly #isCached: boolean;
  /** Until when relays may have been hindered. */
  #hinderedUntil = 0;
  /** The oldest reads so far: milliseconds from the return of a write to a read that does not show it. */
  readonly oldest: { told: number; untold: number } = { told: 0, untold: 0 };

  constructor(isCached: boolean) {
    this.#isCached = isCached;
  }

  /** Something happens that hinders relays now, or for a while. */
  hinder(ms = 0): void {
    this.#hinderedUntil = Math.max(this.#hinderedUntil, virtualNow() + ms);
  }

  /** Calls a write of a program, and says what was promised when it returned. */
  async ack<T>({ cache, process }: Program, write: () => Promise<T>): Promise<readonly [T, Ack]> {
    const before = cache?.stats.failedApplies;
    const answer = await write();
    return [answer, { at: virtualNow(), by: process, isTold: before === cache?.stats.failedApplies }];
  }

  /** Whether a read that begins now must show the write. */
  mustShow({ at, by, isTold }: Ack, reader: Process): boolean {
    if (!this.#isCached || by === reader) return true;
    const now = virtualNow();
    if (isTold) return now >= at + JOINED_MS;
    return now >= Math.max(at + RELAYED_MS, this.#hinderedUntil + RELAYED_AGAIN_MS);
  }

  /** A read that began at a moment has not shown the write, and needed not. */
  missed({ at, isTold }: Ack, begin: number): void {
    const name = isTold ? 'told' : 'untold';
    this.oldest[name] = Math.max(this.oldest[name], begin - at);
  }
}
