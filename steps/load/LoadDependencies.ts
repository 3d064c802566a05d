import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import { type Slot, slotOf } from './slots.ts';

/** The recorded dependencies of one call's entries. */
interface CallDependencies {
  readonly slots: readonly Slot[];
  readonly columns: Parameters<RecordDependencies>[];
  /** Entries were handed out: later records go to the step that made the call. */
  isOver: boolean;
  /** The dependencies of each slot's entry; `rest` are those of all. Made when another step asks for some of the slots. */
  bySlot: { readonly of: ReadonlyMap<Slot, readonly string[]>; readonly rest: readonly string[] } | null;
}

/**
 * The dependencies of a loader's entries, in one request. A key is loaded once, but each step that asks for it has the
 * dependencies of its entry. The step that made a call takes all records of the call as they were made.
 */
export class LoadDependencies {
  readonly #calls: CallDependencies[] = [];
  readonly #bySlot = new Map<Slot, CallDependencies>();
  /** How many calls are in it. */
  #indexed = 0;

  /** Takes the records of a call for these slots. */
  recorder(slots: readonly Slot[], extra: ExecuteExtra): RecordDependencies {
    const call: CallDependencies = { slots, columns: [], isOver: false, bySlot: null };
    this.#calls.push(call);
    return (prefix, names, keys) => {
      if (call.isOver) extra.recordDependencies(prefix, names);
      else call.columns.push([prefix, names, keys]);
    };
  }

  /**
   * Hands entries on, and records the dependencies of a step's rows when they are there. `isOneCall`: a call for these very
   * slots recorded all of them.
   */
  tellWith<T>(entries: T, slots: readonly Slot[], extra: ExecuteExtra, isOneCall: boolean): T | Promise<unknown> {
    const tell = <U>(found: U): U => {
      this.#tell(slots, extra, isOneCall);
      return found;
    };
    return isPromiseLike(entries) ? Promise.resolve(entries).then(tell) : tell(entries);
  }

  #tell(slots: readonly Slot[], extra: ExecuteExtra, isOneCall: boolean): void {
    // Mostly a step has asked for all of its rows in one call of its own.
    const own = extra.isShared || !isOneCall ? undefined : this.#calls.find((call) => call.slots === slots);
    if (own === undefined) return this.#tellBySlot(slots, extra);
    own.isOver = true;
    for (const [prefix, names] of own.columns) extra.recordDependencies(prefix, names);
  }

  #tellBySlot(slots: readonly Slot[], extra: ExecuteExtra): void {
    this.#index();
    const rowsOf = new Map<CallDependencies, number[]>();
    for (const [row, slot] of slots.entries()) {
      const call = this.#bySlot.get(slot);
      if (call !== undefined) getOrCreate(rowsOf, call, () => []).push(row);
    }
    for (const [call, rows] of rowsOf) {
      call.isOver = true;
      // Rows of several requests are told apart. Otherwise a step that asks for a whole call takes its records as they are.
      if (!extra.isShared && new Set(rows.map((row) => slots[row])).size === call.slots.length) {
        for (const [prefix, names] of call.columns) extra.recordDependencies(prefix, names);
        continue;
      }
      const { of, rest } = bySlot(call);
      for (const row of rows) {
        for (const dependency of of.get(itemAt(slots, row)) ?? []) extra.recordDependency(dependency, row);
      }
      extra.recordDependencies('', rest);
    }
  }

  #index(): void {
    for (const call of this.#calls.slice(this.#indexed)) for (const slot of call.slots) this.#bySlot.set(slot, call);
    this.#indexed = this.#calls.length;
  }
}

/** Of a call that is over. */
function bySlot(call: CallDependencies): NonNullable<CallDependencies['bySlot']> {
  if (call.bySlot !== null) return call.bySlot;
  const of = new Map<Slot, string[]>(call.slots.map((slot) => [slot, []]));
  const rest: string[] = [];
  for (const [prefix, names, keys] of call.columns) {
    for (const [at, name] of names.entries()) {
      const key = keys?.[at];
      ((key === undefined ? undefined : of.get(slotOf(key))) ?? rest).push(prefix + name);
    }
  }
  call.bySlot = { of, rest };
  return call.bySlot;
}
