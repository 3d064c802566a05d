import { Command } from 'ioredis';
import type { CacheKey } from './cacheKeys.ts';

/**
 * An MGET of keys that know how they are written in Redis' protocol. Other commands measure each of their words and put
 * it into the text piece by piece, which takes a quarter of a warm read. `MgetReplies` reads the reply.
 */
export class Mget extends Command {
  readonly asked: readonly CacheKey[];

  constructor(keys: readonly CacheKey[]) {
    super('mget', [], { replyEncoding: 'utf8' });
    this.asked = keys;
  }

  override toWritable(): string {
    let text = `*${this.asked.length + 1}\r\n$4\r\nmget\r\n`;
    for (const { wire } of this.asked) text += wire;
    return text;
  }

  /** Texts are there already, where ioredis has not read the reply. */
  override transformReply(reply: Buffer | Buffer[]): ReturnType<Command['transformReply']> {
    return Array.isArray(reply) && !reply.some(Buffer.isBuffer) ? reply : super.transformReply(reply);
  }
}
