import type { AheadLoad } from '../link/linkAhead.ts';

/** The values of one step in which keys were looked for, in one run. The same values give the same keys again. */
export class SearchedValues {
  readonly #values = new Set<unknown>();
  /** The ids that were known before the values that have them. */
  readonly #ids = new Set<unknown>();
  /** Loads that did not look at all of it. */
  #leftOut: Set<AheadLoad> | null = null;

  /** Those that were not searched before; from now on they were. */
  others(values: readonly unknown[]): readonly unknown[] {
    const seen = this.#values;
    const { size } = seen;
    for (const value of values) seen.add(value);
    if (seen.size === size + values.length) return values;
    if (seen.size === size) return NOTHING;
    return [...seen].slice(size);
  }

  /** Ids are known, in lists under a name. */
  toldIds(values: readonly unknown[], list: string | null): void {
    if (list === null) return;
    for (const value of values) for (const item of itemsIn(value, list)) this.#ids.add(item?.id);
  }

  /** Whether a load has all its keys from ids that were known early. */
  knowsIdsIn({ idsOf }: AheadLoad, values: readonly unknown[]): boolean {
    if (idsOf === null || this.#ids.size === 0) return false;
    for (const value of values) for (const item of itemsIn(value, idsOf)) if (!this.#ids.has(item?.id)) return false;
    return true;
  }

  leaveOut(load: AheadLoad): void {
    this.#leftOut ??= new Set();
    this.#leftOut.add(load);
  }

  hasLeftOut(load: AheadLoad): boolean {
    return this.#leftOut?.has(load) === true;
  }
}

const NOTHING: readonly never[] = [];

type Item = { readonly id?: unknown } | null;

/** Of pages that a store gave: plain objects. */
function itemsIn(page: unknown, list: string): readonly Item[] {
  const items: unknown = typeof page === 'object' && page !== null ? Reflect.get(page, list) : null;
  return Array.isArray(items) ? items : NOTHING;
}
