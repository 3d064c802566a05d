import { anything, checkOptions } from '../../errors/checkOptions.ts';
import { errorOf } from '../../errors/errorOf.ts';
import { emitWarning } from '../../utils/emitWarning.ts';
import type { Invalidator } from '../Invalidator.ts';
import type { DependencyKey } from '../keys/dependencyKeys.ts';

/**
 * The options of `followChanges`.
 * @inline
 */
export interface FollowOptions<TChange> {
  /** The keys of a change, or texts, which are keys by hand. Null: nobody knows them, and all clients fetch again. */
  readonly keysOf: (change: TChange) => readonly (DependencyKey | string)[] | null;
  /** Called in order after each invalidated change, before the next one: note here how far the stream was read. */
  readonly onTold?: (change: TChange) => unknown;
  /** Called with errors of the stream or of the functions above, before the stream is opened again. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

const RETRY_MS = 100;
const MAX_RETRY_MS = 5000;

/**
 * Invalidates by a change stream of another system: of a database, say, or a queue. `open` begins behind the last
 * change that was told; it is called again when the stream fails. A change that cannot be told now is tried until it is, and
 * none is passed over. Resolves when the stream ends or the signal is aborted.
 */
export async function followChanges<TChange>(
  invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>,
  open: () => AsyncIterable<TChange>,
  options: FollowOptions<TChange>,
): Promise<void> {
  checkOptions('followChanges', options, { keysOf: anything, onTold: anything, onError: anything, signal: anything });
  const { signal, onError = (error: unknown) => emitWarning(errorOf(error)) } = options;
  const follower = new Follower(invalidator, options);
  const onAbort = (): void => follower.end();
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    for (let failures = 0; !follower.isOver; failures++) {
      try {
        if (await follower.follow(open(), () => (failures = 0))) return;
      } catch (error) {
        onError(error);
      }
      await follower.pause(failures);
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

class Follower<TChange> {
  readonly #invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>;
  readonly #options: FollowOptions<TChange>;
  /** Ends the current wait. */
  #wake: (() => void) | null = null;
  isOver = false;

  constructor(invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>, options: FollowOptions<TChange>) {
    this.#invalidator = invalidator;
    this.#options = options;
  }

  end(): void {
    this.isOver = true;
    this.#wake?.();
  }

  /** Whether the stream has ended by itself, and all of it was invalidated. */
  async follow(stream: AsyncIterable<TChange>, onProgress: () => void): Promise<boolean> {
    const iterator = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#orOver(iterator.next());
        if (next === null) return false;
        if (next.done) return true;
        if (!(await this.#tell(this.#options.keysOf(next.value)))) return false;
        await this.#options.onTold?.(next.value);
        onProgress();
      }
    } finally {
      // It may wait for a change that never comes.
      void iterator.return?.().then(undefined, () => undefined);
    }
  }

  /** False: it was ended before. */
  async #tell(keys: readonly (DependencyKey | string)[] | null): Promise<boolean> {
    for (let failures = 0; !this.isOver; failures++) {
      if (await (keys === null ? this.#invalidator.tellEverything() : this.#invalidator.tell(keys))) return true;
      await this.pause(failures);
    }
    return false;
  }

  async pause(failures: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const ms = Math.min(RETRY_MS * 2 ** failures, MAX_RETRY_MS);
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await this.#orOver(over);
    clearTimeout(timer);
  }

  /** Null: it was ended before. */
  #orOver<T>(value: Promise<T>): Promise<T | null> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(null);
      if (this.isOver) resolve(null);
      value.then(resolve, reject);
    });
  }
}
