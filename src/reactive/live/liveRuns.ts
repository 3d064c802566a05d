import type { ExecutionResult } from 'graphql';
import { closableGenerator } from '../../utils/closableGenerator.ts';
import type { Held } from '../versions/staleness.ts';
import type { Watches } from '../versions/Watches.ts';

export interface LiveOptions {
  /** The least time between the starts of two runs, in milliseconds. Default 0. */
  readonly throttleMs?: number;
  /** A run is repeated after so many milliseconds also when nothing was told; 0: never. Default 0. */
  readonly maxAgeMs?: number;
}

/** One run of an operation. */
export interface TrackedRun {
  readonly result: ExecutionResult;
  /** What it depends on; null: that cannot be watched now, so it is run again after a while. */
  readonly held: Held | null;
}

/** How soon a run is repeated whose dependencies cannot be watched. */
const UNWATCHED_MS = 1000;

/**
 * The results of a run that is repeated when something that it has read has changed: one run at a time, the newest wins.
 * Nothing runs before the first result is asked for, nor while nobody asks for the next. A result that is equal to the
 * last one is not given.
 */
export function liveRuns(
  run: (signal: AbortSignal) => Promise<TrackedRun>,
  watches: Watches,
  options: LiveOptions = {},
  parent: AbortSignal | null = null,
): AsyncGenerator<ExecutionResult, void, void> {
  const live = new LiveRuns(run, watches, options);
  const onAbort = (): void => void generator.return();
  const generator = closableGenerator<ExecutionResult>({
    pull: () => live.next(),
    close: () => live.close(),
    onEnd: () => parent?.removeEventListener('abort', onAbort),
  });
  if (parent?.aborted) onAbort();
  else parent?.addEventListener('abort', onAbort);
  return generator;
}

class LiveRuns {
  readonly #run: (signal: AbortSignal) => Promise<TrackedRun>;
  readonly #watches: Watches;
  readonly #throttleMs: number;
  readonly #maxAgeMs: number;
  readonly #controller = new AbortController();
  /** The text of the last result. */
  #last: string | null = null;
  #began = Number.NEGATIVE_INFINITY;
  #isDirty = true;
  #wake: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #unwatch: (() => void) | null = null;

  constructor(
    run: (signal: AbortSignal) => Promise<TrackedRun>,
    watches: Watches,
    { throttleMs = 0, maxAgeMs = 0 }: LiveOptions,
  ) {
    this.#run = run;
    this.#watches = watches;
    this.#throttleMs = throttleMs;
    this.#maxAgeMs = maxAgeMs;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    for (;;) {
      await this.#untilDirty();
      await this.#pause();
      if (this.#controller.signal.aborted) return DONE;
      const { result, held } = await this.#once();
      if (this.#controller.signal.aborted) return DONE;
      this.#watch(held);
      const text = JSON.stringify({ data: result.data, errors: result.errors });
      if (text === this.#last) continue;
      this.#last = text;
      return { value: result, done: false };
    }
  }

  close(): void {
    this.#stopWatching();
    this.#controller.abort(new Error('The consumer of the live query closed it.'));
    this.#dirty();
  }

  #once(): Promise<TrackedRun> {
    this.#stopWatching();
    this.#isDirty = false;
    this.#began = performance.now();
    return this.#run(this.#controller.signal);
  }

  #watch(held: Held | null): void {
    const dirty = (): void => this.#dirty();
    const repeatMs = held === null ? UNWATCHED_MS : this.#maxAgeMs;
    if (held !== null) this.#unwatch = this.#watches.watch(held, { onStale: dirty, onReset: dirty });
    if (repeatMs > 0) this.#timer = setTimeout(dirty, repeatMs);
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #dirty(): void {
    this.#isDirty = true;
    this.#wake?.();
    this.#wake = null;
  }

  async #untilDirty(): Promise<void> {
    if (this.#isDirty) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Changes that come meanwhile are one run. */
  async #pause(): Promise<void> {
    const left = this.#began + this.#throttleMs - performance.now();
    if (!(left > 0) || this.#controller.signal.aborted) return;
    const { signal } = this.#controller;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, left);
      signal.addEventListener('abort', end);
    });
  }
}

const DONE: IteratorResult<never, undefined> = { value: undefined, done: true };
