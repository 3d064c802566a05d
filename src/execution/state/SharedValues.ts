import { ListReadings } from './ListReadings.ts';

/** Values that steps of one request share, by key. */
export class SharedValues {
  #lists: ListReadings | null = null;
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

  /** The items read of lists that are no arrays. Effects do not forget them: a list may give its items only once. */
  get lists(): ListReadings {
    this.#lists ??= new ListReadings();
    return this.#lists;
  }

  /** After an effect, steps read afresh: earlier loads may have changed (rule R19). */
  forget(): void {
    this.#values = null;
  }
}
