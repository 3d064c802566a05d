import { createHash } from 'node:crypto';
import type { Entries } from './Entries.ts';
import type { ScriptBody } from './scriptBodies.ts';
import { CommandReader, type Protocol, Refusal, type Reply, Report, Status, written } from './wire.ts';

/** What all connections to a simulated Redis share, until it ends. */
export interface RedisLife {
  readonly entries: Entries;
  /** Another one each time that it starts. */
  readonly runId: string;
  /** What scripts do, by the SHA-1 of their text. */
  readonly bodies: ReadonlyMap<string, ScriptBody>;
  /** Those that it has been sent. */
  readonly known: Set<string>;
}

type Run = (words: readonly string[], life: RedisLife) => Reply;

const OK = new Status('OK');

const commands: Readonly<Record<string, Run>> = {
  GET: ([key = ''], { entries }) => entries.get(key),
  MGET: (keys, { entries }) => keys.map((key) => entries.peek(key)),
  SET: ([key = '', text = '', ...options], { entries }) => (entries.set(key, text, options) === null ? null : OK),
  DEL: (keys, { entries }) => keys.reduce((sum, key) => sum + entries.remove(key), 0),
  LPUSH: ([key = '', text = ''], { entries }) => entries.push(key, text),
  PTTL: ([key = ''], { entries }) => entries.leftMs(key),
  PING: () => new Status('PONG'),
  INFO: (sections, life) => new Report(infoOf(sections, life)),
  CLIENT: () => OK,
  EVALSHA: ([sha = '', ...words], life) => {
    const body = life.known.has(sha) ? life.bodies.get(sha) : undefined;
    if (body === undefined) throw new Refusal('NOSCRIPT No matching script. Please use EVAL.');
    return runScript(body, words, life);
  },
  EVAL: ([source = '', ...words], life) => {
    const sha = createHash('sha1').update(source).digest('hex');
    const body = life.bodies.get(sha);
    if (body === undefined) throw new Error(`The simulated Redis does not know this script: ${source}`);
    life.known.add(sha);
    return runScript(body, words, life);
  },
};

/** One connection: bytes in, bytes out. */
export class RedisSession {
  readonly #life: RedisLife;
  readonly #reader = new CommandReader();
  #protocol: Protocol = 2;

  constructor(life: RedisLife) {
    this.#life = life;
  }

  /** Runs the commands that have come as a whole, in their order. */
  take(chunk: Buffer): Buffer {
    const replies = this.#reader.read(chunk).map((words) => written(this.#run(words), this.#protocol));
    return Buffer.from(replies.join(''), 'latin1');
  }

  #run([name = '', ...words]: readonly string[]): Reply {
    const upper = name.toUpperCase();
    if (upper === 'HELLO') return this.#hello(words[0] === '3' ? 3 : 2);
    const command = commands[upper];
    if (command === undefined) throw new Error(`The simulated Redis does not know ${name}.`);
    try {
      return command(words, this.#life);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  #hello(protocol: Protocol): Reply {
    this.#protocol = protocol;
    const facts: ReadonlyArray<readonly [string, Reply]> = [
      ...([['server', 'redis'] as const, ['version', '7.0.15'] as const, ['proto', protocol] as const] as const),
      ...([['id', 1] as const, ['mode', 'standalone'] as const, ['role', 'master'] as const] as const),
      ['modules', []],
    ];
    return new Map(facts);
  }
}

/** One reply for each key, whose own arguments lie behind those that all share. */
function runScript({ sharedArgs, one }: ScriptBody, words: readonly string[], { entries }: RedisLife): Reply {
  const count = Number(words[0]);
  const keys = words.slice(1, 1 + count);
  const args = words.slice(1 + count);
  const shared = args.slice(0, sharedArgs);
  const width = (args.length - sharedArgs) / count;
  return keys.map((key, at) => {
    const from = sharedArgs + at * width;
    return one(key, entries, shared, args.slice(from, from + width));
  });
}

function infoOf(sections: readonly string[], { runId }: RedisLife): string {
  const known: Readonly<Record<string, readonly string[]>> = {
    server: ['# Server', 'redis_version:7.0.15', 'redis_mode:standalone', `run_id:${runId}`],
    persistence: ['# Persistence', 'loading:0'],
    replication: ['# Replication', 'role:master', 'connected_slaves:0', `master_replid:${runId}`],
  };
  const wanted = sections.length === 0 ? Object.keys(known) : sections.map((name) => name.toLowerCase());
  return wanted.flatMap((name) => [...(known[name] ?? []), '']).join('\r\n');
}
