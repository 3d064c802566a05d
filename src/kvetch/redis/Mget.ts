import { Command } from 'ioredis';
import type { CacheKey } from './cacheKeys.ts';
import type { Reply } from './commands.ts';

/** Hears how an MGET ends, in the turn in which it does: with the value of each key, or with an error. */
export interface MgetListener {
  answered(replies: readonly Reply[]): void;
  failed(error: Error): void;
}

/**
 * An MGET of keys that know how they are written in Redis' protocol. Other commands measure each of their words and put
 * it into the text piece by piece, which takes a quarter of a warm read. `MgetReplies` reads the reply.
 */
export class Mget extends Command {
  readonly asked: readonly CacheKey[];

  constructor(keys: readonly CacheKey[], listener: MgetListener) {
    super('mget', [], { replyEncoding: 'utf8' });
    this.asked = keys;
    const { resolve, reject, promise } = this;
    // ioredis' own end its timers and traces
    this.resolve = (reply) => {
      resolve(reply);
      const values = this.transformReply(reply);
      if (Array.isArray(values) && values.length === keys.length) listener.answered(values);
      else listener.failed(new Error('Redis gave another number of replies.'));
    };
    this.reject = (error) => {
      promise.catch(() => {});
      reject(error);
      listener.failed(error);
    };
  }

  override toWritable(): string {
    let text = `*${this.asked.length + 1}\r\n$4\r\nmget\r\n`;
    for (const { wire } of this.asked) text += wire;
    return text;
  }

  /** Texts are there already, where ioredis has not read the reply. */
  override transformReply(reply: Buffer | Buffer[]): ReturnType<Command['transformReply']> {
    const isRead = Array.isArray(reply) && !reply.some(Buffer.isBuffer);
    return isRead ? reply : super.transformReply(reply);
  }
}
