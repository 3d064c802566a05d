import type { FieldKind } from '../schema/definitions.ts';
import type { EdgeType, KvetchSchema, ObjectType } from '../schema/KvetchSchema.ts';
import { edgeTables, placeOf } from './rowMapping.ts';
import { READABLE } from './shardStates.ts';

/** A view and the statement that makes it. */
export interface View {
  readonly name: string;
  readonly sql: string;
}

const HELD = `JOIN kvetch_shards s ON s.shard = r.shard AND s.${READABLE}`;
/** Names that need no quotes in statements and paths. Attributes of other names are in the column `attributes`. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]{0,58}$/;
const taken: ReadonlySet<string> = new Set(['id', 'version', 'created_at', 'updated_at', 'attributes']);

/**
 * Views that show objects as tables, edges as pairs of ids and indexes as values: a way out for people who know SQL. A
 * server's views show the shards that it holds. They read JSON in SQL, as the store itself never does, and are slow.
 */
export function viewsOf(schema: KvetchSchema, prefix = 'kv_'): readonly View[] {
  const names = new Set<string>();
  const view = (kind: string, name: string, select: string): View => {
    const plain = `${prefix}${kind}${name.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`.slice(0, 60);
    let unique = plain;
    for (let n = 2; names.has(unique); n++) unique = `${plain}_${n}`;
    names.add(unique);
    return { name: unique, sql: `CREATE OR REPLACE VIEW \`${unique}\` AS ${select}` };
  };
  return [
    ...schema.objects.map((type) => view('', type.name, selectObjects(type))),
    ...schema.edges.map((edge) => view('edge_', edge.name, selectEdges(edge))),
    ...schema.indexes.map(({ name, list }) =>
      view('index_', name, list === null ? selectEntries(name) : selectEdges(list)),
    ),
  ];
}

function selectObjects(type: ObjectType): string {
  const attributes = "CONVERT(SUBSTRING(r.body, LOCATE(x'0a', r.body) + 1) USING utf8mb4)";
  const seen = new Set(taken);
  const columns = [...kindsOf(type)].flatMap(([name, kind]) => {
    if (!PLAIN.test(name) || seen.has(name.toLowerCase())) return []; // names of columns do not know their case
    seen.add(name.toLowerCase());
    return [`${column(attributes, name, kind)} AS \`${name}\``];
  });
  const head = `${idText('r.obj_id')} AS id, r.version, ${time('r.created_us')} AS created_at, ${time('r.updated_us')} AS updated_at`;
  return `SELECT ${[head, ...columns, `${attributes} AS attributes`].join(',\n  ')}
FROM kvetch_objects r ${HELD} WHERE r.type_id = ${type.typeId} AND r.state = 1`;
}

/** The known kinds of attributes: by fields, by edges that follow from them, by indexes over them. */
function kindsOf(type: ObjectType): ReadonlyMap<string, FieldKind> {
  const kinds = new Map<string, FieldKind>();
  for (const { attrs } of type.indexes) for (const { attr, kind } of attrs) kinds.set(attr, kind);
  for (const { storedIdAttr } of type.storedIdEdges) if (storedIdAttr !== null) kinds.set(storedIdAttr, 'uuid');
  for (const [name, { kind }] of type.fields ?? []) kinds.set(name, kind);
  return kinds;
}

function selectEdges(edge: EdgeType): string {
  const position = edge.order === null ? time('r.pos') : 'HEX(r.sort_key)';
  return `SELECT ${idText('r.from_id')} AS from_id, ${idText('r.to_id')} AS to_id, ${position} AS position,
  CONVERT(r.body USING utf8mb4) AS data
FROM ${edgeTables[placeOf(edge)].table} r ${HELD} WHERE r.edge_id = ${edge.edgeId} AND r.state = 1`;
}

function selectEntries(index: string): string {
  const name = Buffer.from(index, 'utf8').toString('hex');
  return `SELECT CONVERT(SUBSTRING(r.value, 2) USING utf8mb4) AS value, ${idText('r.target_id')} AS target_id
FROM kvetch_entries r ${HELD} WHERE r.index_name = x'${name}' AND r.state = 1`;
}

/** An attribute as a column. Values that JSON does not have are tagged by an object with one key (spec 6.3). */
function column(attributes: string, name: string, kind: FieldKind): string {
  const at = (tag = ''): string => `JSON_EXTRACT(${attributes}, '$.${name}${tag}')`;
  const text = (tag = ''): string => `JSON_UNQUOTE(${at(tag)})`;
  switch (kind) {
    case 'string':
    case 'uuid':
      return text();
    case 'int':
      return `CAST(COALESCE(${text('."$int"')}, ${text()}) AS DECIMAL(65, 0))`;
    case 'float':
      return `${text()} + 0e0`;
    case 'bool':
      return `CASE ${text()} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`;
    case 'date':
      return time(`${text('."$date"')} * 1000`);
    case 'bytes':
      return `FROM_BASE64(${text('."$bytes"')})`;
    case 'json':
      return at();
  }
}

/** Microseconds as a time in UTC, whatever the session's zone, before 1970 and after 2038 too. */
function time(microseconds: string): string {
  return `TIMESTAMP('1970-01-01 00:00:00') + INTERVAL (${microseconds}) MICROSECOND`;
}

function idText(bytes: string): string {
  const part = (from: number, length: number): string => `HEX(SUBSTRING(${bytes}, ${from}, ${length}))`;
  return `LOWER(CONCAT_WS('-', ${[part(1, 4), part(5, 2), part(7, 2), part(9, 2), part(11, 6)].join(', ')}))`;
}
