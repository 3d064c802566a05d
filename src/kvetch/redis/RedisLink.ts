import { Cluster, type Redis } from 'ioredis';
import { errorOf } from '../../errors/errorOf.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { groupBy } from '../../utils/groupBy.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { Breaker } from '../shards/Breaker.ts';
import { chunksOf } from '../shards/chunks.ts';
import { TimeoutError } from '../shards/withDeadline.ts';
import type { CacheKey } from './cacheKeys.ts';
import { type Command, isError, type Reply } from './commands.ts';
import { Deadlines, Timed } from './Deadlines.ts';
import { joinCommands, MAX_KEYS } from './joinCommands.ts';
import { Mget, type MgetListener } from './Mget.ts';
import { MgetReplies } from './MgetReplies.ts';
import type { RedisCacheStats } from './RedisCacheStats.ts';
import { type ScriptArg, type ScriptCall, toBatches } from './scriptBatches.ts';
import type { Script } from './scripts.ts';

/** Whether a caller waits for it: then it is a round. */
type Wait = 'awaited' | 'unawaited';

/** After this many milliseconds, one request tries whether a failed node is back. */
const RESET_MS = 250;

/** Shared by all requests. */
interface RequestFacts {
  readonly timeoutMs: number;
  readonly deadlines: Deadlines;
  readonly stats: RedisCacheStats;
}

/** Commands, or entries to GET, that are sent at the end of this turn. */
interface Waiting {
  readonly commands: readonly Command[];
  readonly keys: readonly CacheKey[];
  readonly wait: Wait;
  /** Called with the replies from `from` on. */
  readonly answer: Answer;
}

type Answer = (replies: readonly Reply[], from: number) => void;

/**
 * The connection to one Redis server or a Cluster. All commands of one event-loop turn go out together, in one write per
 * node. No command waits longer than the time limit. A node that keeps failing is not asked for a while (circuit breaker).
 * A command without a reply gets an `Error` as its reply.
 */
export class RedisLink {
  readonly client: Redis | Cluster;
  /** The client, where MGETs may be written as they are: in a Cluster keys are of many slots, and a client may put a prefix before keys. */
  readonly #plain: Redis | null;
  readonly #facts: RequestFacts;
  readonly #breakers = new Map<string, Breaker>();
  readonly #waiting: Waiting[] = [];
  /** The connection whose replies to MGETs are read here. */
  #stream: unknown = null;
  #replies: MgetReplies | null = null;
  #isClosed = false;

