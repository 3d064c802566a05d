import { Refusal } from './wire.ts';

/** A value, and when it ends; a list stands for all that is no text. */
interface Kept {
  readonly value: string | readonly string[];
  readonly endMs: number;
}

/** What a simulated Redis keeps under its keys. Texts have a character for each byte. */
export class Entries {
  readonly #now: () => number;
  #kept: Map<string, Kept>;

  constructor(now: () => number, kept: Map<string, Kept> = new Map()) {
    [this.#now, this.#kept] = [now, kept];
  }

  /** What a snapshot of it holds: times go on. */
  copy(): Entries {
    return new Entries(this.#now, new Map(this.#kept));
  }

  #there(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.endMs > this.#now()) return kept;
    this.#kept.delete(key);
    return undefined;
  }

  /** The keys that have a value. */
  get keys(): readonly string[] {
    return [...this.#kept.keys()].filter((key) => this.#there(key) !== undefined);
  }

  hasOtherType(key: string): boolean {
    return Array.isArray(this.#there(key)?.value);
  }

  /** The text, `null` where there is none: as a script that asks with `pcall` sees it. */
  peek(key: string): string | null {
    const value = this.#there(key)?.value;
    return typeof value === 'string' ? value : null;
  }

  get(key: string): string | null {
    if (this.hasOtherType(key)) throw new Refusal('WRONGTYPE Operation against a key holding the wrong kind of value');
    return this.peek(key);
  }

  /** `options` as in SET. Returns `null` if there is a value, and none was expected. */
  set(key: string, text: string, options: readonly string[]): 'OK' | null {
    let endMs = Number.POSITIVE_INFINITY;
    let isNew = false;
    for (let at = 0; at < options.length; at++) {
      const option = options[at]?.toUpperCase();
      if (option === 'NX') isNew = true;
      else if (option === 'PX') endMs = this.#now() + milliseconds(options[++at]);
      else throw new Refusal('ERR syntax error');
    }
    if (isNew && this.#there(key) !== undefined) return null;
    this.#kept.set(key, { value: text, endMs });
    return 'OK';
  }

  push(key: string, text: string): number {
    const there = this.#there(key);
    if (typeof there?.value === 'string')
      throw new Refusal('WRONGTYPE Operation against a key holding the wrong kind of value');
    const value = [text, ...(there?.value ?? [])];
    this.#kept.set(key, { value, endMs: there?.endMs ?? Number.POSITIVE_INFINITY });
    return value.length;
  }

  remove(key: string): number {
    const isThere = this.#there(key) !== undefined;
    this.#kept.delete(key);
    return isThere ? 1 : 0;
  }

  /** Milliseconds to live: -1 for ever, -2 for one that is not there. */
  leftMs(key: string): number {
    const kept = this.#there(key);
    if (kept === undefined) return -2;
    return kept.endMs === Number.POSITIVE_INFINITY ? -1 : Math.round(kept.endMs - this.#now());
  }
}

function milliseconds(text = ''): number {
  if (!/^-?\d+$/.test(text)) throw new Refusal('ERR value is not an integer or out of range');
  if (Number(text) <= 0) throw new Refusal("ERR invalid expire time in 'set' command");
  return Number(text);
}
