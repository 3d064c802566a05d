import { getOrCreate } from '../../utils/getOrCreate.ts';

/** What waits: it is over when its promise is settled. */
export interface Waiting {
  readonly promise: Promise<unknown>;
  /** Gives it up. */
  fail(reason: unknown): void;
}

/** What waits for privacy rules and hooks. It ends with the request. */
export class Waits {
  readonly #signals: () => readonly AbortSignal[];
  readonly #onGivenUp: (reason: unknown) => void;
  readonly #open = new Set<Waiting>();
  readonly #bySignal = new Map<AbortSignal, WaitsOfSignal>();

  /**
   * @param signals - those that the request has now.
   * @param onGivenUp - called when the last one that waited was given up.
   */
  constructor(signals: () => readonly AbortSignal[], onGivenUp: (reason: unknown) => void) {
    this.#signals = signals;
    this.#onGivenUp = onGivenUp;
  }

  add(one: Waiting): void {
    this.#open.add(one);
    const signals = this.#signals();
    for (const signal of signals) {
      this.#of(signal).waiting.add(one);
      if (signal.aborted) this.#end(signal);
    }
    const remove = (): void => {
      this.#open.delete(one);
      for (const signal of signals) this.#leave(signal, one);
    };
    one.promise.then(remove, remove);
  }

  /** The result of some work, unless a signal is aborted before it is there: then the signal's reason. */
  whileOpen<T>(work: Promise<T>): Promise<T> {
    let fail!: (reason: unknown) => void;
    const promise = new Promise<T>((resolve, reject) => {
      fail = reject;
      work.then(resolve, reject);
    });
    this.add({ promise, fail });
    return promise;
  }

  failAll(error: unknown): void {
    for (const one of this.#open) one.fail(error);
    this.#open.clear();
  }

  /** One listener for all of a signal: it warns of many. */
  #of(signal: AbortSignal): WaitsOfSignal {
    return getOrCreate(this.#bySignal, signal, () => {
      const onAbort = (): void => this.#end(signal);
      signal.addEventListener('abort', onAbort);
      return { waiting: new Set(), onAbort };
    });
  }

  #end(signal: AbortSignal): void {
    for (const one of this.#bySignal.get(signal)?.waiting ?? []) {
      this.#open.delete(one);
      one.fail(signal.reason);
    }
    if (this.#open.size === 0) this.#onGivenUp(signal.reason);
  }

  #leave(signal: AbortSignal, one: Waiting): void {
    const waits = this.#bySignal.get(signal);
    waits?.waiting.delete(one);
    if (waits?.waiting.size !== 0) return;
    this.#bySignal.delete(signal);
    signal.removeEventListener('abort', waits.onAbort);
  }
}

interface WaitsOfSignal {
  readonly waiting: Set<Waiting>;
  readonly onAbort: () => void;
}