  constructor(client: Redis | Cluster, timeoutMs: number, stats: RedisCacheStats) {
    this.client = client;
    this.#plain = client instanceof Cluster || client.options.keyPrefix ? null : client;
    this.#facts = { timeoutMs, deadlines: new Deadlines(timeoutMs), stats };
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Sends commands and waits for all replies, in their order. It never rejects. */
  send(commands: readonly Command[], wait: Wait = 'awaited'): Promise<readonly Reply[]> {
    return this.#ask(commands, [], wait);
  }

  /** The value of each key, `null` for a missing one. It never rejects. */
  get(keys: readonly CacheKey[]): Promise<readonly Reply[]> {
    return this.#ask([], keys, 'awaited');
  }

  /** The same for one key or more, without a promise. */
  getThen(keys: readonly CacheKey[], answer: Answer): void {
    this.#wait([], keys, 'awaited', answer);
  }

  #ask(commands: readonly Command[], keys: readonly CacheKey[], wait: Wait): Promise<readonly Reply[]> {
    const count = commands.length + keys.length;
    if (count === 0) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.#wait(commands, keys, wait, (replies, from) => resolve(replies.slice(from, from + count)));
    });
  }

  #wait(commands: readonly Command[], keys: readonly CacheKey[], wait: Wait, answer: Answer): void {
    // a tick that is requested in a microtask runs after all pending microtasks
    if (this.#waiting.length === 0) process.nextTick(() => this.#flush());
    this.#waiting.push({ commands, keys, wait, answer });
  }

  /** Runs a script for each entry. If a server does not know the script, it is loaded. */
  async run(
    script: Script,
    shared: readonly ScriptArg[],
    calls: readonly ScriptCall[],
    wait?: Wait,
  ): Promise<readonly Reply[]> {
    const batches = toBatches(shared, calls, this.client instanceof Cluster);
    const toCommand = (name: string, text: string, at: number): Command => {
      const batch = itemAt(batches, at);
      return { key: batch.key, words: [name, text, ...batch.words] };
    };
    const hashed = batches.map((_, at) => toCommand('evalsha', script.sha, at));
    let answers = await this.send(hashed, wait);
    if (answers.some(isUnknownScript)) {
      const unknown = batches.flatMap((_, at) => (isUnknownScript(answers[at]) ? [at] : []));
      const again = await this.send(
        unknown.map((at) => toCommand('eval', script.source, at)),
        wait,
      );
      answers = answers.map((answer, at) => (isUnknownScript(answer) ? again[unknown.indexOf(at)] : answer));
    }
    const [only] = answers;
    if (answers.length === 1 && Array.isArray(only)) return only; // in the order of the calls
    const replies: Reply[] = new Array(calls.length);
    for (const [at, { positions }] of batches.entries()) {
      const answer = answers[at];
      for (const [i, position] of positions.entries()) replies[position] = Array.isArray(answer) ? answer[i] : answer;
    }
    return replies;
  }

  /** Ends the connection, or leaves it to its owner as it was. */
  close(end: 'disconnect' | 'leave'): void {
    this.#isClosed = true;
    if (end === 'disconnect') this.client.disconnect();
    else this.#replies?.detach();
    this.#replies = null;
  }

  #flush(): void {
    // not a new literal: V8 may make it in the old generation, and all that waits in it goes there, too
    const waiting = this.#waiting.splice(0);
    if (waiting.some(({ wait }) => wait === 'awaited')) this.#facts.stats.rounds++;
    const [only] = waiting as [Waiting];
    if (waiting.length === 1) return this.#sendAll(only.commands, only.keys, only.answer);
    const commands: Command[] = [];
    const keys: CacheKey[] = [];
    for (const one of waiting) {
      for (const command of one.commands) commands.push(command);
      for (const key of one.keys) keys.push(key);
    }
    this.#sendAll(commands, keys, (replies) => {
      let command = 0;
      let key = commands.length;
      for (const { commands: own, keys: found, answer } of waiting) {
        answer(replies, own.length > 0 ? command : key);
        command += own.length;
        key += found.length;
      }
    });
  }

  /** Answers with the replies to commands and then to keys. */
  #sendAll(commands: readonly Command[], keys: readonly CacheKey[], answer: Answer): void {
    const { client } = this;
    if (!(client instanceof Cluster)) return this.#sendTo('', commands, keys, answer);
    const replies: Reply[] = new Array(commands.length + keys.length);
    const slots = [...commands.map(({ key }) => key.slot), ...keys.map(({ slot }) => slot)];
    const places = groupBy(slots.keys(), (at) => client.slots[itemAt(slots, at)]?.join() ?? `slot ${slots[at]}`);
    let open = places.size;
    for (const [node, positions] of places) {
      const own = positions.filter((at) => at < commands.length).map((at) => itemAt(commands, at));
      const found = positions.slice(own.length).map((at) => itemAt(keys, at - commands.length));
      this.#sendTo(node, own, found, (answers) => {
        for (const [i, at] of positions.entries()) replies[at] = answers[i];
        if (--open === 0) answer(replies, 0);
      });
    }
  }

  /** One write to a node. */
  #sendTo(node: string, commands: readonly Command[], keys: readonly CacheKey[], answer: Answer): void {
    const breaker = getOrCreate(this.#breakers, node, newBreaker);
    const count = commands.length + keys.length;
    if (!this.isReady || !breaker.enter()) {
      return answer(repeated(new Error('Redis is left alone for now.'), count), 0);
    }
    const request = new NodeRequest(this.#facts, breaker, count, answer);
    this.#facts.deadlines.begin(request);
    try {
      if (this.#plain !== null && commands.length === 0 && keys.length <= MAX_KEYS)
        this.#mget(keys, this.#plain, request);
      else this.#exec(commands, keys).then(request.answered.bind(request), request.failed.bind(request));
    } catch (cause) {
      request.failed(errorOf(cause));
    }
  }

  #exec(commands: readonly Command[], keys: readonly CacheKey[]): Promise<readonly Reply[]> {
    const client = this.#plain;
    if (client === null || keys.length === 0) return this.#execJoined(commands, keys);
    const { stream } = client;
    stream.cork();
    try {
      const parts = commands.length === 0 ? [] : [this.#execJoined(commands, [])];
      for (const some of chunksOf(keys, MAX_KEYS)) {
        const ask = (answered: (replies: readonly Reply[]) => void, rejected: (error: Error) => void): void =>
          this.#mget(some, client, {
            answered,
            failed: (error) => (isReply(error) ? answered(repeated(error, some.length)) : rejected(error)),
          });
        parts.push(new Promise(ask));
      }
      return Promise.all(parts).then((replies) => replies.flat());
    } finally {
      stream.uncork();
    }
  }

  #execJoined(commands: readonly Command[], keys: readonly CacheKey[]): Promise<readonly Reply[]> {
    const { client } = this;
    const joined = joinCommands(commands, keys, client instanceof Cluster);
    const [first] = joined.lines;
    if (joined.lines.length === 1 && first !== undefined) {
      const one = (reply: Reply): readonly Reply[] => joined.replies([reply]);
      return client.call(...first).then(one, (error: Error) => one(toAnswer(error)));
    }
    const pipeline = client.pipeline();
    for (const line of joined.lines) pipeline.call(...line);
    return pipeline.exec().then((results) => {
      if (results?.length !== joined.lines.length) throw new Error('Redis gave another number of replies.');
      return joined.replies(results.map(([error, reply]) => (error === null ? reply : toAnswer(error))));
    });
  }

  #mget(keys: readonly CacheKey[], client: Redis, listener: MgetListener): void {
    // No reply is half read where none is awaited.
    if (!this.#isClosed && client.stream !== this.#stream && client.commandQueue.length === 0) {
      this.#stream = client.stream;
      this.#replies = MgetReplies.attach(client);
    }
    client.sendCommand(new Mget(keys, listener));
  }
}

