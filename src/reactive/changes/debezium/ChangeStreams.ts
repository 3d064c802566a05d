import type { Redis, RedisOptions } from 'ioredis';
import { FollowError, packageError } from '../errors.ts';
import { beginScript, takeScript } from './takeScript.ts';

/** An entry of a stream: its id, and its fields and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** What was taken of a stream: see `takeScript`. */
export interface Taken {
  readonly stream: string;
  readonly state: 'new' | 'gap' | 'taken';
  readonly last: string;
  readonly added: number;
  readonly entries: readonly Entry[];
}

type TakeReply = readonly [Taken['state'] | 'old', string, number, readonly Entry[], string];

type Connection = string | Omit<RedisOptions, 'replyMapping'>;

const ENTRIES = 100;
const WAIT_MS = 5000;
/** A server that says nothing for so long is away. */
const TIMEOUT_MS = 10_000;

/** The connection of a follower to the streams that it reads, for its group. */
export class ChangeStreams {
  readonly #client: Redis;
  readonly #group: string;
  /** By stream, the id that the group has come to. */
  readonly #places = new Map<string, string>();

  private constructor(client: Redis, group: string) {
    this.#client = client;
    this.#group = group;
  }

  static async open(connection: Connection, group: string): Promise<ChangeStreams> {
    const { Redis } = await importRedis();
    const options = {
      ...{ lazyConnect: true, retryStrategy: null, connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS },
      ...{ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    };
    const client =
      typeof connection === 'string' ? new Redis(connection, options) : new Redis({ ...connection, ...options });
    client.on('error', () => undefined); // the next command fails, and says so
    try {
      await client.connect();
    } catch (error) {
      client.disconnect();
      throw error;
    }
    return new ChangeStreams(client, group);
  }

  /** `idleMs`: entries that another follower took later than so are left to it. */
  async take(stream: string, idleMs: number): Promise<Taken> {
    const reply: unknown = await this.#client.eval(takeScript, 1, stream, this.#group, ENTRIES, idleMs);
    const [state, last, added, entries, place]: TakeReply = Object(reply);
    if (state === 'old')
      throw new FollowError('FOLLOW_SERVER', 'followChanges.debezium needs Redis 7 or later: update the server.');
    this.#places.set(stream, place);
    return { stream, state, last, added, entries };
  }

  /** Notes that something taken was told. */
  async told({ stream, state, last, added, entries }: Taken): Promise<void> {
    if (state !== 'taken') await this.#client.eval(beginScript, 1, stream, this.#group, last, added);
    else await this.#client.xack(stream, this.#group, ...entries.map(([id]) => id));
  }

  /** Waits until one of the streams has more, some seconds at most. */
  async wait(streams: readonly string[]): Promise<void> {
    const places = streams.map((stream) => this.#places.get(stream) ?? '0-0');
    await this.#client.call('XREAD', 'COUNT', 1, 'BLOCK', WAIT_MS, 'STREAMS', ...streams, ...places);
  }

  close(): void {
    this.#client.disconnect();
  }
}

function importRedis(): Promise<typeof import('ioredis')> {
  return import('ioredis').catch((cause) => {
    throw packageError('debezium', 'ioredis', cause);
  });
}
