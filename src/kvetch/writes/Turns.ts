/** Somebody waits for a turn. */
interface Waiting<T> {
  readonly enter: (handed: T | null) => void;
}

/**
 * Lets the callers of this process that want the same thing go one after the other, each handing on what it knows:
 * else they would only make each other start again. Others do not wait for them.
 */
export class Turns<T> {
  readonly #lines = new Map<string, Waiting<T>[]>();

  /** Waits for the turn at a key: what the last one handed on, if anything; `'late'` when the time is over before. */
  enter(key: string, waitMs: number): Promise<T | null | 'late'> | null {
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, []);
      return null;
    }
    return new Promise((resolve) => {
      const waiting: Waiting<T> = {
        enter: (handed) => {
          clearTimeout(timer);
          resolve(handed);
        },
      };
      const timer = setTimeout(() => {
        line.splice(line.indexOf(waiting), 1);
        resolve('late');
      }, waitMs);
      line.push(waiting);
    });
  }

  /** Ends a turn that was entered. */
  leave(key: string, handed: T | null): void {
    const next = this.#lines.get(key)?.shift();
    if (next === undefined) this.#lines.delete(key);
    else next.enter(handed);
  }
}
