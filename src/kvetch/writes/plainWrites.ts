import { isRecord } from '../../utils/isRecord.ts';
import { indexKey } from '../codec/indexKey.ts';
import { encodeValue } from '../codec/objectBody.ts';
import { orderKey } from '../codec/orderKey.ts';
import { BadCallError } from '../errors.ts';
import { checkId } from '../ids/checkId.ts';
import { shardOfId, shardOfValue } from '../ids/routing.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { type EdgeRef, type EdgeType, followsObjects, type IndexRef, isDerived } from '../schema/KvetchSchema.ts';
import { CODEC_JSON, type EdgeRow, type EntryRow, LIVE, type RowState, TOMBSTONE } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';
import { checkEnds, type End } from './checkEnds.ts';
import { entryRow } from './derive.ts';
import { hitFaultPoint, publish } from './faults.ts';
import { entriesKey, listKey, putEdges, putEntries } from './putDerived.ts';

export interface EdgeInput {
  readonly fromId: string;
  readonly toId: string;
  /** Anything that can be stored. */
  readonly data?: unknown;
}

export interface IndexEntryInput {
  readonly value: unknown;
  readonly targetId: string;
}

/**
 * Inserts a plain edge, or replaces the data of one that is there: it keeps its place, but in an ordered list.
 * @throws WrongTypeError, NotFoundError about an end.
 */
export async function insertEdge(context: KvetchContext, ref: EdgeRef, input: EdgeInput): Promise<void> {
  await putPlainEdge(context, ref, input, LIVE);
}

/** Deletes a plain edge. One that is not there is no error. */
export async function deleteEdge(context: KvetchContext, ref: EdgeRef, input: Omit<EdgeInput, 'data'>): Promise<void> {
  await putPlainEdge(context, ref, input, TOMBSTONE);
}

/**
 * Inserts an entry of an index that is kept by hand.
 * @throws WrongTypeError, NotFoundError about the target.
 */
export async function insertIndexEntry(context: KvetchContext, ref: IndexRef, input: IndexEntryInput): Promise<void> {
  await putManualEntry(context, ref, input, LIVE);
}

/** Deletes an entry of an index that is kept by hand. One that is not there is no error. */
export async function deleteIndexEntry(context: KvetchContext, ref: IndexRef, input: IndexEntryInput): Promise<void> {
  await putManualEntry(context, ref, input, TOMBSTONE);
}

function plainEdge({ schema }: KvetchContext, ref: EdgeRef): EdgeType {
  const edge = schema.edge(ref);
  if (!isDerived(edge)) return edge;
  const type = schema.findType(edge.toTypeId)?.name;
  if (edge.storedIdAttr === null)
    throw new BadCallError(
      `The list of the index "${edge.name}" follows from objects of ${type}: update these instead.`,
    );
  throw new BadCallError(
    `The edge "${edge.name}" follows from ${type}.${edge.storedIdAttr}: update that attribute instead.`,
  );
}

/** A row by hand that is about to be written. */
export interface PlainWrite<TRow> {
  /** Names its edge or index for errors. */
  readonly place: string;
  readonly shard: number;
  /** They must be there. */
  readonly ends: readonly End[];
  readonly rowAt: (nowUs: number) => TRow;
}

/** Checks a write of a plain edge. Nothing is read yet. */
export function edgeWrite(
  context: KvetchContext,
  ref: EdgeRef,
  input: EdgeInput,
  state: RowState,
): PlainWrite<EdgeRow> {
  const edge = plainEdge(context, ref);
  const fromId = checkId(input.fromId, '"fromId"');
  const { data } = input;
  const hasData = state === LIVE && data !== undefined && data !== null;
  const body = hasData ? encodeValue(data, `The data of the edge "${edge.name}"`, context.limits.maxBodyBytes) : null;
  const toId = checkId(input.toId, '"toId"');
  const ends: readonly End[] = [
    { id: fromId, name: '"fromId"', typeId: edge.fromTypeId },
    { id: toId, name: '"toId"', typeId: edge.toTypeId },
  ];
  const shard = shardOfId(fromId);
  const key = edge.order === null ? undefined : orderKeyOf(edge, state === LIVE ? data : null);
  const rowAt = (nowUs: number): EdgeRow => ({
    edgeId: edge.edgeId,
    fromId,
    toId,
    shard,
    ...(key === undefined ? { pos: nowUs } : { pos: 0, key }),
    srcVersion: nowUs,
    state,
    createdUs: nowUs,
    updatedUs: nowUs,
    codec: body?.codec ?? CODEC_JSON,
    body: body?.json ?? null,
    record: null,
  });
  return { place: `The edge "${edge.name}"`, shard, ends: state === LIVE ? ends : [], rowAt };
}

