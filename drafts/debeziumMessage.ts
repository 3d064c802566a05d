import { propertiesOf } from '../../../utils/propertiesOf.ts';
import { FollowError } from '../errors.ts';
import type { ChangedRow, RowChange } from '../RowChange.ts';

/** What a message of Debezium tells. `snapshot`: a row as it is, of a table that is read from its beginning. */
export type Message = { readonly changes: readonly RowChange[] } | 'snapshot';

const kinds: Readonly<Record<string, RowChange['kind']>> = { c: 'insert', u: 'update', d: 'delete', t: 'table' };
const nothing: Message = { changes: [] };

/**
 * Reads the value of a message, with its schema or without. A tombstone (null) brings nothing, as its delete came before it;
 * so do heartbeats, the ends of transactions, and texts of `pg_logical_emit_message`.
 *
 * @throws FollowError if it may be a change and cannot be read as one.
 */
export function changesOfMessage(value: unknown): Message {
  if (value === null) return nothing;
  const outer = propertiesOf(value);
  const message = 'schema' in outer && 'payload' in outer ? propertiesOf(outer.payload) : outer;
  if (outer.payload === null) return nothing;
  const { op, before = null, after = null, source } = message;
  if (op === undefined) return withoutOp(message);
  if (op === 'm') return nothing;
  if (op === 'r') return propertiesOf(source).snapshot === 'incremental' ? nothing : 'snapshot';
  const place = placeOf(source);
  const kind = typeof op === 'string' && Object.hasOwn(kinds, op) ? kinds[op] : undefined;
  if (kind === undefined || place === null || !isRow(before) || !isRow(after)) throw unreadable();
  return {
    changes: [{ ...place, kind, before: kind === 'insert' ? null : before, after: kind === 'delete' ? null : after }],
  };
}

/** A change of tables themselves, a heartbeat, or the beginning or end of a transaction. */
function withoutOp(message: Readonly<Record<string, unknown>>): Message {
  const { ddl, tableChanges, databaseName, status, id, ts_ms: time } = message;
  if (typeof ddl === 'string') {
    if (!Array.isArray(tableChanges)) throw unreadable();
    return { changes: tableChanges.map((change) => tableOf(propertiesOf(change).id, databaseName)) };
  }
  const isTransaction = (status === 'BEGIN' || status === 'END') && typeof id === 'string';
  const isHeartbeat = typeof time === 'number' && Object.keys(message).length === 1;
  if (isTransaction || isHeartbeat) return nothing;
  throw unreadable();
}

/** `"shop"."orders"`, or with a schema `"shop"."public"."orders"`. */
function tableOf(id: unknown, databaseName: unknown): RowChange {
  const names = [...String(id).matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) => name.replaceAll('""', '"'));
  if (names.length === 0) throw unreadable();
  const [database, ...rest] = names.length > 1 ? names : [String(databaseName), ...names];
  return { database: database ?? '', table: rest.join('.'), kind: 'table', before: null, after: null };
}

function placeOf(source: unknown): Pick<RowChange, 'database' | 'table'> | null {
  const { db, schema, table, collection } = propertiesOf(source);
  const name = table ?? collection;
  if (typeof db !== 'string' || typeof name !== 'string') return null;
  return { database: db, table: typeof schema === 'string' ? `${schema}.${name}` : name };
}

function isRow(value: unknown): value is ChangedRow | null {
  return typeof value === 'object' && !Array.isArray(value);
}

function unreadable(): FollowError {
  return new FollowError(
    'FOLLOW_MESSAGE',
    'A message is no change of Debezium in JSON, so all clients fetch again. Set debezium.format.value=json, and leave out transforms like ExtractNewRecordState.',
  );
}
