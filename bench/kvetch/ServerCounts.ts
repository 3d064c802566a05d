import { Redis } from 'ioredis';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Places } from './places.ts';

/** Asks the servers what they were asked. */
export class ServerCounts {
  readonly #connections: readonly Connection[];
  readonly #redis: Redis;

  private constructor(connections: readonly Connection[], redis: Redis) {
    this.#connections = connections;
    this.#redis = redis;
  }

  static async open({ mysql, redis }: Places): Promise<ServerCounts> {
    return new ServerCounts(await Promise.all(mysql.map((uri) => createConnection(uri))), new Redis(redis));
  }

  async flushRedis(): Promise<void> {
    await this.#redis.flushall();
  }

  /** What was sent while something ran; the questions asked for this are not counted. */
  async during(run: () => Promise<void>): Promise<{ readonly sqlStatements: number; readonly redisCommands: number }> {
    const before = await this.#read();
    await run();
    const after = await this.#read();
    const own = this.#connections.length;
    return { sqlStatements: after.sql - before.sql - own, redisCommands: after.redis - before.redis - 1 };
  }

  async #read(): Promise<{ readonly sql: number; readonly redis: number }> {
    const info = await this.#redis.info('stats');
    const questions = await Promise.all(
      this.#connections.map((one) => one.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Questions'")),
    );
    return {
      sql: questions.reduce((sum, [rows]) => sum + Number(rows[0]?.Value), 0),
      redis: Number(/total_commands_processed:(\d+)/.exec(info)?.[1]),
    };
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    await Promise.all(this.#connections.map((one) => one.end()));
  }
}
