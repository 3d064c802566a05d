/**
 * A value that is to come, and that never fails to. Like a promise, but whoever waits for it goes on in the very turn in
 * which it comes: a load costs one turn of the microtask queue, that of the loader's own promise.
 */
export class Later<T> implements PromiseLike<T> {
  #value: T | undefined;
  #isThere = false;
  #listeners: ((value: never) => void)[] | null = null;

  /** What came; undefined as long as nothing has. */
  get value(): T | undefined {
    return this.#value;
  }

  come(value: T): void {
    this.#value = value;
    this.#isThere = true;
    const listeners = this.#listeners;
    this.#listeners = null;
    if (listeners !== null) for (const listener of listeners) listener(value as never);
  }

  // biome-ignore lint/suspicious/noThenProperty: it may be awaited like a promise
  then<R = T>(onValue?: ((value: T) => R | PromiseLike<R>) | null): Promise<R> {
    return new Promise<T>((resolve) => this.whenThere(resolve)).then(onValue);
  }

  /** Calls `listener` with the value: at once, if it is there. */
  whenThere(listener: (value: T) => void): void {
    if (this.#isThere) listener(this.#value as T);
    else if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }
}
