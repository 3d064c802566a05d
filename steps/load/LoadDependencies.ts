import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { Eventual } from '../../src/utils/Eventual.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import { allSlots, type Slot, type Slots, slotOf, slotsOf } from './slots.ts';

type Entries = readonly unknown[];

/** The dependencies of each slot's entry, and those of all. */
interface DependenciesBySlot {
  readonly of: ReadonlyMap<Slot, readonly string[]>;
  readonly rest: readonly string[];
}

/** The recorded dependencies of one call's entries. */
export class CallRecords {
  readonly #slots: Slots;
  readonly #columns: Parameters<RecordDependencies>[] = [];
  /** The step that was first given entries: later records are its own. */
  #heir: ExecuteExtra | null = null;
  /** Made when another step asks for some of the slots. */
  #bySlot: DependenciesBySlot | null = null;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  get slots(): readonly Slot[] {
    return allSlots(this.#slots);
  }

  readonly record: RecordDependencies = (prefix, names, keys) => {
    if (this.#heir === null) this.#columns.push([prefix, names, keys]);
    else this.#heir.recordDependencies(prefix, names);
  };

  /** Records all of it for a step, as it was recorded here. `slots` by row. */
  tellAll(extra: ExecuteExtra, slots: () => readonly Slot[]): void {
    this.#heir ??= extra;
    let rows: ReadonlyMap<Slot, readonly number[]> | null = null;
    for (const [prefix, names, keys] of this.#columns) {
      if (keys === null) extra.recordDependencies(prefix, names);
      else {
        extra.recordDependencies(prefix, names, (at) => {
          rows ??= rowsBySlot(slots());
          return keys[at] === undefined ? null : (rows.get(slotOf(keys[at])) ?? null);
        });
      }
    }
  }

  /** Records the dependencies of some entries for rows of a step: `slots` by row. */
  tellRows(rows: readonly number[], slots: readonly Slot[], extra: ExecuteExtra): void {
    this.#heir ??= extra;
    this.#bySlot ??= this.#divide();
    const { of, rest } = this.#bySlot;
    for (const row of rows) {
      for (const dependency of of.get(itemAt(slots, row)) ?? []) extra.recordDependency(dependency, row);
    }
    extra.recordDependencies('', rest);
  }

  #divide(): DependenciesBySlot {
    const of = new Map<Slot, string[]>(this.slots.map((slot) => [slot, []]));
    const rest: string[] = [];
    for (const [prefix, names, keys] of this.#columns) {
      for (const [at, name] of names.entries()) {
        const key = keys?.[at];
        ((key === undefined ? undefined : of.get(slotOf(key))) ?? rest).push(prefix + name);
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
  readonly #bySlot = new Map<Slot, CallRecords>();
  /** How many calls are in it. */
  #indexed = 0;

  /** Takes the records of a call for these slots, in its turn or ahead. */
  begin(slots: Slots): CallRecords {
    const call = new CallRecords(slots);
    this.#calls.push(call);
    return call;
  }

  /**
   * Hands entries on, and records the dependencies of a step's rows when they are there. `isOneCall`: a call for these very
   * slots recorded all of them.
   */
  tellWith(
    entries: MaybePromise<Entries>,
    slots: readonly Slot[],
    extra: ExecuteExtra,
    isOneCall: boolean,
  ): MaybePromise<Entries> {
    const tell = (found: Entries): Entries => {
      // Mostly a step has asked for all of its rows in one call of its own.
      const own = isOneCall ? this.#calls.find((call) => call.slots === slots) : undefined;
      this.#tell(own ?? null, () => slots, extra);
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
    this.#tell(own, () => slotsOf(keys), extra);
  }

  #tell(own: CallRecords | null, slots: () => readonly Slot[], extra: ExecuteExtra): void {
    // Rows of several requests are told apart.
    if (own === null || extra.isShared) this.#tellBySlot(slots(), extra);
    else own.tellAll(extra, slots);
  }

  #tellBySlot(slots: readonly Slot[], extra: ExecuteExtra): void {
    this.#index();
    const rowsOf = new Map<CallRecords, number[]>();
    for (const [row, slot] of slots.entries()) {
      const call = this.#bySlot.get(slot);
      if (call !== undefined) getOrCreate(rowsOf, call, () => []).push(row);
    }
    for (const [call, rows] of rowsOf) {
      const isWhole = !extra.isShared && new Set(rows.map((row) => slots[row])).size === call.slots.length;
      if (isWhole) call.tellAll(extra, () => slots);
      else call.tellRows(rows, slots, extra);
    }
  }

  /** Of two calls for a slot the later one counts: it was made as the earlier one had failed. */
  #index(): void {
    for (const call of this.#calls.slice(this.#indexed)) for (const slot of call.slots) this.#bySlot.set(slot, call);
    this.#indexed = this.#calls.length;
  }
}

function rowsBySlot(slots: readonly Slot[]): ReadonlyMap<Slot, readonly number[]> {
  const rows = new Map<Slot, number[]>();
  for (const [row, slot] of slots.entries()) getOrCreate(rows, slot, () => []).push(row);
  return rows;
}
