import type { Redis } from 'ioredis';
import type { CacheKey } from './cacheKeys.ts';
import { Mget } from './Mget.ts';

const ARRAY = 42;
const NULL = 95;
/** The types of RESP2 and RESP3: a line; so many bytes; so many replies; so many pairs of replies. */
const lines: ReadonlySet<number> = typesOf('+-:_#,(');
const bulks: ReadonlySet<number> = typesOf('$!=');
const lists: ReadonlySet<number> = typesOf('*~>');
const maps: ReadonlySet<number> = typesOf('%|');
const types: ReadonlySet<number> = new Set([...lines, ...bulks, ...lists, ...maps]);
const RETURN = 13;
const MINUS = 45;
const ZERO = 48;
const LINE_END = 2;

type Value = string | null;

/** The reply to an MGET when some values are there. */
interface OpenReply {
  readonly command: Mget;
  readonly values: Value[];
  readonly count: number;
}

/**
 * Reads the replies to MGETs on one connection; all others go to ioredis as they are. ioredis makes a buffer of each value
 * and a text of each buffer, which is most of the CPU time of a warm read. Here a value that was seen before is compared,
 * and its text is the one that is known.
 */
export class MgetReplies {
  readonly #client: Redis;
  readonly #stream: Redis['stream'];
  /** The listener of ioredis. */
  readonly #others: (chunk: Buffer) => void;
  readonly #listener = (chunk: Buffer): void => (this.#isDetached ? this.#pass(chunk) : this.#take(chunk));
  #isDetached = false;
  #isLeaving = false;
  /** The parts of an incomplete reply or value, and how many bytes of it are missing at least. */
  #parts: Buffer[] = [];
  #missing = 0;
  #open: OpenReply | null = null;

  private constructor(client: Redis, others: (chunk: Buffer) => void) {
    this.#client = client;
    this.#stream = client.stream;
    this.#others = others;
  }

  /**
   * Takes the replies of a connection on which none is under way. Where ioredis does not listen as it is known to, it goes on
   * reading all of them.
   */
  static attach(client: Redis): MgetReplies | null {
    const { stream } = client;
    const [others, ...more] = stream.listeners('data');
    if (others === undefined || more.length > 0) return null;
    const replies = new MgetReplies(client, others as (chunk: Buffer) => void);
    stream.prependListener('data', replies.#listener);
    stream.removeListener('data', others as () => void);
    return replies;
  }

  /** Gives the connection back to ioredis: at once, or behind the reply that is half read. */
  detach(): void {
    this.#isLeaving = true;
    if (this.#open === null) this.#leave();
  }

  /** A later reader of the connection goes on giving chunks to this one, which passes them on. */
  #leave(): void {
    if (this.#isDetached) return;
    this.#isDetached = true;
    if (this.#stream.listeners('data').includes(this.#listener)) {
      this.#stream.prependListener('data', this.#others);
      this.#stream.removeListener('data', this.#listener);
    }
    const parts = this.#parts;
    this.#parts = [];
    for (const part of parts) this.#pass(part);
  }

  #pass(chunk: Buffer): void {
    this.#others.call(this.#stream, chunk);
  }

  #take(chunk: Buffer): void {
    if (this.#parts.length === 0) return this.#read(chunk);
    this.#parts.push(chunk);
    this.#missing -= chunk.length;
    if (this.#missing > 0) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#read(whole);
  }

  #read(data: Buffer): void {
    for (let at = 0; at < data.length; ) {
      if (this.#isDetached) return this.#pass(data.subarray(at));
      const end = this.#open === null ? this.#readReply(data, at) : this.#readValues(this.#open, data, at);
      if (end < 0) return;
      at = end;
    }
  }

  /** Where the reply ends, or its values begin; below 0 where it is not there as a whole. */
  #readReply(data: Buffer, at: number): number {
    const command = this.#client.commandQueue.peekFront()?.command;
    if (command instanceof Mget && data[at] === ARRAY) {
      const line = lineEnd(data, at);
      if (line === -1) return this.#wait(data, at, 1);
      const count = numberAt(data, at + 1);
      this.#open = { command, values: [], count };
      return line;
    }
    const end = endOfReply(data, at);
    if (end === -1) return this.#wait(data, at, 1);
    this.#pass(at === 0 && end === data.length ? data : data.subarray(at, end));
    return end;
  }

  #readValues({ command, values, count }: OpenReply, data: Buffer, start: number): number {
    let at = start;
    const { asked } = command;
    while (values.length < count) {
      const line = lineEnd(data, at);
      if (line === -1) return this.#wait(data, at, 1);
      if (data[at] === NULL || data[at + 1] === MINUS) {
        values.push(null);
        at = line;
        continue;
      }
      const end = line + numberAt(data, at + 1);
      const missing = end + LINE_END - data.length;
      if (missing > 0) return this.#wait(data, at, missing);
      values.push(textAt(data, line, end, asked[values.length]));
      at = end + LINE_END;
    }
    this.#open = null;
    this.#client.commandQueue.shift();
    try {
      command.resolve(values);
    } catch (error) {
      // as ioredis does: the rest of the data is read
      process.nextTick(() => {
        throw error;
      });
    }
    if (this.#isLeaving) this.#leave();
    return at;
  }

  /** Reads on when so many more bytes are there. */
  #wait(data: Buffer, at: number, missing: number): number {
    this.#parts = [data.subarray(at)];
    this.#missing = missing;
    return -1;
  }
}

/** The text of a value. The earlier value of the key has the same bytes as a rule. */
function textAt(data: Buffer, start: number, end: number, key: CacheKey | undefined): string {
  const length = end - start;
  if (
    key !== undefined &&
    length > 0 &&
    key.bytes.length === length &&
    data.toString('latin1', start, end) === key.bytes
  )
    return key.text;
  return data.toString('utf8', start, end);
}

/** Where the line that begins at a place ends, its end included; -1 where it is not there as a whole. */
function lineEnd(data: Buffer, at: number): number {
  for (let end = at + 1; end < data.length; end++) {
    if (data[end] === RETURN) return end + LINE_END <= data.length ? end + LINE_END : -1;
  }
  return -1;
}

/** The number of 0 or more whose digits begin at a place. */
function numberAt(data: Buffer, start: number): number {
  let number = 0;
  for (let at = start; data[at] !== RETURN; at++) number = 10 * number + (data[at] as number) - ZERO;
  return number;
}

/** Where a reply ends; -1 where it is incomplete. A text that is no reply is handed on whole. */
function endOfReply(data: Buffer, at: number): number {
  const type = data[at] as number;
  if (!types.has(type)) return data.length;
  const line = lineEnd(data, at);
  if (line === -1 || lines.has(type) || data[at + 1] === MINUS) return line;
  const length = numberAt(data, at + 1);
  if (bulks.has(type)) return line + length + LINE_END <= data.length ? line + length + LINE_END : -1;
  let end = line;
  for (let left = maps.has(type) ? 2 * length : length; left > 0; left--) {
    end = end < data.length ? endOfReply(data, end) : -1;
    if (end === -1) return -1;
  }
  return end;
}

function typesOf(text: string): ReadonlySet<number> {
  return new Set(Buffer.from(text));
}
