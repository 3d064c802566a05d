import { Cluster, Redis } from 'ioredis';
import { Breaker } from '../shards/Breaker.ts';
import { withDeadline } from '../shards/withDeadline.ts';
import type { CacheKey } from './cacheKeys.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import type { Script } from './scripts.ts';

/** One command about one entry. */
export interface Command {
  readonly key: CacheKey;
  readonly words: ReadonlyArray<string | number>;
}

/** Whether a caller waits for it: then it is a round. */
type Wait = 'awaited' | 'unawaited';

/** A reply, or the error of this command alone. */
export type Reply = unknown;

/** After so many milliseconds one request finds out whether a node that failed is back. */
const RESET_MS = 250;

/**
 * The way to one Redis server or a Cluster. Commands go out in one pipeline per node, none waits longer than the time
 * limit, and a node that keeps failing is left alone for a while: what was not answered is an `Error` in its place.
 */
export class RedisLink {
  readonly client: Redis | Cluster;
  readonly #timeoutMs: number;
  readonly #stats: RedisCacheStats;
  #isCounted = false;
  readonly #breakers = new Map<string, Breaker>();

  constructor(client: Redis | Cluster, timeoutMs: number, stats: RedisCacheStats) {
    this.client = client;
    this.#timeoutMs = timeoutMs;
    this.#stats = stats;
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Sends commands and waits for all replies, in their order. It never rejects. */
  async send(commands: readonly Command[], wait: Wait = 'awaited'): Promise<readonly Reply[]> {
    if (commands.length === 0) return [];
    if (wait === 'awaited') this.#countRound();
    const replies: Reply[] = new Array(commands.length);
    await Promise.all(
      [...this.#group(commands)].map(async ([node, positions]) => {
        const answers = await this.#sendTo(
          node,
          positions.map((at) => commands[at] as Command),
        );
        for (const [i, at] of positions.entries()) replies[at] = answers[i];
      }),
    );
    return replies;
  }

  /** Runs a script for each entry. A server that does not know the script is told it. */
  async run(
    script: Script,
    calls: ReadonlyArray<{ readonly key: CacheKey; readonly args: ReadonlyArray<string | number> }>,
    wait?: Wait,
  ): Promise<readonly Reply[]> {
    const toCommand = (name: string, text: string, at: number): Command => {
      const { key, args } = calls[at] as (typeof calls)[number];
      return { key, words: [name, text, 2, key.entry, key.lease, ...args] };
    };
    const replies = [
      ...(await this.send(
        calls.map((_, at) => toCommand('evalsha', script.sha, at)),
        wait,
      )),
    ];
    const unknown = replies.flatMap((reply, at) =>
      isError(reply) && reply.message.startsWith('NOSCRIPT') ? [at] : [],
    );
    const again = await this.send(
      unknown.map((at) => toCommand('eval', script.source, at)),
      wait,
    );
    for (const [i, at] of unknown.entries()) replies[at] = again[i];
    return replies;
  }

  close(): void {
    this.client.disconnect();
  }

  /** What is sent at the same moment, for several stores say, is one round. */
  #countRound(): void {
    if (this.#isCounted) return;
    this.#isCounted = true;
    this.#stats.rounds++;
    queueMicrotask(() => {
      this.#isCounted = false;
    });
  }

  #group(commands: readonly Command[]): Map<string, number[]> {
    const groups = new Map<string, number[]>();
    for (const [at, { key }] of commands.entries()) {
      const node = this.client instanceof Cluster ? (this.client.slots[key.slot]?.join() ?? `slot ${key.slot}`) : '';
      const group = groups.get(node);
      if (group === undefined) groups.set(node, [at]);
      else group.push(at);
    }
    return groups;
  }

  async #sendTo(node: string, commands: readonly Command[]): Promise<readonly Reply[]> {
    const breaker = this.#breakers.get(node) ?? new Breaker({ resetMs: RESET_MS });
    this.#breakers.set(node, breaker);
    if (!this.isReady || !breaker.enter()) {
      const error = new Error('Redis is left alone for now.');
      return commands.map(() => error);
    }
    try {
      const answers = await withDeadline(this.#exec(commands), this.#timeoutMs, 'Redis');
      breaker.succeeded();
      return answers;
    } catch (cause) {
      this.#stats.errors++;
      breaker.failed();
      return commands.map(() => cause);
    }
  }

  async #exec(commands: readonly Command[]): Promise<readonly Reply[]> {
    const gets = this.client instanceof Redis && commands.every(({ words }) => words[0] === 'get');
    // one MGET takes half the time of a pipeline of GETs
    if (gets) return (await this.client.call('mget', ...commands.map(({ key }) => key.entry))) as readonly Reply[];
    const pipeline = this.client.pipeline();
    for (const { words } of commands) pipeline.call(...(words as [string, ...string[]]));
    const results = (await pipeline.exec()) ?? [];
    if (results.length !== commands.length) throw new Error('Redis gave another number of replies.');
    const broken = results.find(([error]) => error !== null && !isAnswer(error));
    if (broken !== undefined) throw broken[0];
    return results.map(([error, reply]) => error ?? reply);
  }
}

export function isError(reply: Reply): reply is Error {
  return reply instanceof Error;
}

/** Whether an error is what Redis said to a command, not a broken connection. */
function isAnswer(error: Error): boolean {
  return error.name === 'ReplyError';
}
