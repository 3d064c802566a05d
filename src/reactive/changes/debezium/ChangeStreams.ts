import { setTimeout } from 'node:timers/promises';
import type { Redis, RedisOptions } from 'ioredis';
import { errorOf } from '../../../errors/errorOf.ts';
import { packageError } from '../errors.ts';
import { checkServer, refusalOf } from './checkServer.ts';
import { beginScript, takeScript } from './takeScript.ts';

/** An entry of a stream: its id, and its fields and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** What was taken of a stream: see `takeScript`. */
export interface Taken {
  readonly stream: string;
  readonly state: 'new' | 'gap' | 'taken' | 'other';
  readonly last: string;
  readonly added: number;
  readonly entries: readonly Entry[];
}

type TakeReply = readonly [Taken['state'], string, number, readonly Entry[], string];

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

  /** @throws FollowError if Redis lacks what it takes, or does not let the user do it. */
  static async open(connection: Connection, group: string, streams: readonly string[]): Promise<ChangeStreams> {
    const { Redis } = await importRedis();
    const options = {
      ...{ lazyConnect: true, retryStrategy: null, connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS },
      ...{ maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false, disableClientInfo: true },
    };
    const client =
      typeof connection === 'string' ? new Redis(connection, options) : new Redis({ ...connection, ...options });
    let failure: Error | null = null;
    client.on('error', (error) => (failure ??= error)); // later, the next command fails, and says so
    try {
      await client.connect();
      // Without the database of the URI, it is that of another application.
      if (failure !== null) throw failure;
      for (const stream of streams) await checkServer(client, stream);
    } catch (error) {
      client.disconnect();
      throw refusalOf(failure ?? error, null); // the first one says why the connection was closed
    }
    return new ChangeStreams(client, group);
  }

  /** `idleMs`: entries that another follower took later than so are left to it. */
  async take(stream: string, idleMs: number): Promise<Taken> {
    const reply: unknown = await this.#client.eval(takeScript, 1, stream, this.#group, ENTRIES, idleMs);
    const [state, last, added, entries, place]: TakeReply = Object(reply);
    this.#places.set(stream, place);
    return { stream, state, last, added, entries };
  }

  /** Notes that something taken was told. */
  async told({ stream, state, last, added, entries }: Taken): Promise<void> {
    if (state !== 'taken') await this.#client.eval(beginScript, 1, stream, this.#group, last, added);
    else await this.#client.xack(stream, this.#group, ...entries.map(([id]) => id));
  }

  /** Waits until one of the streams has more, some seconds at most. */
  async wait(streams: readonly string[], signal: AbortSignal): Promise<void> {
    if (streams.length === 0) return setTimeout(WAIT_MS, undefined, { signal });
    const places = streams.map((stream) => this.#places.get(stream) ?? '0-0');
    try {
      await this.#client.call('XREAD', 'COUNT', 1, 'BLOCK', WAIT_MS, 'STREAMS', ...streams, ...places);
    } catch (error) {
      // One of them was replaced just now: the next look finds out which.
      if (!errorOf(error).message.startsWith('WRONGTYPE')) throw error;
    }
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
