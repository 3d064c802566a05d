/** A reply that is one line: `OK`. */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An error reply. Its first word is its code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** A text of many lines that is for people. */
export class Report {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a command gives. Texts have a character for each byte. */
export type Reply = string | number | null | Status | Refusal | Report | readonly Reply[] | ReadonlyMap<string, Reply>;

/** The version of the protocol that a connection has asked for. */
export type Protocol = 2 | 3;

/** A reply as Redis writes it. */
export function written(reply: Reply, protocol: Protocol): string {
  if (reply === null) return protocol === 3 ? '_\r\n' : '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return bulk('$', reply);
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof Refusal) return `-${reply.message}\r\n`;
  if (reply instanceof Report) return protocol === 3 ? bulk('=', `txt:${reply.text}`) : bulk('$', reply.text);
  if (reply instanceof Map) {
    const pairs = [...reply].flatMap(([name, value]) => [name, value as Reply]);
    return protocol === 3 ? all(`%${reply.size}`, pairs, protocol) : all(`*${pairs.length}`, pairs, protocol);
  }
  const replies = reply as readonly Reply[];
  return all(`*${replies.length}`, replies, protocol);
}

function bulk(type: string, text: string): string {
  return `${type}${text.length}\r\n${text}\r\n`;
}

function all(head: string, replies: readonly Reply[], protocol: Protocol): string {
  return `${head}\r\n${replies.map((reply) => written(reply, protocol)).join('')}`;
}

/** Takes commands out of the bytes of a connection, however they are cut. */
export class CommandReader {
  #rest = '';

  /** The commands that are there as a whole. */
  read(chunk: Buffer): ReadonlyArray<readonly string[]> {
    this.#rest += chunk.toString('latin1');
    const commands: string[][] = [];
    for (let at = 0; ; ) {
      const found = commandAt(this.#rest, at);
      if (found === null) {
        this.#rest = this.#rest.slice(at);
        return commands;
      }
      commands.push(found.words);
      at = found.end;
    }
  }
}

function commandAt(text: string, start: number): { readonly words: string[]; readonly end: number } | null {
  const head = lineAt(text, start, '*');
  if (head === null) return null;
  const words: string[] = [];
  let at = head.end;
  for (let left = head.number; left > 0; left--) {
    const line = lineAt(text, at, '$');
    if (line === null || line.end + line.number + 2 > text.length) return null;
    words.push(text.slice(line.end, line.end + line.number));
    at = line.end + line.number + 2;
  }
  return { words, end: at };
}

function lineAt(text: string, at: number, type: string): { readonly number: number; readonly end: number } | null {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return null;
  if (text[at] !== type)
    throw new Error(`The simulated Redis expected "${type}" and was sent ${text.slice(at, at + 40)}`);
  return { number: Number(text.slice(at + 1, end)), end: end + 2 };
}
