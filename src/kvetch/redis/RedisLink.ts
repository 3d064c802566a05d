import { Cluster, type Redis } from 'ioredis';
import { Breaker } from '../shards/Breaker.ts';
import { withDeadline } from '../shards/withDeadline.ts';
import type { CacheKey } from './cacheKeys.ts';
import { joinCommands } from './joinCommands.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import { type ScriptCall, toBatches } from './scriptBatches.ts';
import type { Script } from './scripts.ts';

/** One command, and an entry that says where to send it. */
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

/** Commands that wait for the end of this turn, and who waits for them. */
interface Waiting {
  readonly commands: readonly Command[];
  readonly wait: Wait;
  readonly answer: (replies: readonly Reply[]) => void;
}

/**
 * The way to one Redis server or a Cluster. What is asked in one turn of the event loop, by however many stores and
 * requests, goes out together, in one write per node. Nothing waits longer than the time limit, and a node that keeps
 * failing is left alone for a while: what was not answered is an `Error` in its place.
 */
export class RedisLink {
  readonly client: Redis | Cluster;
  readonly #timeoutMs: number;
  readonly #stats: RedisCacheStats;
  readonly #breakers = new Map<string, Breaker>();
  #waiting: Waiting[] = [];

  constructor(client: Redis | Cluster, timeoutMs: number, stats: RedisCacheStats) {
    this.client = client;
    this.#timeoutMs = timeoutMs;
    this.#stats = stats;
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Sends commands and waits for all replies, in their order. It never rejects. */
  send(commands: readonly Command[], wait: Wait = 'awaited'): Promise<readonly Reply[]> {
    if (commands.length === 0) return Promise.resolve([]);
    return new Promise((answer) => {
      // a tick that is asked for among promises comes when no promise has anything left to do
      if (this.#waiting.length === 0) process.nextTick(() => void this.#flush());
      this.#waiting.push({ commands, wait, answer });
    });
  }

  /** Runs a script for each entry. A server that does not know the script is told it. */
  async run(script: Script, calls: readonly ScriptCall[], wait?: Wait): Promise<readonly Reply[]> {
    const batches = toBatches(calls, this.client instanceof Cluster);
    const toCommand = (name: string, text: string, at: number): Command => {
      const batch = batches[at] as (typeof batches)[number];
      return { key: batch.key, words: [name, text, ...batch.words] };
    };
    const hashed = batches.map((_, at) => toCommand('evalsha', script.sha, at));
    const answers = [...(await this.send(hashed, wait))];
    const unknown = answers.flatMap((reply, at) =>
      isError(reply) && reply.message.startsWith('NOSCRIPT') ? [at] : [],
    );
    const whole = unknown.map((at) => toCommand('eval', script.source, at));
    const again = await this.send(whole, wait);
    for (const [i, at] of unknown.entries()) answers[at] = again[i];
    const replies: Reply[] = new Array(calls.length);
    for (const [at, { positions }] of batches.entries()) {
      const answer = answers[at];
      for (const [i, position] of positions.entries()) replies[position] = Array.isArray(answer) ? answer[i] : answer;
    }
    return replies;
  }

  close(): void {
    this.client.disconnect();
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.some(({ wait }) => wait === 'awaited')) this.#stats.rounds++;
    const [only] = waiting as [Waiting];
    if (waiting.length === 1) return only.answer(await this.#sendAll(only.commands));
    const replies = await this.#sendAll(waiting.flatMap(({ commands }) => commands));
    let start = 0;
    for (const { commands, answer } of waiting) {
      answer(replies.slice(start, start + commands.length));
      start += commands.length;
    }
  }

  async #sendAll(commands: readonly Command[]): Promise<readonly Reply[]> {
    if (!(this.client instanceof Cluster)) return this.#sendTo('', commands);
    const replies: Reply[] = new Array(commands.length);
    await Promise.all(
      [...groupByNode(this.client, commands)].map(async ([node, positions]) => {
        const answers = await this.#sendTo(
          node,
          positions.map((at) => commands[at] as Command),
        );
        for (const [i, at] of positions.entries()) replies[at] = answers[i];
      }),
    );
    return replies;
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
    const joined = joinCommands(commands, this.client instanceof Cluster);
    const [first] = joined.lines;
    if (joined.lines.length === 1 && first !== undefined) {
      return joined.replies([await this.client.call(...first).catch(toAnswer)]);
    }
    const pipeline = this.client.pipeline();
    for (const line of joined.lines) pipeline.call(...line);
    const results = (await pipeline.exec()) ?? [];
    if (results.length !== joined.lines.length) throw new Error('Redis gave another number of replies.');
    return joined.replies(results.map(([error, reply]) => (error === null ? reply : toAnswer(error))));
  }
}

function groupByNode(cluster: Cluster, commands: readonly Command[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [at, { key }] of commands.entries()) {
    const node = cluster.slots[key.slot]?.join() ?? `slot ${key.slot}`;
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [at]);
    else group.push(at);
  }
  return groups;
}

export function isError(reply: Reply): reply is Error {
  return reply instanceof Error;
}

/** What Redis said to a command is an answer; anything else is a broken connection. */
function toAnswer(error: Error): Error {
  if (error.name === 'ReplyError') return error;
  throw error;
}
