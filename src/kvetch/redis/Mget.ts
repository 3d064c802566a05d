import { Command } from 'ioredis';
import type { CacheKey } from './cacheKeys.ts';
import type { Reply } from './commands.ts';

/** Hears how an MGET ends, in the turn in which it does: with the value of each key, or with an error. */
export interface MgetListener {
  answered(replies: readonly Reply[]): void;
  failed(error: Error): void;
}

const noKeys: readonly CacheKey[] = [];

/**
 * An MGET of keys that know how they are written in Redis' protocol. Other commands measure each of their words and put
 * it into the text piece by piece, which takes a quarter of a warm read. `MgetReplies` reads the reply.
 */
export class Mget extends Command {
  /** Empty after the end. */
  asked: readonly CacheKey[];
  #listener: MgetListener | null;

  constructor(keys: readonly CacheKey[], listener: MgetListener) {
    super('mget', [], { replyEncoding: 'utf8' });
    this.asked = keys;
    this.#listener = listener;
    const { resolve, reject, promise } = this;
    // ioredis' own end its timers and traces
    this.resolve = (reply) => {
      resolve(reply);
      const values = this.transformReply(reply);
      if (Array.isArray(values) && values.length === this.asked.length) this.#leave()?.answered(values);
      else this.#leave()?.failed(new Error('Redis gave another number of replies.'));
    };
    this.reject = (error) => {
      promise.catch(() => {});
      reject(error);
      this.#leave()?.failed(error);
    };
  }

  /**
   * The listener, the first time. A command that has ended keeps nothing: V8 often moves it to the old generation, and with it
   * all that it refers to, which was the whole request.
   */
  #leave(): MgetListener | null {
    const listener = this.#listener;
    this.#listener = null;
    this.asked = noKeys;
    return listener;
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
