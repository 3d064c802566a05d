import { appendAll } from '../../../utils/appendAll.ts';
import { propertiesOf } from '../../../utils/propertiesOf.ts';
import { FollowError } from '../errors.ts';
import type { ChangedRow, RowChange } from '../RowChange.ts';

type Properties = Readonly<Record<string, unknown>>;

const kinds: Readonly<Record<string, RowChange['kind']>> = { c: 'insert', u: 'update', d: 'delete', t: 'table' };
/** Snapshots have such rows between their first and their last one; incremental snapshots have no others. */
const innerRows = new Set<unknown>(['true', true, 'incremental']);
const REMEDY =
  'Set debezium.format.value=json, write nothing else to this stream or URL, and leave out transforms like ExtractNewRecordState.';

/**
 * Reads the value of a message: an event in JSON with its schema or without, or a CloudEvent. A tombstone (null) brings
 * nothing, since its delete came before it; so do heartbeats, the ends of transactions, and messages of PostgreSQL.
 *
 * @throws FollowError if it may be a change and cannot be read as one.
 */
export function changesOfMessage(text: string): readonly RowChange[] {
  return changesOfValue(parse(text));
}

/**
 * Reads a message, or a list of messages: the HTTP sink sends one with `debezium.sink.http.batch.enabled`.
 *
 * @throws FollowError if one of them may be a change and cannot be read as one.
 */
export function changesOfMessages(text: string): readonly RowChange[] {
  const value = parse(text);
  return Array.isArray(value) ? value.flatMap(changesOfValue) : changesOfValue(value);
}

/** Reads messages one by one. Null: one of them cannot be read, and nobody knows whether it is a change. */
export function changesOfAll<TMessage>(
  messages: readonly TMessage[],
  read: (message: TMessage) => readonly RowChange[],
  nameOf: (message: TMessage) => string,
  onError: (error: unknown) => void,
): readonly RowChange[] | null {
  const changes: RowChange[] = [];
  let isReadable = true;
  for (const message of messages) {
    try {
      appendAll(changes, read(message));
    } catch (error) {
      if (!(error instanceof FollowError)) throw error;
      isReadable = false;
      const text = `All clients fetch again, because of ${nameOf(message)}. ${error.message}`;
      onError(new FollowError('FOLLOW_MESSAGE', text, { cause: error.cause }));
    }
  }
  return isReadable ? changes : null;
}

function changesOfValue(value: unknown): readonly RowChange[] {
  if (value === null) return [];
  const message = eventOf(propertiesOf(value));
  if (message === null) return [];
  const { op, before = null, after = null, source } = message;
  if (op === undefined) return withoutOp(message);
  if (op === 'm') return [];
  const place = placeOf(source);
  if (!isRow(before) || !isRow(after)) throw unreadable('its rows are no objects');
  if (op === 'r') return [{ ...place, ...ofSnapshot(source, after) }];
  const kind = typeof op === 'string' && Object.hasOwn(kinds, op) ? kinds[op] : undefined;
  if (kind === undefined) throw unreadable(`it has the unknown "op" ${JSON.stringify(op)}`);
  if ((kind === 'insert' || kind === 'update') && after === null) throw unreadable('it has no row "after"');
  return [{ ...place, kind, before: kind === 'insert' ? null : before, after: kind === 'delete' ? null : after }];
}

/** Integers that a number cannot hold become texts: a key of a rounded one is another key. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (!/\d{16}/.test(text)) return value;
    // Only in JSON: a text that does not end would be looked through again and again.
    return JSON.parse(
      text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
        /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
      ),
    );
  } catch (error) {
    throw unreadable('it is no JSON', error);
  }
}

/** The event in a message; null: a tombstone with its schema. */
function eventOf(message: Properties): Properties | null {
  if (typeof message.specversion === 'string') return ofCloudEvent(message);
  if (!('schema' in message && 'payload' in message)) return message;
  return message.payload === null ? null : propertiesOf(message.payload);
}

/** A CloudEvent has the rows as its data, and the rest as its attributes. */
function ofCloudEvent(message: Properties): Properties {
  const data = propertiesOf(message.data);
  const rows = 'schema' in data && 'payload' in data ? propertiesOf(data.payload) : data;
  const { iodebeziumop: op, iodebeziumdb: db, iodebeziumschema: schema, iodebeziumtable: table } = message;
  return op === undefined ? rows : { ...rows, op, source: { db, schema, table, snapshot: message.iodebeziumsnapshot } };
}

/** A change of tables themselves, a heartbeat, or the beginning or end of a transaction. */
function withoutOp(message: Properties): readonly RowChange[] {
  const { ddl, tableChanges, databaseName, status, id } = message;
  if (Array.isArray(tableChanges)) return tableChanges.map((change) => tableOf(propertiesOf(change).id, databaseName));
  const isTransaction = (status === 'BEGIN' || status === 'END') && typeof id === 'string';
  const isHeartbeat = 'ts_ms' in message && Object.keys(message).every((name) => name.startsWith('ts_'));
  if (isTransaction || isHeartbeat) return [];
  throw unreadable(ddl === undefined ? 'it has no "op"' : 'it has "ddl" without "tableChanges"');
}

/** `"shop"."orders"`, or with a schema `"shop"."public"."orders"`. */
function tableOf(id: unknown, databaseName: unknown): RowChange {
  const names = [...String(id).matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) => name.replaceAll('""', '"'));
  const [database, ...rest] = names.length > 1 ? names : [databaseName, ...names];
  if (names.length === 0 || typeof database !== 'string') throw unreadable('it names no table');
  return { database, table: rest.join('.'), kind: 'table', before: null, after: null };
}

/** Rows that were deleted are not in a snapshot: its table is as good as a new one. */
function ofSnapshot(source: unknown, after: ChangedRow | null): Pick<RowChange, 'kind' | 'before' | 'after'> {
  const isInner = after !== null && innerRows.has(propertiesOf(source).snapshot);
  return { kind: isInner ? 'update' : 'table', before: null, after: isInner ? after : null };
}

function placeOf(source: unknown): Pick<RowChange, 'database' | 'table'> {
  const { db, schema, table } = propertiesOf(source);
  if (typeof db !== 'string' || typeof table !== 'string') throw unreadable('it names no table');
  return { database: db, table: typeof schema === 'string' ? `${schema}.${table}` : table };
}

function isRow(value: unknown): value is ChangedRow | null {
  return typeof value === 'object' && !Array.isArray(value);
}

function unreadable(reason: string, cause?: unknown): FollowError {
  return new FollowError('FOLLOW_MESSAGE', `This is no change as Debezium writes it: ${reason}. ${REMEDY}`, { cause });
}
