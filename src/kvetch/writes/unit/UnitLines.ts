/**
 * The units over several servers of this process, by object: those that share one go one after the other, in the order in
 * which they came. A unit stands in all its lines at once, so no two wait for each other. Against units of other processes
 * each has to try.
 */
export class UnitLines {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs when all units that came before and share an object have ended, however they did. */
  async pass<T>(ids: readonly string[], run: () => Promise<T>): Promise<T> {
    const before = ids.map((id) => this.#last.get(id));
    const running = Promise.allSettled(before).then(run);
    const end = running.catch(() => {}); // its caller hears of it
    for (const id of ids) this.#last.set(id, end);
    try {
      return await running;
    } finally {
      for (const id of ids) if (this.#last.get(id) === end) this.#last.delete(id);
    }
  }
}
