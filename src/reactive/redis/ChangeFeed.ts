import type { Cluster, Redis } from 'ioredis';
import { forMessages } from './forMessages.ts';

export interface FeedHost {
  onMessage(text: string): void;
  /** Messages are heard again; earlier ones may have been missed. Rejects when that cannot be found out yet. */
  catchUp(): Promise<void>;
  /** Whether messages were missed though the connection is there. */
  hasMissed(): Promise<boolean>;
}

const RETRY_MS = 50;

/** Hears the messages of a channel. Redis keeps none for absent listeners, so each new connection begins by catching up. */
export class ChangeFeed {
  readonly #client: Redis | Cluster;
  readonly #channel: string;
  readonly #host: FeedHost;
  readonly #checks: NodeJS.Timeout;
  readonly #waiting: (() => void)[] = [];
  /** The listeners of other channels. Nobody catches up there. */
  readonly #others = new Map<string, (text: string) => void>();
  #connection: Redis | null = null;
  #isLive = false;
  /** Whether the last check had an answer. */
  #isAnswered = true;
  #isChecking = false;
  #isClosed = false;

  constructor(client: Redis | Cluster, channel: string, checkMs: number, host: FeedHost) {
    this.#client = client;
    this.#channel = channel;
    this.#host = host;
    this.#checks = setInterval(() => void this.#check(), checkMs).unref();
    void this.#open();
  }

  /** Whether messages are heard, and the server answers, as far as is known. */
  get isCurrent(): boolean {
    return this.#isLive && this.#isAnswered;
  }

  /** Resolves when messages are heard and nothing before them was missed. */
  ready(): Promise<void> {
    return this.#isLive ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hears one more channel, whose messages may get lost. */
  hear(channel: string, onMessage: (text: string) => void): void {
    this.#others.set(channel, onMessage);
    if (this.#isLive) this.#connection?.subscribe(channel).catch(() => undefined);
  }

  leave(channel: string): void {
    this.#others.delete(channel);
    if (this.#isLive) this.#connection?.unsubscribe(channel).catch(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#checks);
    this.#connection?.disconnect();
  }

  async #open(): Promise<void> {
    const connection = forMessages(this.#client);
    if (connection === null) return this.#reopen();
    this.#connection = connection;
    connection.on('error', () => undefined);
    connection.on('message', (channel: string, text: string) => {
      if (channel === this.#channel) this.#host.onMessage(text);
      else this.#others.get(channel)?.(text);
    });
    connection.once('end', () => {
      if (this.#connection !== connection) return;
      this.#isLive = false;
      this.#reopen();
    });
    try {
      await connection.connect();
      await connection.subscribe(this.#channel);
    } catch {
      return connection.disconnect();
    }
    while (this.#connection === connection && !this.#isClosed && connection.status === 'ready') {
      const isDone = await this.#host.catchUp().then(
        () => true,
        () => false,
      );
      if (isDone && connection.status === 'ready') return this.#live();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }

  #live(): void {
    this.#isLive = true;
    this.#isAnswered = true;
    for (const channel of this.#others.keys()) this.#connection?.subscribe(channel).catch(() => undefined);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #reopen(): void {
    this.#connection = null;
    if (!this.#isClosed) setTimeout(() => void (this.#isClosed || this.#open()), RETRY_MS).unref();
  }

  /** A connection that is silent though there were changes is given up. */
  async #check(): Promise<void> {
    if (!this.#isLive || this.#isChecking) return;
    this.#isChecking = true;
    const hasMissed = await this.#host.hasMissed().catch(() => null);
    this.#isChecking = false;
    this.#isAnswered = hasMissed !== null;
    if (hasMissed === true && this.#isLive) this.#connection?.disconnect();
  }
}
