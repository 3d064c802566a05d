import type { PlainLoad } from '../../step/PlainLoad.ts';
import type { StepContext } from '../driver/StepContext.ts';

/** The keys and answers of a load, for another one that may ask for the same. */
interface Asked {
  readonly load: PlainLoad;
  readonly family: number;
  readonly values: readonly unknown[];
  readonly entries: readonly unknown[];
}

/** Keys of a family that did not rise: its loads look at their shared state from then on. */
const SHARED = Symbol('shared');

/** The keys that a compiled run has asked loaders for without a look at their shared state (rule R23). By family; -1 is none. */
export class AskedKeys {
  readonly #context: () => StepContext;
  /** By family: the highest key so far, or `SHARED`. */
  #highest: unknown[] | null = null;
  #asked: Asked[] | null = null;

  /** `context`: the `extra` of loads that are told. */
  constructor(context: () => StepContext) {
    this.#context = context;
  }

  /** Whether the keys in the values of a call, which are to be loaded now, cannot have been asked for before. */
  areNew(family: number, load: PlainLoad, values: readonly unknown[]): boolean {
    if (family === -1) return load.areDistinct(values);
    this.#highest ??= [];
    const after = this.#highest[family];
    const highest = after === SHARED ? undefined : load.highestAbove(values, after);
    if (highest === undefined) return false;
    this.#highest[family] = highest;
    return true;
  }

  note(family: number, load: PlainLoad, values: readonly unknown[], entries: readonly unknown[]): void {
    if (family === -1) return;
    this.#asked ??= [];
    this.#asked.push({ load, family, values, entries });
  }

  /** Loads of a family look at their shared state from now on: their earlier loads are added to it. */
  share(family: number): void {
    if (family === -1) return;
    this.#highest ??= [];
    this.#highest[family] = SHARED;
    const asked = this.#asked ?? [];
    this.#asked = asked.filter((other) => other.family !== family);
    for (const { load, family: of, values, entries } of asked) {
      if (of === family) load.answered(values, () => entries, this.#context());
    }
  }

  shareAll(): void {
    for (const family of this.#highest?.keys() ?? []) this.share(family);
  }
}
