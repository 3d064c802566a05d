import type { HeldSet, NewVersions, WireSet } from '../HeldSet.ts';
import { BackOff, type BackOffOptions } from './BackOff.ts';
import { type Post, post } from './post.ts';
import type { Connection, Transport, TransportEvents } from './Transport.ts';

export interface PollOptions {
  /** `https://…/deps/poll`. */
  readonly url: string;
  /** How long a poll may wait for a change, in milliseconds; the server allows 25,000. Default 25,000. */
  readonly waitMs?: number;
  /** How long to wait between two polls, in milliseconds. Default 0; give it where `waitMs` is 0. */
  readonly everyMs?: number;
  /** Headers of each request, to authenticate it. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  readonly backOff?: BackOffOptions;
}

/** Asks again and again. Polls wait at the server for something to change. */
export function polling(options: PollOptions): Transport {
  return (events) => new PollConnection(options, events);
}

interface PollAnswer {
  readonly asOf: number;
  readonly stale: NewVersions;
  readonly expired?: readonly number[];
  readonly reset?: { readonly spreadMs: number };
}

const LEAST_PAUSE_MS = 20;

class PollConnection implements Connection {
  readonly #options: PollOptions;
  readonly #events: TransportEvents;
  readonly #backOff: BackOff;
  readonly #sets = new Set<HeldSet>();
  #controller: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: PollOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
    this.#backOff = new BackOff(options.backOff);
  }

  add(set: HeldSet): void {
    this.#sets.add(set);
    this.#again(0);
  }

  remove(set: HeldSet): void {
    if (this.#sets.delete(set) && this.#sets.size === 0) this.#controller?.abort();
  }

  close(): void {
    this.#sets.clear();
    this.#backOff.cancel();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#controller?.abort();
  }

  /** Polls soon: sets that come together are one poll. What waits at the server does not know of them. */
  #again(afterMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        void this.#poll();
      },
      Math.max(afterMs, LEAST_PAUSE_MS),
    );
  }

  async #poll(): Promise<void> {
    const former = this.#controller;
    const controller = new AbortController();
    this.#controller = controller;
    former?.abort();
    const sets = [...this.#sets];
    if (sets.length === 0) return;
    const { waitMs = 25_000, everyMs = 0 } = this.#options;
    const body: { v: 1; sets: WireSet[]; waitMs: number } = { v: 1, sets: sets.map((set) => set.wire()), waitMs };
    const { url } = this.#options;
    let answer: PollAnswer | null;
    try {
      const request: Post = { ...this.#options, body, signal: controller.signal };
      answer = await post(request, waitMs + 10_000, async (response) => {
        if (response.status === 413 || response.status === 400) return null;
        if (!response.ok) throw new Error(`${url} answered with ${response.status}.`);
        return JSON.parse(await response.text());
      });
    } catch (error) {
      if (this.#controller !== controller || this.#sets.size === 0) return;
      this.#events.failed(error);
      return this.#backOff.retry(() => this.#again(0));
    }
    if (answer === null) {
      for (const set of sets) this.#events.refused(set);
      return;
    }
    if (this.#controller !== controller) return;
    this.#backOff.reset();
    if (answer.reset !== undefined) return this.#events.reset(answer.reset.spreadMs);
    for (const at of answer.expired ?? []) {
      const set = sets[at];
      if (set !== undefined) this.#events.expired(set);
    }
    this.#events.stale(answer.stale, answer.asOf, sets);
    if (this.#timer === null) this.#again(everyMs);
  }
}
