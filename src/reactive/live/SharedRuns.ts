import type { ExecutionResult } from 'graphql';
import { closableGenerator } from '../../utils/closableGenerator.ts';
import type { Semaphore } from '../../utils/Semaphore.ts';
import type { LiveOptions } from '../ReactiveArgs.ts';
import type { Watches } from '../versions/Watches.ts';
import { errorResult, refusal } from './errorResult.ts';
import { LastRun } from './LastRun.ts';
import { Revision } from './Revision.ts';
import type { RefetchEntry, RunQuery, TrackedRun } from './trackedRun.ts';

/** The common surroundings of several live queries. */
export interface RunsHost {
  readonly watches: Watches;
  /** Runs wait for a turn. Default: they do not. */
  readonly turns?: Semaphore;
  /** A run that takes longer fails, in milliseconds. Default: none does. */
  readonly runMs?: number;
  /** Runs are counted here. */
  readonly counts?: LiveCounts;
}

export interface LiveCounts {
  /** How often something was run. */
  runs: number;
  /** How many of these runs were of a part of their query. */
  parts: number;
  /** How often two results were compared to make a patch. */
  diffs: number;
}

/** A consumer of the results. */
export interface Consumer {
  /** Runs the operation. Any of the consumers may be asked to. */
  readonly run: RunQuery;
  /** Whether stale parts may run again on their own. */
  readonly isDivisible: boolean;
  /** `plain`: results as they are. `whole`: with their revision. `patch`: the changes, where they are shorter. */
  readonly wants: 'plain' | 'whole' | 'patch';
  readonly abortSignal?: AbortSignal | null | undefined;
  /** Called once, whichever way it ends. */
  onEnd?(): void;
}

/** The pause before a run is repeated whose dependencies cannot be watched. */
const UNWATCHED_MS = 1000;

/** When so many parts of a query in a row did not fit, it runs as a whole from then on. */
const MAX_MISFITS = 3;

const DONE: IteratorResult<never, undefined> = { value: undefined, done: true };

type Step = IteratorResult<ExecutionResult, undefined>;

class Member {
  readonly consumer: Consumer;
  /** The number of the last revision that it took. */
  has: number | null = null;
  take: ((step: Step) => void) | null = null;

  constructor(consumer: Consumer) {
    this.consumer = consumer;
  }
}

/**
 * The results of a query that runs again when its data has changed, for all consumers that want the same: one run at a
 * time, the newest wins. Nothing runs while nobody asks for the next result. Each consumer gets the newest result when
 * it asks; nothing is kept for the others.
 */
export class SharedRuns {
  readonly #host: RunsHost;
  readonly #throttleMs: number;
  readonly #maxAgeMs: number;
  /** The first is the next to run. */
  readonly #members = new Set<Member>();
  readonly #controller = new AbortController();
  #current: Revision | null = null;
  #isDirty = true;
  /** Null: it cannot be watched. Else it is valid until news of a change. */
  #last: LastRun | null = null;
  /** How many parts in a row did not fit. */
  #misfits = 0;
  #isRunning = false;
  #began = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #unwatch: (() => void) | null = null;

