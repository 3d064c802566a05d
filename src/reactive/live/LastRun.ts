import type { ExecutionResult } from 'graphql';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { covers, fieldOf, topmost } from '../../utils/positions.ts';
import type { DependencyGroup, ReactiveExtension } from '../../utils/reactiveExtension.ts';
import { splitKeys } from '../../utils/wireKeys.ts';
import { numbersOf, placesOf } from '../response/placesOf.ts';
import { isObject, objectsIn, type ResponseObject } from '../tracking/objectsIn.ts';
import type { Position } from '../tracking/Place.ts';
import type { Held } from '../versions/staleness.ts';
import { idsOnlyBelow } from './idsOnlyBelow.ts';
import { isFindable, Misfit, mergeObjects, mergePositions } from './mergeParts.ts';
import { ObjectKeys } from './ObjectKeys.ts';
import type { RefetchEntry, TrackedRun } from './trackedRun.ts';

type Versions = Map<string, number>;

/** More of a query than this is run as a whole. */
const MAX_PART = 0.6;
const MAX_ENTRIES = 100;
/** After so many parts the whole is run, so that nothing grows or gets old for ever. */
const MAX_PARTS = 20;

/** The last result of a live query, and the dependencies of its positions: so that only stale parts run again. */
export class LastRun {
  readonly #epoch: string;
  #seq: number;
  #data: ExecutionResult['data'];
  #parts = 0;
  readonly #isDivisible: boolean;
  /** By position: the keys that concern all data there. */
  readonly #fields = new Map<Position, Versions>();
  /** By position: the keys of its objects. */
  readonly #selves = new Map<Position, ObjectKeys>();
  /** By position, and then by that of objects above it: the keys of the data below these. */
  readonly #unders = new Map<Position, Map<Position, ObjectKeys>>();
  readonly #told: Versions = new Map();

  private constructor(result: ExecutionResult, described: ReactiveExtension, epoch: string, seq: number) {
    this.#epoch = epoch;
    this.#seq = seq;
    this.#data = result.data;
    this.#isDivisible = described.status === 'full' && result.errors === undefined && result.data != null;
    for (const group of described.groups ?? []) this.#take(described, group, (at) => objectsIn(result.data, at));
  }

  /** Null: its dependencies cannot be watched. */
  static of({ result, described }: TrackedRun): LastRun | null {
    if (described === null) return null;
    const { epoch, asOf, keys } = described;
    if (epoch === undefined || asOf === undefined || keys === undefined) return null;
    return new LastRun(result, described, epoch, asOf);
  }

