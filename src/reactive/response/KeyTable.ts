import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import { toKey } from '../keys/dependencyKeys.ts';
import { digestOf } from '../keys/Grants.ts';
import { doubled, NAME_WORDS, type NameTable, NOTES } from '../keys/NameTable.ts';
import { KIND_CHARS, type WireKey, type WireKeys } from '../keys/WireKeys.ts';
import type { PositionColumns, Scope } from '../tracking/ColumnsByPosition.ts';
import type { Position } from '../tracking/Place.ts';
import type { AskedKeys } from '../versions/KnownReadings.ts';

/** The keys of a position, by place: where some that follow each other begin, and how many they are, again and again. */
export type KeyRanges = number[];

export interface KeyGroup {
  readonly at: Position;
  readonly scope: Scope;
  readonly keys: KeyRanges;
}

export interface KeyTable extends AskedKeys {
  /** Each key once. */
  readonly keys: readonly WireKey[];
  /** The form of these keys that grants sign. */
  readonly digest: string;
  /** By run. */
  readonly groups: readonly (readonly KeyGroup[])[];
}

/** A position with the keys that it has in the table. */
interface Group {
  readonly at: Position;
  readonly scope: Scope;
  readonly run: number;
  readonly parts: readonly string[];
  readonly keys: KeyRanges;
}

/**
 * Names the keys that some runs recorded, each once. A key that concerns all of a position is not repeated for positions
 * below it of the same run. Null: there are more than `maxKeys`.
 */
export function makeKeyTable(
  runs: readonly (readonly PositionColumns[])[],
  wireKeys: WireKeys,
  maxKeys: number,
): KeyTable | null {
  const positions = runs.flatMap((columns, run) => columns.map((one) => ({ ...one, run, parts: partsOf(one.at) })));
  positions.sort((a, b) => a.parts.length - b.parts.length); // positions above come first
  const groups = positions.map(({ at, scope, run, parts }): Group => ({ at, scope, run, parts, keys: [] }));
  const table = new KeyWriter(groups, maxKeys);
  const tableOf = wireKeys.tables();
  for (const [group, { columns }] of positions.entries()) {
    for (const { prefix, names } of columns) {
      for (const [kind, rests] of prefix === ''
        ? kindsOf(names)
        : [[prefix, Array.isArray(names) ? names : [...names]] as const]) {
        if (!table.add(group, tableOf(kind.slice(0, KIND_CHARS)), kind.slice(KIND_CHARS), rests)) return null;
      }
    }
  }
  const filled = groups.filter(({ keys }) => keys.length > 0);
  const { keys, text } = table;
  return {
    keys,
    text,
    digest: digestOf(text),
    groups: runs.map((_, n) => filled.flatMap(({ run, at, scope, keys }) => (run === n ? [{ at, scope, keys }] : []))),
  };
}

/** The notes on a key: the description that has it, its place there, and the first group with it. */
const MARK = 0;
const PLACE = 1;
const GROUP = 2;

const FIRST_KEYS = 2048;
/** So many keys and more are copied together. */
const MANY = 64;

/** The text of the table that is being made. */
let scratch = new Int32Array(FIRST_KEYS * NAME_WORDS);
let scratchBytes = Buffer.from(scratch.buffer);
let marks = 0;

/** Writes each key once, and the places of keys into the groups that have them. */
class KeyWriter {
  keys: WireKey[] = [];
  readonly #groups: readonly Group[];
  readonly #maxKeys: number;
  readonly #mark: number;
  /** By place, of keys that several groups have: the second and later ones. */
  readonly #further = new Map<number, number[]>();

  constructor(groups: readonly Group[], maxKeys: number) {
    this.#groups = groups;
    this.#maxKeys = maxKeys;
    marks = (marks + 1) | 0 || 1;
    this.#mark = marks;
  }

  get text(): string {
    return scratchBytes.toString('latin1', 0, this.keys.length * WIRE_KEY_CHARS);
  }

