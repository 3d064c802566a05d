/** Keeps the writes of one row in the order of their calls, though some have to read first and others do not. */
export class Lines {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for `check` and for the writes at this key that were called before. Rejects as the check does. */
  async pass(key: string, check: Promise<void> | null): Promise<void> {
    const before = this.#last.get(key);
    if (before === undefined && check === null) return;
    const line = Promise.all([check?.catch(nothing), before]).then(nothing); // a failure here is no concern of the next
    this.#last.set(key, line);
    try {
      await line;
      await check;
    } finally {
      if (this.#last.get(key) === line) this.#last.delete(key);
    }
  }
}

function nothing(): void {}
