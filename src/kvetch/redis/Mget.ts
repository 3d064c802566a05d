import { Command } from 'ioredis';
import type { CacheKey } from './cacheKeys.ts';

/**
 * An MGET of keys that know how they are written in Redis' protocol. Other commands measure each of their words and put
 * it into the text piece by piece, which takes a quarter of a warm read.
 */
export class Mget extends Command {
  readonly #keys: readonly CacheKey[];

  constructor(keys: readonly CacheKey[]) {
    super('mget', [], { replyEncoding: 'utf8' });
    this.#keys = keys;
  }

  override toWritable(): string {
    return `*${this.#keys.length + 1}\r\n$4\r\nmget\r\n${this.#keys.map(({ wire }) => wire).join('')}`;
  }
}
