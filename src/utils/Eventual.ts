/**
 * A value that is to come and never fails. A step may return one in the place of a promise: its waiter goes on
 * in the very turn of the event loop in which the value comes, and not in a later microtask.
 */
export class Eventual<T> implements PromiseLike<T> {
  #value: T | undefined;
  #hasCome = false;
  /** Mostly there is one. */
  #listener: ((value: never) => void) | null = null;
  #others: ((value: never) => void)[] | null = null;

  /** The value; undefined as long as it has not come. */
  get value(): T | undefined {
    return this.#value;
  }

  /** Gives it its value. */
  come(value: T): void {
    this.#value = value;
    this.#hasCome = true;
    const listener = this.#listener;
    const others = this.#others;
    this.#listener = null;
    this.#others = null;
    listener?.(value as never);
    if (others !== null) for (const other of others) other(value as never);
  }

  // biome-ignore lint/suspicious/noThenProperty: it may be awaited like a promise
  then<R = T>(onValue?: ((value: T) => R | PromiseLike<R>) | null): Promise<R> {
    return new Promise<T>((resolve) => this.whenThere(resolve)).then(onValue);
  }

  /** Calls `listener` with the value: at once, if it is there. */
  whenThere(listener: (value: T) => void): void {
    if (this.#hasCome) listener(this.#value as T);
    else if (this.#listener === null) this.#listener = listener;
    else if (this.#others === null) this.#others = [listener];
    else this.#others.push(listener);
  }
}
