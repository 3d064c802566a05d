import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { splitKeys } from '../../utils/wireKeys.ts';
import { toKey } from '../keys/dependencyKeys.ts';
import { NameSet } from '../keys/NameSet.ts';
import { NAME_WORDS, textOf, type WireKey, type WireKeys } from '../keys/WireKeys.ts';
import type { DependencyColumn, PositionColumns, Scope } from '../tracking/columns.ts';
import type { Position } from '../tracking/Place.ts';
import type { AskedKeys } from '../versions/KnownReadings.ts';

/** The keys of a position, by place: where some that follow each other begin, and how many they are, again and again. */
export type KeyRanges = number[];

export interface KeyGroup {
  readonly at: Position;
  readonly scope: Scope;
  readonly keys: KeyRanges;
  /** Of scope `under`. */
  readonly under?: Position;
  readonly each?: readonly number[];
  /** Whether fillers hide how many keys an object has. */
  readonly isFilled?: boolean;
}

export interface KeyTable extends AskedKeys {
  /** Each key once. */
  readonly keys: readonly WireKey[];
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
  /** It may have keys. That it has none must not be seen. */
  readonly isKept: boolean;
  readonly under?: PositionColumns['under'];
}

/**
 * Names the keys that some runs recorded, each once. A key that concerns all of a position is not repeated for positions
 * below it of the same run. Null: there are more than `maxKeys`.
 *
 * The root has what rules of the application have read. It leaves out nothing below, and positions are in the order of
 * their names, not of the reads: else the form would tell that a rule has read a hidden object.
 */
export function makeKeyTable(
  runs: readonly (readonly PositionColumns[])[],
  wireKeys: WireKeys,
  maxKeys: number,
): KeyTable | null {
  const positions = runs.flatMap((columns, run) => columns.map((one) => ({ ...one, run, parts: partsOf(one.at) })));
  positions.sort((a, b) => a.parts.length - b.parts.length || compareTexts(a.at, b.at));
  const groups = positions.map((position): Group => ({ ...position, isKept: position.columns.length === 0, keys: [] }));
  const columns = positions.flatMap((position, group) => position.columns.map((column) => columnOf(column, group)));
  const given = columns.reduce((sum, { rests }) => sum + rests.length, 0);
  const table = new KeyWriter(groups, given, wireKeys, maxKeys);
  for (const { group, start, rests } of columns) if (!table.add(group, start, rests)) return null;
  const filled = groups.filter(({ keys, isKept }) => isKept || keys.length > 0);
  const { text } = table;
  return {
    keys: splitKeys(text),
    text,
    groups: runs.map((_, n) =>
      filled.flatMap(({ run, at, scope, keys, under }): readonly KeyGroup[] => {
        if (run !== n) return [];
        if (under === undefined) return [{ at, scope, keys }];
        return [{ at, scope, keys, under: under.at, each: rangesOf(under.each), isFilled: under.isFilled }];
      }),
    ),
  };
}

/** So many keys are named together. */
const TOGETHER = 1024;

/** Writes each key once, and the places of keys into the groups that have them. */
class KeyWriter {
  readonly #groups: readonly Group[];
  readonly #wireKeys: WireKeys;
  readonly #maxKeys: number;
  readonly #names: NameSet;
  /** By place, from 1 on: the first group that has the key; 0: the key is new. */
  readonly #first: Int32Array;
  /** By place, of keys that several groups have: the second and later ones. */
  readonly #further = new Map<number, number[]>();

  /** `given`: how many keys there are at most. */
  constructor(groups: readonly Group[], given: number, wireKeys: WireKeys, maxKeys: number) {
    this.#groups = groups;
    this.#wireKeys = wireKeys;
    this.#maxKeys = maxKeys;
    const most = Math.min(given, maxKeys + 1);
    this.#names = new NameSet(most);
    this.#first = new Int32Array(most);
  }

  get text(): string {
    return textOf(this.#names.words);
  }

  /** Adds keys that begin with `start`. False: there are too many keys. */
  add(group: number, start: string, rests: readonly string[]): boolean {
    for (let from = 0; from < rests.length; from += TOGETHER) {
      const some = rests.length <= TOGETHER ? rests : rests.slice(from, from + TOGETHER);
      if (!this.#addNames(group, this.#wireKeys.words(start, some))) return false;
    }
    return true;
  }

  #addNames(group: number, names: Int32Array): boolean {
    const { keys: ranges, scope } = itemAt(this.#groups, group);
    for (let at = 0; at < names.length; at += NAME_WORDS) {
      const place = this.#names.placeOf(names, at);
      if (place === this.#maxKeys) return false;
      const first = this.#first[place] ?? 0;
      if (first === 0) this.#first[place] = group + 1;
      // Objects above may have the same key.
      if (first === 0 || scope === 'under' || this.#isNew(place, first - 1, group)) addPlaces(ranges, place, 1);
    }
    return true;
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
    if (above.run !== below.run || above.parts.length === 0) return false;
    return above.parts.every((part, at) => part === below.parts[at]);
  }
}

/** Keys of a group that begin with `start`. */
interface KeyColumn {
  readonly group: number;
  readonly start: string;
  readonly rests: readonly string[];
}

function columnOf({ prefix, names }: DependencyColumn, group: number): KeyColumn {
  const rests = Array.isArray(names) ? names : [...names];
  return { group, start: prefix, rests: prefix === '' ? rests.map(toKey) : rests };
}

function addPlaces(ranges: KeyRanges, place: number, count: number): void {
  const last = ranges.length - 1;
  const known = ranges[last] ?? 0;
  if (last > 0 && (ranges[last - 1] ?? 0) + known === place) ranges[last] = known + count;
  else ranges.push(place, count);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function partsOf(at: Position): readonly string[] {
  return at === '' ? [] : at.split('.');
}

/** Equal numbers that follow each other: the number, and how many they are, again and again. */
export function rangesOf(numbers: readonly number[]): readonly number[] {
  const ranges: number[] = [];
  for (const number of numbers) {
    const last = ranges.length - 2;
    if (last >= 0 && ranges[last] === number) ranges[last + 1] = itemAt(ranges, last + 1) + 1;
    else ranges.push(number, 1);
  }
  return ranges;
}