/** The commands that are under way to one node. */
class NodeRequest extends Timed implements MgetListener {
  readonly #facts: RequestFacts;
  readonly #breaker: Breaker;
  readonly #count: number;
  readonly #answer: Answer;

  constructor(facts: RequestFacts, breaker: Breaker, count: number, answer: Answer) {
    super();
    this.#facts = facts;
    this.#breaker = breaker;
    this.#count = count;
    this.#answer = answer;
  }

  answered(replies: readonly Reply[]): void {
    if (this.isOver) return;
    this.#breaker.succeeded();
    this.#end(replies);
  }

  failed(cause: Error): void {
    if (this.isOver) return;
    if (isReply(cause)) return this.answered(repeated(cause, this.#count));
    this.#facts.stats.errors++;
    this.#breaker.failed();
    this.#end(repeated(cause, this.#count));
  }

  override expire(): void {
    this.failed(new TimeoutError(`Redis took longer than ${this.#facts.timeoutMs} ms.`));
  }

  #end(replies: readonly Reply[]): void {
    this.isOver = true;
    this.#facts.deadlines.ended();
    this.#answer(replies, 0);
  }
}

function isUnknownScript(reply: Reply): boolean {
  return isError(reply) && reply.message.startsWith('NOSCRIPT');
}

function repeated(reply: Reply, count: number): readonly Reply[] {
  return new Array<Reply>(count).fill(reply);
}

/** An error reply of Redis is a reply; any other error is a broken connection. */
function toAnswer(error: Error): Error {
  if (isReply(error)) return error;
  throw error;
}

function isReply(error: Error): boolean {
  return error.name === 'ReplyError';
}

function newBreaker(): Breaker {
  return new Breaker({ resetMs: RESET_MS });
}
