import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { type Slot, slotOf } from './LoadCache.ts';
import type { LoadInfo } from './loader.ts';

/** What one call of a loader said that its entries depend on. */
interface CallDependencies {
  /** Said without a key, or of one that was not asked for. */
  readonly ofAll: string[];
  readonly ofSlot: Map<Slot, string[]>;
  /** Entries were handed out: what is said later is told to the step that made the call. */
  isOver: boolean;
}

/**
 * What the entries of a loader depend on, in one request. A key is loaded once, but each step that asks for it depends on
 * what its entry depends on.
 */
export class LoadDependencies {
  readonly #bySlot = new Map<Slot, CallDependencies>();

  /** Takes what a call for these slots says. */
  recorder(slots: readonly Slot[], extra: ExecuteExtra): LoadInfo['recordDependency'] {
    const call: CallDependencies = { ofAll: [], ofSlot: new Map(), isOver: false };
    const asked = new Set(slots);
    for (const slot of asked) this.#bySlot.set(slot, call);
    return (dependency, key) => {
      const slot = key === undefined ? undefined : slotOf(key);
      if (call.isOver) extra.recordDependency(dependency);
      else if (slot === undefined || !asked.has(slot)) call.ofAll.push(dependency);
      else this.note(dependency, slot);
    };
  }

  /** Of a slot that a call was made for. */
  note(dependency: string, slot: Slot): void {
    const call = this.#bySlot.get(slot);
    const known = call?.ofSlot.get(slot);
    if (known === undefined) call?.ofSlot.set(slot, [dependency]);
    else known.push(dependency);
  }

  /** Hands entries on, and tells a step what its rows depend on when they are there. */
  tellWith<T>(entries: T, slots: readonly Slot[], extra: ExecuteExtra): T | Promise<unknown> {
    const tell = <U>(found: U): U => {
      this.#tell(slots, extra);
      return found;
    };
    return isPromiseLike(entries) ? Promise.resolve(entries).then(tell) : tell(entries);
  }

  #tell(slots: readonly Slot[], extra: ExecuteExtra): void {
    const calls = new Set<CallDependencies>();
    for (const [row, slot] of slots.entries()) {
      const call = this.#bySlot.get(slot);
      if (call === undefined) continue;
      calls.add(call);
      for (const dependency of call.ofSlot.get(slot) ?? []) extra.recordDependency(dependency, row);
    }
    for (const call of calls) {
      call.isOver = true;
      for (const dependency of call.ofAll) extra.recordDependency(dependency);
    }
  }
}
