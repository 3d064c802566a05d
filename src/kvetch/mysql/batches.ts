import { appendAll } from '../../utils/appendAll.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { mapEntries } from '../reads/attempt.ts';
import { chunksOf, inWindow } from '../shards/chunks.ts';
import type { Entry } from '../shards/ShardStore.ts';
import type { Turn } from './ConnectionGate.ts';
import type { Snapshot } from './Fence.ts';
import type { FencedServer } from './FencedServer.ts';
import type { MysqlServer } from './MysqlServer.ts';
import { numberAt, type RowTable, type SqlRow, type TableColumns } from './rowMapping.ts';
import { isEntrysFault, toFailure } from './serverErrors.ts';
import { epochAmongNulls, selectWithEpoch } from './shardStates.ts';

/** Beyond some dozens of branches a statement only gets longer to parse; chunks run side by side over the pool. */
export const MAX_BRANCHES = 50;

/** Opens the database, prepares each entry and runs the batch of those that can be; the others are their own errors. */
export async function runValidEntries<TKey, TIn, TOut>(
  to: FencedServer,
  keys: readonly TKey[],
  prepare: (key: TKey) => TIn,
  run: (prepared: readonly TIn[]) => Promise<ReadonlyArray<Entry<TOut>>>,
): Promise<ReadonlyArray<Entry<TOut>>> {
  await to.open();
  const prepared = mapEntries(keys, prepare);
  const good = prepared.filter((entry): entry is Exclude<typeof entry, Error> => !(entry instanceof Error));
  if (good.length === 0) return prepared as readonly Error[];
  const answers = await run(good);
  if (good.length === keys.length) return answers;
  let next = 0;
  return prepared.map((entry) => (entry instanceof Error ? entry : itemAt(answers, next++)));
}

/** So many chunks of a batch are under way or wait for a connection at a time: a long batch is not written out at once. */
const WINDOW = 32;
/** So many chunks go before those of longer batches. */
const FIRST_CHUNKS = 4;

/** Runs chunks side by side; one that fails is the error of its own entries. */
export async function inChunks<TIn, TOut>(
  items: readonly TIn[],
  size: number,
  run: (chunk: readonly TIn[], turn: Turn) => Promise<ReadonlyArray<Entry<TOut>>>,
): Promise<ReadonlyArray<Entry<TOut>>> {
  const runOne = (chunk: readonly TIn[], turn: Turn): Promise<ReadonlyArray<Entry<TOut>>> =>
    run(chunk, turn).catch((error: unknown) => {
      const failure = toFailure(error);
      return chunk.map(() => failure);
    });
  if (items.length <= size) return items.length === 0 ? [] : runOne(items, 'first');
  return inWindow(chunksOf(items, size), WINDOW, (chunk, at) => runOne(chunk, at < FIRST_CHUNKS ? 'first' : 'later'));
}

/** The SELECT of a page for its place in a batch; `null` when the page is empty anyway. */
export interface PageSelect<TRow> {
  readonly select: ((at: number) => string) | null;
  /** Reads a row of it from column `at` on. */
  readonly toRow: (row: SqlRow, at: number) => TRow;
}

/** A page of a list or of a value, all of whose rows live on one shard. */
export interface PageOfShard<TRow> extends PageSelect<TRow> {
  readonly shard: number;
}

/**
 * Reads pages with one statement: they are the branches of a UNION ALL, each with its own order and limit and its place
 * as the first column. The last branch is no page but one row of NULLs (of the columns' own types, where other NULLs would
 * change these), and its place is the epoch of the server, made negative.
 */
export async function readBranches<TRow>(
  server: MysqlServer,
  pages: ReadonlyArray<PageSelect<TRow>>,
  table: TableColumns,
  compare: (a: TRow, b: TRow) => number,
  turn: Turn,
): Promise<Snapshot<readonly TRow[]>> {
  const branches = pages.flatMap(({ select }, at) => (select === null ? [] : [select(at)]));
  const answers = pages.map((): TRow[] => []);
  const epoch = await readPlaced(server, branches, table, turn, (at, row) =>
    itemAt(answers, at).push(itemAt(pages, at).toRow(row, 1)),
  );
  for (const page of answers) page.sort(compare); // the order of a UNION ALL is not promised
  return { epoch, answers };
}

