import { readEdgeRows, readEntryRows, readHolderRows } from '../cleaners/derivedRows.ts';
import { UnknownDefinitionError } from '../errors.ts';
import { shardOfId, shardOfValue } from '../ids/routing.ts';
import { asStored, type KvetchContext } from '../KvetchContext.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { followsObjects, isDerived } from '../schema/KvetchSchema.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { putEdges, putEntries } from '../writes/putDerived.ts';
import { settleRows } from '../writes/unit/settle.ts';
import type { TransferRow } from './rowLines.ts';

/** The result of an import, in rows. */
export interface ImportCounters {
  /** Rows that were looked at. */
  rows: number;
  /** Rows that were there already, as they are in the export. */
  same: number;
  written: number;
  /** Rows that are newer in the store than in the export: they were left alone. */
  newer: number;
  /** Edges and entries of a state that their object reached after it was exported: they were left out. */
  ahead: number;
  /** Rows that could not be written, as something else is in their place. */
  conflicts: number;
}

export function newImportCounters(): ImportCounters {
  return { rows: 0, same: 0, written: 0, newer: 0, ahead: 0, conflicts: 0 };
}

/** How rows of one kind are read, compared and written. */
interface Kind<TRow> {
  read(rows: readonly TRow[]): Batch<TRow | null>;
  /** The text that must be equal. */
  textOf(row: TRow): string;
  versionOf(row: TRow): number;
  write(
    rows: ReadonlyArray<{ readonly row: TRow; readonly found: TRow | null }>,
  ): Promise<ReadonlyArray<Entry<unknown>>>;
}

/**
 * Makes the store have these rows: reads the present ones, writes rows that differ and are not newer, and reads written
 * rows again. So it can be repeated, and finished work is not done again. Throws the first error of a server.
 */
export async function importRows(
  given: KvetchContext,
  rows: readonly TransferRow[],
  counters: ImportCounters,
): Promise<void> {
  const context = asStored(given);
  const objects: ObjectRow[] = [];
  const edges: EdgeRow[] = [];
  const plain: EntryRow[] = [];
  const unique: EntryRow[] = [];
  for (const one of rows) {
    // an id or value tells where a row lives, whatever the export has
    if (one.kind === 'object') objects.push({ ...one.row, shard: shardOfId(one.row.id) });
    else if (one.kind === 'edge') edges.push({ ...one.row, shard: shardOfId(one.row.fromId) });
    else {
      const index = context.schema.findIndex(one.row.index);
      if (index === null) throw new UnknownDefinitionError('index', one.row.index, ' The export has entries of it.');
      const row = { ...one.row, shard: shardOfValue(one.row.value) };
      if (!index.unique) plain.push(row);
      else if (row.state === LIVE) unique.push(row); // an entry that was given up has no part in it
    }
  }
  await importKind(objects, objectKind(context), counters);
  const isDerivedEdge = (row: EdgeRow): boolean => {
    const edge = context.schema.findEdge(row.edgeId);
    return edge !== null && isDerived(edge);
  };
  const isDerivedEntry = (row: EntryRow): boolean => {
    const index = context.schema.findIndex(row.index);
    return index !== null && followsObjects(index);
  };
  const ahead = new Set<EdgeRow | EntryRow>([
    ...(await rowsAhead(context, edges.filter(isDerivedEdge), ({ toId }) => toId)),
    ...(await rowsAhead(context, plain.filter(isDerivedEntry), ({ targetId }) => targetId)),
    ...(await rowsAhead(context, unique, ({ targetId }) => targetId, CONFIRMED)),
  ]);
  counters.rows += ahead.size;
  counters.ahead += ahead.size;
  const isKept = (row: EdgeRow | EntryRow): boolean => !ahead.has(row);
  await importKind(edges.filter(isKept), edgeKind(context), counters);
  await importKind(plain.filter(isKept), entryKind(context), counters);
  await importKind(unique.filter(isKept), uniqueKind(context), counters);
}

/** The version of a confirmed claim is so much above that of its object. */
const CONFIRMED = 1;

