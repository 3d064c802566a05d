import { itemAt } from '../../utils/itemAt.ts';
import { toKey } from '../keys/dependencyKeys.ts';
import { KIND_CHARS, type NamedKey, type WireKey, type WireKeys } from '../keys/WireKeys.ts';
import type { PositionColumns, Scope } from '../tracking/ColumnsByPosition.ts';
import type { Position } from '../tracking/Place.ts';

/** The keys of a position, by place: where some that follow each other begin, and how many they are, again and again. */
export type KeyRanges = number[];

export interface KeyGroup {
  readonly at: Position;
  readonly scope: Scope;
  readonly keys: KeyRanges;
}

export interface KeyTable {
  /** Each key once. */
  readonly keys: readonly WireKey[];
  /** By run. */
  readonly groups: readonly (readonly KeyGroup[])[];
}

let marks = 0;

/**
 * Names what was recorded in some runs, each key once. A key that concerns all of a position is not repeated for positions below it of the same run.
 * Null: there are more than `maxKeys`.
 */
export function makeKeyTable(
  runs: readonly (readonly PositionColumns[])[],
  wireKeys: WireKeys,
  maxKeys: number,
): KeyTable | null {
  const positions = runs.flatMap((columns, run) => columns.map((one) => ({ ...one, run, parts: partsOf(one.at) })));
  positions.sort((a, b) => a.parts.length - b.parts.length); // what is above comes first
  const groups = positions.map(({ at, scope, run }) => ({ at, scope, run, keys: noRanges() }));
  const isAbove = (higher: number, lower: number): boolean =>
    higher === lower ||
    (positions[lower]?.run === positions[higher]?.run &&
      startsWith(positions[lower]?.parts ?? [], positions[higher]?.parts ?? []));
  const keys: WireKey[] = [];
  /** Of keys that are at several positions: the second and later ones. */
  const further = new Map<NamedKey, number[]>();
  const mark = ++marks;
  for (const [group, { columns, scope }] of positions.entries()) {
    const ranges = groups[group]?.keys ?? [];
    for (const { prefix, names } of columns) {
      const keyOf = namer(wireKeys, prefix);
      for (const name of names) {
        const key = keyOf(name);
        if (key.mark !== mark) {
          key.mark = mark;
          key.group = scope === 'field' ? group : -1;
          key.place = keys.length;
          if (keys.push(key.names[0]) > maxKeys) return null;
          key.self = scope === 'self' ? group : -1;
        } else if (scope === 'self') {
          // Objects and their keys are in one order: none is left out, and each counts once.
          if (key.self === group) continue;
          key.self = group;
        } else if (key.group === -1) {
          key.group = group;
        } else {
          const others = further.get(key);
          if (isAbove(key.group, group) || others?.some((other) => isAbove(other, group)) === true) continue;
          if (others === undefined) further.set(key, [group]);
          else others.push(group);
        }
        addPlace(ranges, key.place);
      }
    }
  }
  const filled = groups.filter(({ keys: ranges }) => ranges.length > 0);
  return {
    keys,
    groups: runs.map((_, n) =>
      filled.flatMap(({ run, at, scope, keys: ranges }) => (run === n ? [{ at, scope, keys: ranges }] : [])),
    ),
  };
}

function namer(wireKeys: WireKeys, prefix: string): (name: string) => NamedKey {
  if (prefix === '') return (name) => wireKeys.key(toKey(name));
  // A kind alone: no text is put together to find what is known.
  return prefix.length === KIND_CHARS ? wireKeys.ofKind(prefix) : (name) => wireKeys.key(prefix + name);
}

function addPlace(ranges: KeyRanges, place: number): void {
  const last = ranges.length - 1;
  const count = ranges[last] ?? 0;
  if (last > 0 && itemAt(ranges, last - 1) + count === place) ranges[last] = count + 1;
  else ranges.push(place, 1);
}

function noRanges(): KeyRanges {
  return [];
}

function partsOf(at: Position): readonly string[] {
  return at === '' ? [] : at.split('.');
}

function startsWith(parts: readonly string[], start: readonly string[]): boolean {
  return start.every((part, at) => part === parts[at]);
}