/** Shows each row of some branches with the place that is its first column. Returns the epoch. */
async function readPlaced(
  server: MysqlServer,
  branches: readonly string[],
  { table, columns, nothing, areBytes = false }: TableColumns,
  turn: Turn,
  visit: (at: number, row: SqlRow) => void,
): Promise<number> {
  const place = (epoch: string): string => `-${epoch} AS n, `;
  const epochBranch = areBytes ? epochAmongNulls(columns, place) : selectWithEpoch(table, columns, nothing, place);
  const sql = [...branches, epochBranch].map((text) => `(${text})`).join(' UNION ALL ');
  let epoch = 0;
  for (const row of await server.read((session) => session.rows(sql), turn)) {
    const at = numberAt(row, 0);
    if (at < 0) epoch = -at;
    else visit(at, row);
  }
  return epoch;
}

/** A row that is looked for by its key. */
export interface RowOfKey {
  readonly shard: number;
  /** Where it may be: literals, in the order of the columns of the key. */
  readonly places: ReadonlyArray<readonly string[]>;
}

/**
 * Reads single rows by unique keys. The keys are a table of constants to which the table is joined, one look-up each: a
 * branch of a UNION ALL for each key takes a server five times as long, a list of tuples is looked through where MariaDB
 * finds it short.
 */
export async function readByKeys<TRow>(
  { server, fence }: FencedServer,
  keys: readonly RowOfKey[],
  keyColumns: readonly string[],
  table: RowTable<TRow>,
  size: number,
): Promise<ReadonlyArray<Entry<TRow | null>>> {
  const on = keyColumns.map((column) => `t.${column} = k.${column}`).join(' AND ');
  const columns = table.columns
    .split(', ')
    .map((column) => `t.${column}`)
    .join(', ');
  const readChunk = async (chunk: readonly RowOfKey[], turn: Turn): Promise<Snapshot<TRow | null>> => {
    const answers = chunk.map((): TRow | null => null);
    const places = chunk.flatMap(({ places: own }, at) => own.map((values) => [String(at), ...values]));
    const names = ['n', ...keyColumns];
    const constants = places.map((values, at) =>
      at === 0 ? values.map((value, i) => `${value} AS ${names[i]}`).join(', ') : values.join(', '),
    );
    const wanted = constants.map((values) => `SELECT ${values}`).join(' UNION ALL ');
    const branch = `SELECT k.n, ${columns} FROM (${wanted}) k STRAIGHT_JOIN ${table.table} t ON ${on}`;
    const epoch = await readPlaced(server, [branch], table, turn, (at, row) => {
      answers[at] = table.toRow(row, 1);
    });
    return { epoch, answers };
  };
  return inChunks(keys, size, (chunk, turn) =>
    fence.read(
      chunk,
      ({ shard }) => shard,
      () => readChunk(chunk, turn),
    ),
  );
}

/** Reads many pages, each of one shard, with few statements. */
export function readPages<TRow>(
  { server, fence }: FencedServer,
  pages: ReadonlyArray<PageOfShard<TRow>>,
  table: TableColumns,
  compare: (a: TRow, b: TRow) => number,
): Promise<ReadonlyArray<Entry<readonly TRow[]>>> {
  return inChunks(pages, MAX_BRANCHES, (chunk, turn) =>
    fence.read(
      chunk,
      ({ shard }) => shard,
      () => readBranches(server, chunk, table, compare, turn),
    ),
  );
}

/** More are written one part after the other, so that other writes come in between. */
const MAX_PART = 1000;

/**
 * Writes a batch in one go, a long one in parts, and when one of its entries is at fault, in halves, until that one
 * stands alone. Any other failure is the error of the entries that were under way.
 */
export async function bisectOnError<TIn, TOut>(
  batch: readonly TIn[],
  run: (part: readonly TIn[]) => Promise<ReadonlyArray<Entry<TOut>>>,
  alone: (entry: TIn, error: unknown) => Promise<Entry<TOut>> = async (_, error) => toFailure(error),
): Promise<ReadonlyArray<Entry<TOut>>> {
  if (batch.length > MAX_PART) {
    const answers: Entry<TOut>[] = [];
    for (const part of chunksOf(batch, MAX_PART)) appendAll(answers, await bisectOnError(part, run, alone));
    return answers;
  }
  try {
    return await run(batch);
  } catch (error) {
    if (!isEntrysFault(error)) return batch.map(() => toFailure(error));
    if (batch.length === 1) {
      return [await alone(itemAt(batch, 0), error).catch((later: unknown) => toFailure(later))];
    }
    const half = batch.length >> 1; // one half after the other: of two rows with one key the first is first
    const first = await bisectOnError(batch.slice(0, half), run, alone);
    return [...first, ...(await bisectOnError(batch.slice(half), run, alone))];
  }
}