  constructor(host: RunsHost, { throttleMs = 0, maxAgeMs = 0 }: LiveOptions) {
    this.#host = host;
    this.#throttleMs = throttleMs;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Nobody takes results any more. It cannot be joined again. */
  get isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  join(consumer: Consumer): AsyncGenerator<ExecutionResult, void, void> {
    const member = new Member(consumer);
    this.#members.add(member);
    const { abortSignal } = consumer;
    const onAbort = (): void => void generator.return();
    const generator = closableGenerator<ExecutionResult>({
      pull: () => this.#next(member),
      close: () => undefined,
      onEnd: () => {
        abortSignal?.removeEventListener('abort', onAbort);
        this.#leave(member);
        consumer.onEnd?.();
      },
    });
    if (abortSignal?.aborted) onAbort();
    else abortSignal?.addEventListener('abort', onAbort);
    return generator;
  }

  #next(member: Member): Step | Promise<Step> {
    const current = this.#current;
    if (current !== null && member.has !== current.number) {
      // A latecomer wants no result that is known to be old.
      const isGood = member.has !== null || (!this.#isDirty && this.#last !== null);
      if (isGood) return this.#give(member, current);
      if (this.#last === null) this.#isDirty = true;
    }
    return new Promise((resolve) => {
      member.take = resolve;
      void this.#work();
    });
  }

  #leave(member: Member): void {
    this.#members.delete(member);
    member.take?.(DONE);
    if (this.#members.size > 0) return;
    this.#stopWatching();
    this.#controller.abort(new Error('The consumer of the live query closed it.'));
  }

  async #work(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { turns } = this.#host;
    while (this.#isDirty && this.#isAsked) {
      await this.#pause();
      if (!this.#isAsked) break;
      await (turns === undefined ? this.#once() : turns.run(() => this.#once()));
    }
    this.#isRunning = false;
  }

  get #isAsked(): boolean {
    for (const { take } of this.#members) if (take !== null) return true;
    return false;
  }

  async #once(): Promise<void> {
    const [runner] = this.#members;
    if (runner === undefined) return;
    this.#stopWatching();
    this.#isDirty = false;
    this.#began = performance.now();
    const { result, hasFailed } = await this.#runStale(runner.consumer);
    if (this.isOver) return;
    const hasLeft = !this.#members.has(runner);
    if (hasFailed && !hasLeft) {
      this.#members.delete(runner); // the next one is asked next time
      this.#members.add(runner);
    }
    if (hasLeft && result.errors !== undefined) {
      this.#isDirty = true; // its own closing may have made it fail
      return;
    }
    this.#watch();
    this.#publish(result);
  }

  /** Runs the stale parts, if they fit the last result, or everything. */
  async #runStale(consumer: Consumer): Promise<{ readonly result: ExecutionResult; readonly hasFailed: boolean }> {
    const last = this.#last;
    const stale = consumer.isDivisible && this.#misfits < MAX_MISFITS ? (last?.stale() ?? null) : null;
    if (last !== null && stale !== null) {
      const part = await this.#run(consumer, stale);
      const result = part.hasFailed ? null : last.merge(stale, part.run);
      this.#misfits = result === null ? this.#misfits + 1 : 0;
      if (result !== null) return { result, hasFailed: false };
      if (this.isOver) return { result: part.run.result, hasFailed: true };
    }
    const { run, hasFailed } = await this.#run(consumer, null);
    this.#last = LastRun.of(run);
    return { result: run.result, hasFailed };
  }

  async #run(
    consumer: Consumer,
    refetch: readonly RefetchEntry[] | null,
  ): Promise<{ readonly run: TrackedRun; readonly hasFailed: boolean }> {
    const { runMs, counts } = this.#host;
    if (counts !== undefined) {
      counts.runs++;
      if (refetch !== null) counts.parts++;
    }
    const controller = new AbortController();
    const abort = (): void => controller.abort(this.#controller.signal.reason);
    this.#controller.signal.addEventListener('abort', abort);
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
        const fail = (): void => controller.abort(refusal('LIVE_TIMEOUT', `The query did not end within ${runMs} ms.`));
        if (runMs !== undefined) timer = setTimeout(fail, runMs);
      });
      const run = await Promise.race([consumer.run(controller.signal, refetch), late]);
      return { run, hasFailed: false };
    } catch (error) {
      return { run: { result: errorResult(error), described: null }, hasFailed: true };
    } finally {
      clearTimeout(timer);
      this.#controller.signal.removeEventListener('abort', abort);
    }
  }

  /** Gives a result to the waiting consumers, unless it is the one that they have. */
  #publish(result: ExecutionResult): void {
    let next: Revision;
    try {
      next = new Revision((this.#current?.number ?? 0) + 1, result);
    } catch (error) {
      next = new Revision((this.#current?.number ?? 0) + 1, errorResult(error)); // it cannot be written as JSON
    }
    const before = this.#current;
    if (before === null || !next.isEqual(before)) {
      this.#current = next;
      if (before !== null && this.#takesPatchFrom(before)) {
        if (this.#host.counts !== undefined) this.#host.counts.diffs++;
        next.follow(before);
      }
    }
    const current = this.#current ?? next;
    for (const member of this.#members) {
      const { take } = member;
      if (take === null || member.has === current.number) continue;
      member.take = null;
      take(this.#give(member, current));
    }
  }

  #takesPatchFrom({ number }: Revision): boolean {
    for (const { has, consumer } of this.#members) if (has === number && consumer.wants === 'patch') return true;
    return false;
  }

  #give(member: Member, revision: Revision): Step {
    const { has } = member;
    const { wants } = member.consumer;
    member.has = revision.number;
    return { value: wants === 'plain' ? revision.result : revision.payload(has, wants === 'patch'), done: false };
  }

  #watch(): void {
    const last = this.#last;
    const dirty = (): void => {
      this.#isDirty = true;
      void this.#work();
    };
    const dirtyAll = (): void => {
      this.#last = null;
      dirty();
    };
    const repeatMs = last === null ? UNWATCHED_MS : this.#maxAgeMs;
    if (repeatMs > 0) this.#timer = setTimeout(dirtyAll, repeatMs);
    if (last === null) return;
    const onStale = (keys: readonly string[], versions: readonly number[]): void => {
      last.tell(keys, versions);
      dirty();
    };
    this.#unwatch = this.#host.watches.watch(last.held, { kind: 'live', onStale, onReset: dirtyAll });
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Changes that come meanwhile are one run. */
  async #pause(): Promise<void> {
    const left = this.#began + this.#throttleMs - performance.now();
    if (!(left > 0) || this.isOver) return;
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
