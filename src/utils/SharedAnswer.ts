/**
 * The answer to one of several askers, in a list that comes for all of them at once: it begins at `from`. `ready` tells all
 * that the list is there, or that this answer comes alone, as a promise of it does; each asker that waits for it goes on in
 * its own async context. Neither rejects. Answers of loaders are asked whether they are shared: a proxy does not hear of
 * that.
 */
export abstract class SharedAnswer implements PromiseLike<readonly unknown[]> {
  readonly ready: Promise<void>;
  list: readonly unknown[] | null = null;
  from = 0;
  readonly #isSharedAnswer = true;

  constructor(ready: Promise<void>) {
    this.ready = ready;
  }

  static [Symbol.hasInstance](value: unknown): value is SharedAnswer {
    return typeof value === 'object' && value !== null && #isSharedAnswer in value;
  }

  // biome-ignore lint/suspicious/noThenProperty: it may be awaited like a promise
  abstract then<R = readonly unknown[]>(
    onValue?: ((entries: readonly unknown[]) => R | PromiseLike<R>) | null,
  ): Promise<R>;
}
