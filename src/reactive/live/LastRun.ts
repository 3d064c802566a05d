import type { ExecutionResult } from 'graphql';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { covers, fieldOf, topmost } from '../../utils/positions.ts';
import type { DependencyGroup, ReactiveExtension } from '../../utils/reactiveExtension.ts';
import { splitKeys } from '../../utils/wireKeys.ts';
import { placesOf } from '../response/placesOf.ts';
import { isObject, objectsIn, type ResponseObject } from '../tracking/objectsIn.ts';
import type { Position } from '../tracking/Place.ts';
import type { Held } from '../versions/staleness.ts';
import { isFindable, Misfit, mergeObjects, mergePositions } from './mergeParts.ts';
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
  /** By position: the keys of its objects, and then the objects' ids. */
  readonly #selves = new Map<Position, Versions>();
  readonly #ids = new Map<string, string>();
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
    for (const versions of [...this.#fields.values(), ...this.#selves.values()]) {
      for (const [key, version] of versions) oldest.set(key, Math.min(version, oldest.get(key) ?? version));
    }
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
    const isStale = ([key, version]: readonly [string, number]): boolean => (this.#told.get(key) ?? version) > version;
    const fields = [...this.#fields].filter(([, versions]) => [...versions].some(isStale)).map(([at]) => at);
    const positions = topmost(fields.map(fieldOf));
    const objects = [...this.#selves].flatMap(([at, versions]) => {
      const keys = positions.some((position) => covers(position, at)) ? [] : [...versions].filter(isStale);
      return keys.length === 0 ? [] : [{ at, ids: keys.map(([key]) => this.#ids.get(key) ?? '') }];
    });
    const entries = [...positions.map((at) => ({ at })), ...objects];
    const count = positions.length + objects.reduce((sum, { ids }) => sum + ids.length, 0);
    const isMuch = fields.length + objects.length > MAX_PART * (this.#fields.size + this.#selves.size);
    if (entries.length === 0 || isMuch || count > MAX_ENTRIES || positions.includes('')) return null;
    return entries.every(({ at }) => isFindable(this.#data, at)) ? entries : null;
  }

  /** Takes the parts that ran again. The whole result; null: they do not fit, and everything has to run. */
  merge(entries: readonly RefetchEntry[], { result, described }: TrackedRun): ExecutionResult | null {
    const { data, errors } = result;
    if (described === null || errors !== undefined || data == null) return null;
    const { epoch, asOf, groups = [], objects = [] } = described;
    if (epoch !== this.#epoch || asOf === undefined) return null;
    const positions = entries.flatMap(({ at, ids }) => (ids === undefined ? [at] : []));
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
    for (const map of [this.#fields, this.#selves]) {
      for (const at of [...map.keys()]) if (positions.some((position) => covers(position, at))) map.delete(at);
    }
    for (const group of groups) {
      const isWanted = positions.some((position) => covers(position, group.at));
      if (isWanted) this.#take(described, group, (at) => objectsIn(data, at));
    }
    for (const { at, objects: read, groups: own = [] } of objects) {
      for (const group of own) {
        const below = group.at.slice(at.length + 1);
        this.#take(described, group, () => read.flatMap((object) => objectsIn(object, below)), group.at === at);
      }
    }
    return { data: this.#data ?? null };
  }

  /** `isNewer`: these objects were read as a whole; else keys under older versions stay. */
  #take(
    { keys = '', versions = [] }: ReactiveExtension,
    { at, scope, keys: ranges }: DependencyGroup,
    objectsAt: (at: Position) => readonly ResponseObject[],
    isNewer = false,
  ): void {
    const names = splitKeys(keys);
    const places = placesOf(ranges);
    const ids = scope === 'self' ? [...new Set(objectsAt(at).map(({ id }) => id))] : [];
    const isOfObjects = scope === 'self' && ids.length === places.length && ids.every((id) => typeof id === 'string');
    const known = getOrCreate(isOfObjects ? this.#selves : this.#fields, at, () => new Map<string, number>());
    for (const [n, place] of places.entries()) {
      const key = itemAt(names, place);
      const version = itemAt(versions, place);
      known.set(key, isNewer ? version : Math.min(version, known.get(key) ?? version));
      if (isOfObjects) this.#ids.set(key, String(ids[n]));
    }
  }
}
