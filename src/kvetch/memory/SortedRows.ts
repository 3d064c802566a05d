/**
 * Rows in order, in an array: appending is cheap, as for new ids and new edges; a row in the middle moves
 * those behind it.
 */
export class SortedRows<TRow> {
  readonly rows: TRow[] = [];
  readonly #compare: (a: TRow, b: TRow) => number;

  constructor(compare: (a: TRow, b: TRow) => number) {
    this.#compare = compare;
  }

  /** Puts a row in its place, instead of one that compares equal. */
  put(row: TRow): void {
    const { rows } = this;
    const last = rows.at(-1);
    if (last === undefined || this.#compare(last, row) < 0) {
      rows.push(row);
      return;
    }
    const at = this.#lowerBound(row);
    const there = rows[at];
    rows.splice(at, there !== undefined && this.#compare(there, row) === 0 ? 1 : 0, row);
  }

  remove(row: TRow): void {
    const at = this.#lowerBound(row);
    const there = this.rows[at];
    if (there !== undefined && this.#compare(there, row) === 0) this.rows.splice(at, 1);
  }

  /** At most `limit` rows from the first for which `isBehind` holds; rows before it must all fail it. */
  page(isBehind: ((row: TRow) => boolean) | null, limit: number): readonly TRow[] {
    const from = isBehind === null ? 0 : this.#firstWhere(isBehind);
    return this.rows.slice(from, from + limit);
  }

  /** At most `limit` rows, the last one first, of those before the first for which `isFrom` holds. */
  pageBefore(isFrom: ((row: TRow) => boolean) | null, limit: number): readonly TRow[] {
    const to = isFrom === null ? this.rows.length : this.#firstWhere(isFrom);
    return this.rows.slice(Math.max(0, to - limit), to).reverse();
  }

  /** The number of rows before the first for which `isFrom` holds. */
  countBefore(isFrom: (row: TRow) => boolean): number {
    return this.#firstWhere(isFrom);
  }

  #firstWhere(holds: (row: TRow) => boolean): number {
    const { rows } = this;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(rows[middle] as TRow))
        high = middle; // in range by the loop's bounds
      else low = middle + 1;
    }
    return low;
  }

  #lowerBound(row: TRow): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.rows[middle] as TRow, row) < 0)
        low = middle + 1; // in range by the loop's bounds
      else high = middle;
    }
    return low;
  }
}