  /** All that it depends on, under the oldest versions. */
  get held(): Held {
    const oldest: Versions = new Map();
    const note = (key: string, version: number): void => {
      oldest.set(key, Math.min(version, oldest.get(key) ?? version));
    };
    for (const versions of this.#fields.values()) for (const [key, version] of versions) note(key, version);
    for (const keys of this.#ofObjects()) for (const { key, version } of keys.all()) note(key, version);
    return { epoch: this.#epoch, seq: this.#seq, keys: [...oldest.keys()], versions: [...oldest.values()] };
  }

  /** Keys have newer versions. */
  tell(keys: readonly string[], versions: readonly number[]): void {
    for (const [at, key] of keys.entries()) {
      this.#told.set(key, Math.max(itemAt(versions, at), this.#told.get(key) ?? 0));
    }
  }

  /** The parts to run again; null: everything. */
  stale(): readonly RefetchEntry[] | null {
    if (!this.#isDivisible || this.#parts >= MAX_PARTS) return null;
    const isStale = (key: string, version: number): boolean => (this.#told.get(key) ?? version) > version;
    const fields = [...this.#fields].flatMap(([at, versions]) =>
      [...versions].some(([key, version]) => isStale(key, version)) ? [at] : [],
    );
    const positions = topmost(fields.map(fieldOf));
    const isCovered = (at: Position): boolean => positions.some((position) => covers(position, at));
    const under = [...this.#unders].flatMap(([at, byObjects]) =>
      [...byObjects].flatMap(([above, keys]) => {
        const ids = isCovered(at) || isCovered(above) ? new Set<string>() : keys.idsOf(isStale);
        return ids.size === 0 ? [] : [{ at: above, ids, field: at.slice(above.length + 1).split('.')[0] ?? '' }];
      }),
    );
    const others = (ids: ReadonlySet<string>, at: Position): readonly string[] => {
      const left = new Set(ids);
      for (const one of under) {
        if (!at.startsWith(`${one.at}.${one.field}.`)) continue;
        for (const id of idsOnlyBelow(this.#data, one.at, one.ids, at)) left.delete(id);
      }
      return [...left];
    };
    const objects = [...this.#selves].flatMap(([at, keys]): RefetchEntry[] => {
      const ids = isCovered(at) ? [] : others(keys.idsOf(isStale), at);
      return ids.length === 0 ? [] : [{ at, ids }];
    });
    const below = new Map<
      string,
      { readonly at: Position; readonly ids: readonly string[]; readonly fields: string[] }
    >();
    for (const { at, ids: all, field } of under) {
      const ids = others(all, at);
      if (ids.length === 0) continue;
      const name = JSON.stringify([at, [...ids].sort()]);
      const known = getOrCreate(below, name, () => ({ at, ids, fields: [] }));
      if (!known.fields.includes(field)) known.fields.push(field);
    }
    const entries: RefetchEntry[] = [...positions.map((at) => ({ at })), ...objects, ...below.values()];
    const count = entries.reduce((sum, { ids }) => sum + (ids?.length ?? 1), 0);
    const size = this.#fields.size + this.#selves.size + this.#unders.size;
    const isMuch = fields.length + objects.length > MAX_PART * size;
    if (entries.length === 0 || isMuch || count > MAX_ENTRIES || positions.includes('')) return null;
    return positions.every((at) => isFindable(this.#data, at)) ? entries : null;
  }

  /** Takes the parts that ran again. The whole result; null: they do not fit, and everything has to run. */
  merge(entries: readonly RefetchEntry[], { result, described }: TrackedRun): ExecutionResult | null {
    const { data, errors } = result;
    if (described === null || errors !== undefined || data == null) return null;
    const { epoch, asOf, groups = [], objects = [] } = described;
    if (epoch !== this.#epoch || asOf === undefined) return null;
    const positions = entries.flatMap(({ at, ids }) => (ids === undefined ? [at] : []));
    const before = this.#data;
    try {
      let merged = positions.length === 0 ? this.#data : mergePositions(this.#data, data, positions);
      for (const { at, objects: read } of objects) {
        const byId = new Map<unknown, ResponseObject>();
        for (const object of read) {
          if (object === null) return null; // it may be gone from lists and counts, too
          byId.set(object.id, object);
        }
        merged = mergeObjects(merged, at, byId);
      }
      if (!isObject(merged)) return null;
      this.#data = { ...merged };
    } catch (error) {
      if (error instanceof Misfit) return null;
      throw error;
    }
    this.#parts++;
    this.#seq = Math.min(this.#seq, asOf);
    this.#told.clear();
    for (const map of [this.#fields, this.#selves, this.#unders]) {
      for (const at of [...map.keys()]) if (positions.some((position) => covers(position, at))) map.delete(at);
    }
    for (const entry of entries) this.#forgetBelow(entry, before);
    for (const group of groups) {
      if (positions.some((position) => covers(position, group.at))) {
        this.#take(described, group, (at) => objectsIn(data, at));
      } else if (group.scope !== 'self') {
        // The dependencies of a position on the way, and what resolvers and rules have read, concern the data below it, too.
        const below = positions.filter((position) => covers(fieldOf(group.at), position));
        for (const at of below) this.#take(described, { at, scope: 'field', keys: group.keys }, () => []);
      }
    }
    for (const { at, objects: read, groups: own = [] } of objects) {
      for (const group of own) {
        const objectsAt = (position: Position): readonly ResponseObject[] =>
          read.flatMap((object) => objectsIn(object, position.slice(at.length + 1)));
        this.#take(described, group, objectsAt, group.at === at);
      }
    }
    return { data: this.#data ?? null };
  }

  /** Gives up the keys of data below some objects that came anew, and those of objects that were shown nowhere else. */
  #forgetBelow({ at: above, ids = [], fields = [] }: RefetchEntry, before: unknown): void {
    const all = new Set(ids);
    const isBelow = (at: Position): boolean => fields.some((field) => covers(`${above}.${field}`, at));
    for (const [at, keys] of this.#selves) {
      if (isBelow(at)) keys.forget(idsOnlyBelow(before, above, all, at));
    }
    for (const [at, byObjects] of this.#unders) {
      if (!isBelow(at)) continue;
      for (const [own, keys] of byObjects) keys.forget(own === above ? all : idsOnlyBelow(before, above, all, own));
    }
  }

  *#ofObjects(): Iterable<ObjectKeys> {
    yield* this.#selves.values();
    for (const byObjects of this.#unders.values()) yield* byObjects.values();
  }

  /** `isNewer`: these objects were read as a whole; else keys under older versions stay. */
  #take(
    { keys = '', versions = [] }: ReactiveExtension,
    { at, scope, keys: ranges, under = at, each = [] }: DependencyGroup,
    objectsAt: (at: Position) => readonly ResponseObject[],
    isNewer = false,
  ): void {
    const names = splitKeys(keys);
    const places = placesOf(ranges);
    const all = scope === 'field' ? [] : [...new Set(objectsAt(under).map(({ id }) => id))];
    const counts = scope === 'under' ? numbersOf(each) : [];
    const ids = scope === 'under' ? all.flatMap((id, n) => new Array<unknown>(counts[n] ?? 0).fill(id)) : all;
    const isOfObjects = scope !== 'field' && ids.length === places.length && ids.every((id) => typeof id === 'string');
    if (isOfObjects) {
      const known =
        scope === 'self'
          ? getOrCreate(this.#selves, at, () => new ObjectKeys())
          : getOrCreate(
              getOrCreate(this.#unders, at, () => new Map<Position, ObjectKeys>()),
              under,
              () => new ObjectKeys(),
            );
      for (const [n, place] of places.entries()) {
        known.add(String(ids[n]), itemAt(names, place), itemAt(versions, place), isNewer);
      }
      return;
    }
    const known = getOrCreate(this.#fields, at, () => new Map<string, number>());
    for (const place of places) {
      const key = itemAt(names, place);
      const version = itemAt(versions, place);
      known.set(key, isNewer ? version : Math.min(version, known.get(key) ?? version));
    }
  }
}
