import type { Entry } from '../shards/ShardStore.ts';

interface Waiting<TIn, TOut> {
  readonly batch: readonly TIn[];
  readonly resolve: (answers: ReadonlyArray<Entry<TOut>>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes that are ready in one turn of the event loop, by however many callers, go to the server as one batch: one
 * transaction, whose commit waits once for the disk. Each caller gets the answers to its own.
 */
export class GroupedWrites<TIn, TOut> {
  readonly #write: (batch: readonly TIn[]) => Promise<ReadonlyArray<Entry<TOut>>>;
  #waiting: Waiting<TIn, TOut>[] = [];

  constructor(write: (batch: readonly TIn[]) => Promise<ReadonlyArray<Entry<TOut>>>) {
    this.#write = write;
  }

  write(batch: readonly TIn[]): Promise<ReadonlyArray<Entry<TOut>>> {
    return new Promise((resolve, reject) => {
      // a tick that is asked for among promises comes when no promise has anything left to do
      if (this.#waiting.length === 0) process.nextTick(() => this.#flush());
      this.#waiting.push({ batch, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const [only] = waiting as [Waiting<TIn, TOut>];
    if (waiting.length === 1) return void this.#write(only.batch).then(only.resolve, only.reject);
    const land = (answers: ReadonlyArray<Entry<TOut>>): void => {
      let from = 0;
      for (const { batch, resolve } of waiting) {
        resolve(answers.slice(from, from + batch.length));
        from += batch.length;
      }
    };
    const fail = (error: unknown): void => {
      for (const { reject } of waiting) reject(error);
    };
    this.#write(waiting.flatMap(({ batch }) => batch)).then(land, fail);
  }
}
