/** Values that steps of one request share, by key. */
export class SharedValues {
  #values: Map<unknown, unknown> | null = null;

  get<T>(key: unknown, create: () => T): T {
    this.#values ??= new Map();
    let value = this.#values.get(key);
    if (value === undefined) {
      value = create();
      this.#values.set(key, value);
    }
    return value as T;
  }

  /** After an effect, steps read afresh: what was loaded before it may have changed (rule R19). */
  forget(): void {
    this.#values = null;
  }
}
