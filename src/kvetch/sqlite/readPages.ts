import type { SqlValue } from './openDatabase.ts';
import type { Statements } from './Statements.ts';

/** SQLite's limit of terms in a compound SELECT is 500; beyond some dozens a statement only gets longer to prepare. */
const MAX_BRANCHES = 64;

/** One page of many: a SELECT with its own order and limit, and its values, without those of the pages before it. */
export interface PageQuery {
  /** The SELECT of one page; `?` for its values. The first column is `${at} AS n`. */
  readonly select: (at: number) => string;
  /** The values of a page that is not asked for: it must give no rows. */
  readonly none: readonly SqlValue[];
}

/** The place of a row's page or key in its batch. */
export interface Numbered {
  readonly n: number;
}

/**
 * Reads many pages with few statements: the pages of a chunk are branches of one UNION ALL. Chunks are filled up to
 * a power of two with empty pages, so that there are seven statements whatever the sizes of batches.
 */
export function readPages<TColumns, TRow>(
  statements: Statements,
  { select, none }: PageQuery,
  pages: ReadonlyArray<readonly SqlValue[]>,
  toRow: (row: TColumns) => TRow,
  compare: (a: TRow, b: TRow) => number,
): TRow[][] {
  const out = pages.map((): TRow[] => []);
  for (let start = 0; start < pages.length; start += MAX_BRANCHES) {
    const chunk = pages.slice(start, start + MAX_BRANCHES);
    const size = powerOfTwo(chunk.length);
    const branches = Array.from({ length: size }, (_, at) => `SELECT * FROM (${select(at)})`);
    const values = [...chunk, ...Array.from({ length: size - chunk.length }, () => none)].flat();
    for (const row of statements.all<TColumns & Numbered>(branches.join(' UNION ALL '), ...values)) {
      out[start + row.n]?.push(toRow(row));
    }
  }
  for (const page of out) page.sort(compare); // the order of a UNION ALL is not promised
  return out;
}

function powerOfTwo(least: number): number {
  let size = 1;
  while (size < least) size *= 2;
  return size;
}

/** A direction of reading, for pages in the order of ids. */
export interface IdWay {
  readonly than: '>' | '<';
  readonly order: 'ASC' | 'DESC';
  readonly sign: 1 | -1;
  /** A text before all ids. */
  readonly start: string;
}

const forward: IdWay = { than: '>', order: 'ASC', sign: 1, start: '' };
const backward: IdWay = { than: '<', order: 'DESC', sign: -1, start: 'g' };

/** Reads pages from their beginnings, and others from their ends: `read` is called once for each way that is wanted. */
export function readBothWays<TRequest extends { readonly reverse?: boolean }, TRow>(
  requests: readonly TRequest[],
  read: (some: readonly TRequest[], way: IdWay) => ReadonlyArray<readonly TRow[]>,
): ReadonlyArray<readonly TRow[]> {
  const back = requests.filter(({ reverse }) => reverse === true);
  if (back.length === 0) return read(requests, forward);
  const ahead = requests.filter(({ reverse }) => reverse !== true);
  const found = { ahead: read(ahead, forward).values(), back: read(back, backward).values() };
  return requests.map(({ reverse }) => (reverse === true ? found.back : found.ahead).next().value ?? []);
}
