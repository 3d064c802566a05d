import type { ScanOrder, ScanRequest } from '../shards/ShardStore.ts';
import { idLiteral, integer } from './literals.ts';

/** A column by whose values rows are ordered, and its literal for a value of a page's mark. */
export interface KeyColumn {
  readonly name: string;
  readonly literalOf: (value: string) => string;
}

/** The columns of an index, in its order. */
export type ScanKey = Readonly<Record<ScanOrder, readonly KeyColumn[]>>;

export const numberColumn = (name: string): KeyColumn => ({
  name,
  literalOf: (value) => String(integer(Number(value))),
});
export const idColumn = (name: string): KeyColumn => ({ name, literalOf: idLiteral });
const updated: KeyColumn = numberColumn('updated_us');

/** The columns of a primary key, and those of the index by time. */
export function scanKeys(key: readonly KeyColumn[], behindTime: readonly KeyColumn[] = key): ScanKey {
  return { key, time: [updated, ...behindTime] };
}

/** The condition of a cleaner's window, or `null` when it is empty. */
export function scanWindow(request: ScanRequest, columns: readonly KeyColumn[]): string | null {
  const fromUs = Math.max(0, Math.ceil(request.fromUs));
  const toUs = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(request.toUs));
  if (!(fromUs <= toUs) || request.limit === 0) return null;
  const window = [
    `shard BETWEEN ${integer(request.fromShard)} AND ${integer(request.toShard)}`,
    `updated_us BETWEEN ${integer(fromUs)} AND ${integer(toUs)}`,
  ];
  const marks = request.after === null ? null : (JSON.parse(request.after) as ReadonlyArray<string | number>);
  if (marks !== null) window.push(`(${behind(columns, marks.map(String))})`);
  return window.join(' AND ');
}

/** Behind a row, column by column, the longest prefix first: a comparison of rows would not use the index. */
function behind(columns: readonly KeyColumn[], marks: readonly string[]): string {
  const literals = columns.map(({ literalOf }, at) => literalOf(marks[at] ?? ''));
  const ranges = columns.map(({ name }, at) => {
    const equal = columns.slice(0, at).map((column, i) => `${column.name} = ${literals[i]}`);
    return [...equal, `${name} > ${literals[at]}`].join(' AND ');
  });
  return ranges.reverse().join(' OR ');
}
