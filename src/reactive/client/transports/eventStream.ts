import type { HeldSet, NewVersions } from '../HeldSet.ts';
import { BackOff, type BackOffOptions } from './BackOff.ts';
import { post } from './post.ts';
import type { Connection, Transport, TransportEvents } from './Transport.ts';

export interface EventStreamOptions {
  /** `https://…/deps/stream`. */
  readonly url: string;
  /** Headers of each request, to authenticate it. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** How often the server speaks, in milliseconds. After 2.5 times that it is taken for dead. Default 12,000. */
  readonly heartbeatMs?: number;
  readonly backOff?: BackOffOptions;
}

/** Hears of changes over server-sent events. Where sets come or go a new stream is opened, and then the old one closed. */
export function eventStream(options: EventStreamOptions): Transport {
  return (events) => new StreamConnection(options, events);
}

const SETTLE_MS = 20;
const SILENT_HEARTBEATS = 2.5;

class StreamConnection implements Connection {
  readonly #options: EventStreamOptions;
  readonly #events: TransportEvents;
  readonly #backOff: BackOff;
  readonly #sets = new Set<HeldSet>();
  #stream: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: EventStreamOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
    this.#backOff = new BackOff(options.backOff);
  }

  add(set: HeldSet): void {
    this.#sets.add(set);
    this.#renew();
  }

  remove(set: HeldSet): void {
    // The old stream may tell of it: nobody listens. The next stream has it no more.
    if (this.#sets.delete(set) && this.#sets.size === 0) this.#stream?.abort();
  }

  close(): void {
    this.#sets.clear();
    this.#backOff.cancel();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#stream?.abort();
  }

  /** Sets that come together are one stream. */
  #renew(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#open();
    }, SETTLE_MS);
  }

  async #open(): Promise<void> {
    const sets = [...this.#sets];
    if (sets.length === 0) return;
    const former = this.#stream;
    const controller = new AbortController();
    this.#stream = controller;
    const { signal } = controller;
    const silentMs = (this.#options.heartbeatMs ?? 12_000) * SILENT_HEARTBEATS;
    try {
      const body = { v: 1, sets: sets.map((set) => set.wire()) };
      const isTaken = await post({ ...this.#options, body, signal }, silentMs, async (response, stay) => {
        if (response.status === 413 || response.status === 400) return false;
        if (!response.ok || response.body === null) {
          throw new Error(`${this.#options.url} answered with ${response.status}.`);
        }
        stay();
        await this.#read(response.body.getReader(), sets, silentMs, signal, () => {
          this.#backOff.reset();
          former?.abort();
        });
        return true;
      });
      if (!isTaken) {
        for (const set of sets) this.#events.refused(set);
        return;
      }
      throw new Error(`The stream of ${this.#options.url} ended.`);
    } catch (error) {
      former?.abort();
      if (this.#stream !== controller || this.#sets.size === 0) return;
      this.#stream = null;
      this.#events.failed(error);
      this.#backOff.retry(() => this.#renew());
    }
  }

  /** Reads events until the stream ends, or says nothing for too long. */
  async #read(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    sets: readonly HeldSet[],
    silentMs: number,
    signal: AbortSignal,
    onFirst: () => void,
  ): Promise<void> {
    const decoder = new TextDecoder();
    const cancel = (): void => void reader.cancel().catch(() => undefined);
    signal.addEventListener('abort', cancel);
    let text = '';
    for (let isFirst = true; ; isFirst = false) {
      const silence = setTimeout(cancel, silentMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done || signal.aborted) return;
      if (isFirst) onFirst();
      text += decoder.decode(value, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.#take(event, sets);
    }
  }

  #take(event: string, sets: readonly HeldSet[]): void {
    const [, type = '', data = '{}'] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    const { keys, spreadMs, id }: { keys?: NewVersions; spreadMs?: number; id?: string } = JSON.parse(data);
    const set = sets[Number(id)];
    if (type === 'inv') this.#events.stale(keys ?? {});
    if (type === 'reset') this.#events.reset(spreadMs ?? 0);
    if (type === 'expired' && set !== undefined) this.#events.expired(set);
  }
}
