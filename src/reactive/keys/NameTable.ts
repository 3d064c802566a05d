import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';

/** How many 32-bit words the text of a name takes in `NameTable.words`. */
export const NAME_WORDS: number = WIRE_KEY_CHARS / 4;
/** How many numbers a description may keep of each name. */
export const NOTES = 4;

const FIRST_SLOTS = 64;

/**
 * The names of the keys of one kind, in columns: keys that were first met together lie together. Keys mostly come in the
 * order in which they came before, so the next one is looked for behind the last one first; that is a comparison of texts.
 */
export class NameTable {
  /** By slot. */
  readonly names: string[] = [];
  /** By slot: the rest of the key behind its kind. */
  readonly #rests: string[] = [];
  readonly #slots = new Map<string, number>();
  readonly #name: (rest: string) => string;
  /** Where the next key is looked for. */
  #next = 0;
  #words = new Int32Array(FIRST_SLOTS * NAME_WORDS);
  #notes = new Int32Array(FIRST_SLOTS * NOTES);

  /** `name` makes a name that is not there yet. */
  constructor(name: (rest: string) => string) {
    this.#name = name;
  }

  get size(): number {
    return this.names.length;
  }

  /** The texts of the names, one behind the other. Another array when names are added. */
  get words(): Int32Array {
    return this.#words;
  }

  /** The notes of a response's description. Another array when names are added. */
  get notes(): Int32Array {
    return this.#notes;
  }

  /** Where the key is that says `rest` behind its kind. */
  slot(rest: string): number {
    const next = this.#next;
    const slot = next < this.#rests.length && this.#rests[next] === rest ? next : this.#find(rest);
    this.#next = slot + 1;
    return slot;
  }

  /** The name of a key that is known. */
  known(rest: string): string | undefined {
    const slot = this.#slots.get(rest);
    return slot === undefined ? undefined : this.names[slot];
  }

  #find(rest: string): number {
    return this.#slots.get(rest) ?? this.#add(rest);
  }

  #add(given: string): number {
    const slot = this.names.length;
    const name = this.#name(given);
    const rest = ofItsOwn(given);
    this.#slots.set(rest, slot);
    this.#rests.push(rest);
    this.names.push(name);
    if ((slot + 1) * NAME_WORDS > this.#words.length) {
      this.#words = doubled(this.#words);
      this.#notes = doubled(this.#notes);
    }
    Buffer.from(this.#words.buffer).write(name, slot * WIRE_KEY_CHARS, 'latin1');
    return slot;
  }
}

/** A text that is no part of another one: V8 compares those ten times as fast. */
function ofItsOwn(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1');
  return copy === text ? copy : text;
}

export function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * numbers.length);
  more.set(numbers);
  return more;
}