/** The rows that are above their object, where the store has it: they would win against all that cleaners write. */
async function rowsAhead<TRow extends EdgeRow | EntryRow>(
  context: KvetchContext,
  rows: readonly TRow[],
  objectOf: (row: TRow) => string,
  allowed = 0,
): Promise<readonly TRow[]> {
  const able = rows.filter(({ srcVersion }) => srcVersion > 1 + allowed); // no object is below 1
  if (able.length === 0) return [];
  const objects = await readObjectRows(context, able.map(objectOf));
  return able.filter(({ srcVersion }, at) => {
    const object = objects[at] ?? null;
    if (object instanceof Error) throw object;
    return object !== null && srcVersion > object.version + allowed;
  });
}

async function importKind<TRow>(rows: readonly TRow[], kind: Kind<TRow>, counters: ImportCounters): Promise<void> {
  if (rows.length === 0) return;
  const found = await kind.read(rows);
  const missing: Array<{ readonly row: TRow; readonly found: TRow | null }> = [];
  for (const [at, row] of rows.entries()) {
    const there = found[at] ?? null;
    if (there instanceof Error) throw there;
    if (there !== null && kind.textOf(there) === kind.textOf(row)) counters.same++;
    else if (there !== null && kind.versionOf(there) > kind.versionOf(row)) counters.newer++;
    else missing.push({ row, found: there });
  }
  counters.rows += rows.length;
  if (missing.length === 0) return;
  for (const answer of await kind.write(missing)) if (answer instanceof Error) throw answer;
  const written = await kind.read(missing.map(({ row }) => row));
  for (const [at, { row }] of missing.entries()) {
    const there = written[at] ?? null;
    if (there instanceof Error) throw there;
    if (there !== null && kind.textOf(there) === kind.textOf(row)) counters.written++;
    else counters.conflicts++;
  }
}

function objectKind(context: KvetchContext): Kind<ObjectRow> {
  return {
    async read(rows) {
      const ids = rows.map(({ id }) => id);
      return settleRows(context, await readObjectRows(context, ids));
    },
    textOf: ({ typeId, version, state, codec, body }) => JSON.stringify([typeId, version, state, codec, body]),
    versionOf: ({ version }) => version,
    async write(rows) {
      const inserted = await context.shards.scatter({
        keys: rows.filter(({ found }) => found === null).map(({ row }) => ({ row, edges: [] })),
        shardOf: ({ row }) => row.shard,
        call: (store, batch) => store.insertObjects(batch),
        effect: 'unknown',
      });
      const replaced = await context.shards.scatter({
        keys: rows.flatMap(({ row, found }) => (found === null ? [] : [{ row, expectedVersion: found.version }])),
        shardOf: ({ row }) => row.shard,
        call: (store, batch) => store.replaceObjects(batch),
        effect: 'unknown',
      });
      return [...inserted, ...replaced];
    },
  };
}

function edgeKind(context: KvetchContext): Kind<EdgeRow> {
  return {
    read: (rows) => readEdgeRows(context, rows),
    textOf: ({ pos, key, srcVersion, state, codec, body }) =>
      JSON.stringify([key ?? pos, srcVersion, state, codec, body]),
    versionOf: ({ srcVersion }) => srcVersion,
    write: async (rows) =>
      putEdges(
        context,
        rows.map(({ row }) => row),
      ),
  };
}

function entryKind(context: KvetchContext): Kind<EntryRow> {
  return {
    read: (rows) => readEntryRows(context, rows),
    textOf: ({ srcVersion, state }) => JSON.stringify([srcVersion, state]),
    versionOf: ({ srcVersion }) => srcVersion,
    write: async (rows) =>
      putEntries(
        context,
        rows.map(({ row }) => row),
      ),
  };
}

function uniqueKind(context: KvetchContext): Kind<EntryRow> {
  return {
    read: (rows) => readHolderRows(context, rows),
    textOf: ({ targetId, state }) => JSON.stringify([targetId, state]),
    versionOf: () => 0, // another holder is no newer version of this one
    write: async (rows) =>
      context.shards.scatter({
        keys: rows.map(({ row }) => ({ row, replaces: null })),
        shardOf: ({ row }) => row.shard,
        call: (store, batch) => store.claimEntries(batch),
        effect: 'unknown',
      }),
  };
}