  /** Adds the keys that names stand for behind `start`. False: there are too many keys. */
  add(group: number, table: NameTable, start: string, names: readonly string[]): boolean {
    const { keys: ranges } = itemAt(this.#groups, group);
    const mark = this.#mark;
    const limit = this.#maxKeys;
    /** New keys that lie behind each other are taken together. */
    let from = 0;
    let to = 0;
    let place = this.keys.length;
    for (let at = 0; at < names.length; at++) {
      const name = names[at] ?? '';
      // A kind alone: no text is put together for the look-up.
      const slot = table.slot(start === '' ? name : start + name);
      const { notes } = table;
      const note = slot * NOTES;
      if (notes[note + MARK] !== mark) {
        if (place === limit) return false;
        if (slot !== to) {
          this.#take(table, from, to, ranges);
          from = slot;
        }
        to = slot + 1;
        notes[note + MARK] = mark;
        notes[note + PLACE] = place++;
        notes[note + GROUP] = group;
      } else if (this.#isNew(notes[note + PLACE] ?? 0, notes[note + GROUP] ?? 0, group)) {
        this.#take(table, from, to, ranges);
        from = to;
        addPlaces(ranges, notes[note + PLACE] ?? 0, 1);
      }
    }
    this.#take(table, from, to, ranges);
    return true;
  }

  /** Takes new keys of some slots. */
  #take(table: NameTable, from: number, to: number, ranges: KeyRanges): void {
    const count = to - from;
    if (count === 0) return;
    const place = this.keys.length;
    addPlaces(ranges, place, count);
    copyWords(table.words, from * NAME_WORDS, to * NAME_WORDS, place * NAME_WORDS);
    if (count >= MANY) this.keys = this.keys.concat(table.names.slice(from, to));
    else for (let slot = from; slot < to; slot++) this.keys.push(table.names[slot] ?? '');
  }

  /** Whether a group is to have a key that others have. */
  #isNew(place: number, first: number, group: number): boolean {
    const others = getOrCreate(this.#further, place, (): number[] => []);
    const isIn = (other: number): boolean => this.#hasAll(other, group);
    if (isIn(first) || others.some(isIn)) return false;
    others.push(group);
    return true;
  }

  /**
   * Whether a key of one group need not be repeated in another one. Objects and their keys are in one order: none is
   * left out because of a group above, and each counts once.
   */
  #hasAll(one: number, other: number): boolean {
    const isField = itemAt(this.#groups, other).scope === 'field' && itemAt(this.#groups, one).scope === 'field';
    return isField ? this.#isAbove(one, other) : one === other;
  }

  #isAbove(higher: number, lower: number): boolean {
    if (higher === lower) return true;
    const above = itemAt(this.#groups, higher);
    const below = itemAt(this.#groups, lower);
    return above.run === below.run && above.parts.every((part, at) => part === below.parts[at]);
  }
}

/** Keys by their kind, without it. */
function kindsOf(names: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const kinds = new Map<string, string[]>();
  for (const name of names) {
    const key = toKey(name);
    getOrCreate(kinds, key.slice(0, KIND_CHARS), () => []).push(key.slice(KIND_CHARS));
  }
  return kinds;
}

function copyWords(words: Int32Array, from: number, to: number, at: number): void {
  while (at + to - from > scratch.length) {
    scratch = doubled(scratch);
    scratchBytes = Buffer.from(scratch.buffer);
  }
  const own = scratch;
  if (to - from >= MANY * NAME_WORDS) own.set(words.subarray(from, to), at);
  else for (let word = from; word < to; word++) own[at + word - from] = words[word] ?? 0;
}

function addPlaces(ranges: KeyRanges, place: number, count: number): void {
  const last = ranges.length - 1;
  const known = ranges[last] ?? 0;
  if (last > 0 && (ranges[last - 1] ?? 0) + known === place) ranges[last] = known + count;
  else ranges.push(place, count);
}

function partsOf(at: Position): readonly string[] {
  return at === '' ? [] : at.split('.');
}
