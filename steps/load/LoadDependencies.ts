import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { Eventual } from '../../src/utils/Eventual.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import { allMapKeys, type MapKey, type MapKeys, mapKeyOf, mapKeysOf } from './mapKeys.ts';

type Entries = readonly unknown[];

/** The dependencies of each map key's entry, and those of all. */
interface DependenciesByKey {
  readonly of: ReadonlyMap<MapKey, readonly string[]>;
  readonly rest: readonly string[];
}

/** The recorded dependencies of one call's entries. */
export class CallRecords {
  readonly #mapKeys: MapKeys;
  readonly #columns: Parameters<RecordDependencies>[] = [];
  /** The step that was first given entries: later records are its own. */
  #heir: ExecuteExtra | null = null;
  /** Made when another step asks for some of the map keys. */
  #bySlot: DependenciesByKey | null = null;

  constructor(mapKeys: MapKeys) {
    this.#mapKeys = mapKeys;
  }

  get mapKeys(): readonly MapKey[] {
    return allMapKeys(this.#mapKeys);
  }

  /** A step that records no names says that it has read nothing: a loader that recorded none has not said so. */
  readonly record: RecordDependencies = (prefix, names, keys) => {
    if (names.length === 0) return;
    if (this.#heir === null) this.#columns.push([prefix, names, keys]);
    else this.#heir.recordDependencies(prefix, names);
  };

  /** Records all of it for a step, as it was recorded here. `mapKeys` by row. */
  tellAll(extra: ExecuteExtra, mapKeys: () => readonly MapKey[]): void {
    this.#heir ??= extra;
    let rows: ReadonlyMap<MapKey, readonly number[]> | null = null;
    for (const [prefix, names, keys] of this.#columns) {
      if (keys === null) extra.recordDependencies(prefix, names);
      else {
        extra.recordDependencies(prefix, names, (at) => {
          rows ??= rowsByKey(mapKeys());
          return keys[at] === undefined ? null : (rows.get(mapKeyOf(keys[at])) ?? null);
        });
      }
    }
  }

  /** Records the dependencies of some entries for rows of a step: `mapKeys` by row. */
  tellRows(rows: readonly number[], mapKeys: readonly MapKey[], extra: ExecuteExtra): void {
    this.#heir ??= extra;
    this.#bySlot ??= this.#divide();
    const { of, rest } = this.#bySlot;
    for (const row of rows) {
      for (const dependency of of.get(itemAt(mapKeys, row)) ?? []) extra.recordDependency(dependency, row);
    }
    if (rest.length > 0) extra.recordDependencies('', rest);
  }

  #divide(): DependenciesByKey {
    const of = new Map<MapKey, string[]>(this.mapKeys.map((mapKey) => [mapKey, []]));
    const rest: string[] = [];
    for (const [prefix, names, keys] of this.#columns) {
      for (const [at, name] of names.entries()) {
        const key = keys?.[at];
        ((key === undefined ? undefined : of.get(mapKeyOf(key))) ?? rest).push(prefix + name);
      }
    }
    return { of, rest };
  }
}

/**
 * The dependencies of a loader's entries, in one request. A key is loaded once, but each step that asks for it has the
 * dependencies of its entry. A step that asks for all keys of a call takes the records of the call as they were made.
 */
export class LoadDependencies {
  readonly #calls: CallRecords[] = [];
  readonly #bySlot = new Map<MapKey, CallRecords>();
  /** How many calls are in it. */
  #indexed = 0;

  /** Takes the records of a call for these map keys, in its turn or ahead. */
  begin(mapKeys: MapKeys): CallRecords {
    const call = new CallRecords(mapKeys);
    this.#calls.push(call);
    return call;
  }

  /**
   * Hands entries on, and records the dependencies of a step's rows when they are there. `isOneCall`: a call for these very
   * map keys recorded all of them.
   */
  tellWith(
    entries: MaybePromise<Entries>,
    mapKeys: readonly MapKey[],
    extra: ExecuteExtra,
    isOneCall: boolean,
  ): MaybePromise<Entries> {
    const tell = (found: Entries): Entries => {
      // Mostly a step has asked for all of its rows in one call of its own.
      const own = isOneCall ? this.#calls.find((call) => call.mapKeys === mapKeys) : undefined;
      this.#tell(own ?? null, () => mapKeys, extra);
      return found;
    };
    if (entries instanceof Eventual) {
      const told = new Eventual<Entries>();
      entries.whenThere((found: Entries) => told.come(tell(found)));
      return told;
    }
    return isPromiseLike(entries) ? Promise.resolve(entries).then(tell) : tell(entries);
  }

  /** The same for keys whose answers came ahead. `own`: the records of the call for these very keys, if one call was. */
  tellAhead(own: CallRecords | null, keys: readonly unknown[], extra: ExecuteExtra): void {
    this.#tell(own, () => mapKeysOf(keys), extra);
  }

  #tell(own: CallRecords | null, mapKeys: () => readonly MapKey[], extra: ExecuteExtra): void {
    // Rows of several requests are told apart.
    if (own === null || extra.isShared) this.#tellBySlot(mapKeys(), extra);
    else own.tellAll(extra, mapKeys);
  }

  #tellBySlot(mapKeys: readonly MapKey[], extra: ExecuteExtra): void {
    this.#index();
    const rowsOf = new Map<CallRecords, number[]>();
    for (const [row, mapKey] of mapKeys.entries()) {
      const call = this.#bySlot.get(mapKey);
      if (call !== undefined) getOrCreate(rowsOf, call, () => []).push(row);
    }
    for (const [call, rows] of rowsOf) {
      const isWhole = !extra.isShared && new Set(rows.map((row) => mapKeys[row])).size === call.mapKeys.length;
      if (isWhole) call.tellAll(extra, () => mapKeys);
      else call.tellRows(rows, mapKeys, extra);
    }
  }

  /** Of two calls for a map key the later one counts: it was made as the earlier one had failed. */
  #index(): void {
    for (const call of this.#calls.slice(this.#indexed))
      for (const mapKey of call.mapKeys) this.#bySlot.set(mapKey, call);
    this.#indexed = this.#calls.length;
  }
}

function rowsByKey(mapKeys: readonly MapKey[]): ReadonlyMap<MapKey, readonly number[]> {
  const rows = new Map<MapKey, number[]>();
  for (const [row, mapKey] of mapKeys.entries()) getOrCreate(rows, mapKey, () => []).push(row);
  return rows;
}
