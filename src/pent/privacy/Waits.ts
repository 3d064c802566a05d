import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { JointInquiry } from './Inquiry.ts';

/** The reads of a request that wait for privacy rules. They end with the request. */
export class Waits {
  readonly #signals: () => readonly AbortSignal[];
  readonly #onGivenUp: (reason: unknown) => void;
  readonly #open = new Set<JointInquiry>();
  readonly #bySignal = new Map<AbortSignal, WaitsOfSignal>();

  /**
   * @param signals - those that the request has now.
   * @param onGivenUp - called when the last one that waited was given up.
   */
  constructor(signals: () => readonly AbortSignal[], onGivenUp: (reason: unknown) => void) {
    this.#signals = signals;
    this.#onGivenUp = onGivenUp;
  }

  add(inquiry: JointInquiry): void {
    this.#open.add(inquiry);
    const signals = this.#signals();
    for (const signal of signals) {
      this.#of(signal).inquiries.add(inquiry);
      if (signal.aborted) this.#end(signal);
    }
    const remove = (): void => {
      this.#open.delete(inquiry);
      for (const signal of signals) this.#leave(signal, inquiry);
    };
    inquiry.promise.then(remove, remove);
  }

  failAll(error: unknown): void {
    for (const inquiry of this.#open) inquiry.fail(error);
    this.#open.clear();
  }

  /** One listener for all of a signal: it warns of many. */
  #of(signal: AbortSignal): WaitsOfSignal {
    return getOrCreate(this.#bySignal, signal, () => {
      const onAbort = (): void => this.#end(signal);
      signal.addEventListener('abort', onAbort);
      return { inquiries: new Set(), onAbort };
    });
  }

  #end(signal: AbortSignal): void {
    for (const inquiry of this.#bySignal.get(signal)?.inquiries ?? []) {
      this.#open.delete(inquiry);
      inquiry.fail(signal.reason);
    }
    if (this.#open.size === 0) this.#onGivenUp(signal.reason);
  }

  #leave(signal: AbortSignal, inquiry: JointInquiry): void {
    const waits = this.#bySignal.get(signal);
    waits?.inquiries.delete(inquiry);
    if (waits?.inquiries.size !== 0) return;
    this.#bySignal.delete(signal);
    signal.removeEventListener('abort', waits.onAbort);
  }
}

interface WaitsOfSignal {
  readonly inquiries: Set<JointInquiry>;
  readonly onAbort: () => void;
}