async function putPlainEdge(context: KvetchContext, ref: EdgeRef, input: EdgeInput, state: RowState): Promise<void> {
  const { place, ends, rowAt } = edgeWrite(context, ref, input, state);
  const check = ends.length > 0 ? checkEnds(context, place, ends) : null;
  const { edgeId, fromId, toId } = rowAt(0);
  await context.lines.pass(`e:${edgeId}:${fromId}:${toId}`, check);
  const row = rowAt(context.nowUs());
  const keys = [listKey(row)];
  const note = context.outbox.note(row.shard, keys, false);
  throwFirst(await putEdges(context, [row], { stamped: true, noteOf: () => note }));
  await hitFaultPoint(context, 'afterEdge');
  const kind = state === LIVE ? 'insertEdge' : 'deleteEdge';
  await publish(context, { kind, keys }, [note]);
}

/** The place of an edge by its data, which may be anything that has the attributes of the order. */
export function orderKeyOf({ name, order }: EdgeType, data: unknown): string {
  return orderKey(order ?? [], isRecord(data) ? data : {}, `The data of the edge "${name}"`);
}

/** Checks a write of an entry of an index that is kept by hand. */
export function entryWrite(
  context: KvetchContext,
  ref: IndexRef,
  input: IndexEntryInput,
  state: RowState,
): PlainWrite<EntryRow> {
  const index = context.schema.index(ref);
  if (followsObjects(index)) {
    const type = context.schema.findType(index.typeId)?.name;
    const names = (index.list?.source?.attrs ?? index.attrs).map(({ attr }) => `${type}.${attr}`).join(' and ');
    throw new BadCallError(
      names === ''
        ? `The index "${index.name}" lists all objects of ${type}: create or delete them instead.`
        : `The index "${index.name}" follows from ${names}: update that attribute instead.`,
    );
  }
  const value = indexKey(index.kind, input.value, `The value of the index "${index.name}"`);
  const id = checkId(input.targetId, '"targetId"');
  const end: End = { id, name: '"targetId"', typeId: index.typeId };
  const rowAt = (nowUs: number): EntryRow => entryRow({ index, value }, { id, version: nowUs, nowUs }, state);
  const ends = state === LIVE ? [end] : [];
  return { place: `The index "${index.name}"`, shard: shardOfValue(value), ends, rowAt };
}

async function putManualEntry(
  context: KvetchContext,
  ref: IndexRef,
  input: IndexEntryInput,
  state: RowState,
): Promise<void> {
  const { place, ends, rowAt } = entryWrite(context, ref, input, state);
  const check = ends.length > 0 ? checkEnds(context, place, ends) : null;
  const { index, targetId, value } = rowAt(0);
  await context.lines.pass(`i:${index}:${targetId}:${value}`, check);
  const row = rowAt(context.nowUs());
  const keys = [entriesKey(row)];
  const note = context.outbox.note(row.shard, keys, false);
  throwFirst(await putEntries(context, [row], { stamped: true, noteOf: () => note }));
  await hitFaultPoint(context, 'afterIndex');
  const kind = state === LIVE ? 'insertIndexEntry' : 'deleteIndexEntry';
  await publish(context, { kind, keys }, [note]);
}

function throwFirst(answers: ReadonlyArray<Entry<unknown>>): void {
  for (const answer of answers) if (answer instanceof Error) throw answer;
}
