/** What waits: it is over when its promise is settled. */
export interface Waiting {
  readonly promise: Promise<unknown>;
  /** Gives it up. */
  fail(reason: unknown): void;
}

/** What ends work: a request, or a signal. */
export interface Ending {
  /** Calls `listener` with the reason when it is aborted: at once, if it is. Returns how to stop listening. */
  onAbort(listener: (reason: unknown) => void): () => void;
}

/** A signal as what ends work. It has one listener for all: Node warns of many. */
export function endedBy(signal: AbortSignal): Ending {
  const listeners = new Set<(reason: unknown) => void>();
  const onAbort = (): void => {
    for (const listener of listeners) listener(signal.reason);
  };
  return {
    onAbort(listener) {
      if (listeners.size === 0) signal.addEventListener('abort', onAbort);
      listeners.add(listener);
      if (signal.aborted) listener(signal.reason);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) signal.removeEventListener('abort', onAbort);
      };
    },
  };
}

/** What waits for privacy rules and hooks. It ends with the request. */
export class Waits {
  readonly #endings: () => readonly Ending[];
  readonly #onGivenUp: (reason: unknown) => void;
  readonly #open = new Set<Waiting>();

  /**
   * @param endings - what ends the request now.
   * @param onGivenUp - called when the last one that waited was given up.
   */
  constructor(endings: () => readonly Ending[], onGivenUp: (reason: unknown) => void) {
    this.#endings = endings;
    this.#onGivenUp = onGivenUp;
  }

  add(one: Waiting): void {
    this.#open.add(one);
    const stops = this.#endings().map((ending) => ending.onAbort((reason) => this.#giveUp(one, reason)));
    const remove = (): void => {
      this.#open.delete(one);
      for (const stop of stops) stop();
    };
    one.promise.then(remove, remove);
  }

  /** The result of some work, unless the request ends before it is there: then the reason. */
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

  #giveUp(one: Waiting, reason: unknown): void {
    if (!this.#open.delete(one)) return;
    one.fail(reason);
    if (this.#open.size === 0) this.#onGivenUp(reason);
  }
}
