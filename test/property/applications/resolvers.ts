import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import { type Attr, type ListField, nameOf, type Type } from './application.ts';
import type { Oracle, Row, Viewer } from './Oracle.ts';
import { normal, sumOf } from './order.ts';
import { type Arguments, bounded, connectionOf, pageOf } from './pages.ts';
import { Refused } from './Refused.ts';

type Resolver = (row: Row, args: Arguments, viewer: Viewer) => unknown;
type Fields = Readonly<Record<string, GraphQLField<unknown, unknown> | undefined>>;

/** Lets a schema for clients answer by an oracle. The context of its requests is the viewer. */
export function resolveBy(oracle: Oracle, schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()))
    if ('resolveType' in type) type.resolveType = (row: Row) => row.type.name;
  for (const type of oracle.application.types) resolveType(oracle, fieldsOf(schema, type.name), type);
  const query = fieldsOf(schema, 'Query');
  put(query, 'node', byId(oracle, null));
  for (const { name } of oracle.application.types) {
    put(query, name.toLowerCase(), byId(oracle, name));
    put(query, `all_${name}`, browse(oracle, name));
  }
  for (const field of oracle.application.queries) put(query, field.name, listResolver(oracle, field));
}

function fieldsOf(schema: GraphQLSchema, name: string): Fields {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(name);
  return type.getFields();
}

/** Nothing where the field is not declared yet. */
function put(fields: Fields, name: string, resolve: Resolver): void {
  const field = fields[name];
  if (field !== undefined) field.resolve = resolve as NonNullable<typeof field.resolve>;
}

function resolveType(oracle: Oracle, fields: Fields, type: Type): void {
  for (const attr of type.attrs) put(fields, attr.name, attributeResolver(oracle, attr));
  for (const field of type.fields) put(fields, field.name, listResolver(oracle, field));
  for (const one of type.hasEdges) put(fields, one.name, hasEdgeResolver(oracle, one));
  for (const one of type.sums) put(fields, one.name, sumResolver(oracle, one));
}

function attributeResolver(oracle: Oracle, { name, kind, isLink, targets }: Attr): Resolver {
  return (row, _args, viewer) => {
    const value = oracle.shown(viewer, row, name);
    if (value === null) return null;
    if (!isLink) return kind === 'DateTime' ? new Date(Number(value)).toISOString() : value;
    const target = oracle.find(value);
    return target !== null && targets.includes(target.type.name) && oracle.canRead(viewer, target) ? target : null;
  };
}

function hasEdgeResolver(oracle: Oracle, { list, argument }: Type['hasEdges'][number]): Resolver {
  return (row, args, viewer) => {
    const from = argument === null ? viewer.id : String(args.from).toLowerCase();
    if (argument !== null) {
      const object = oracle.find(from);
      if (object?.type.name !== list.from || !oracle.canRead(viewer, object)) return false;
    }
    return oracle.entries.some((one) => one.list === list && one.isLive && one.from === from && one.to === row.id);
  };
}

function sumResolver(oracle: Oracle, { list, isAverage, kind }: Type['sums'][number]): Resolver {
  return (row, _args, viewer) => {
    const attr = nameOf(list.orderBy[0] ?? '');
    const numbers = oracle
      .readable(viewer, list, row.id)
      .map((one) => (one.entry === null ? one.row.values : (one.entry.data ?? {}))[attr])
      .filter((value) => value != null)
      .map(Number);
    const sum = sumOf(numbers);
    if (!Number.isFinite(sum) || (kind === 'Int' && !Number.isSafeInteger(sum))) throw new Refused('BAD_VALUE');
    if (!isAverage) return sum;
    return numbers.length === 0 ? null : sum / numbers.length;
  };
}

function byId(oracle: Oracle, name: string | null): Resolver {
  return (_root, { id }, viewer) => {
    const row = oracle.find(id);
    return row !== null && (name === null || row.type.name === name) && oracle.canRead(viewer, row) ? row : null;
  };
}

function browse(oracle: Oracle, name: string): Resolver {
  return (_root, { first, after }, viewer) => {
    if (Number(first) < 0) throw new Refused('BAD_PAGE');
    return oracle.rows
      .filter((row) => row.type.name === name && oracle.canRead(viewer, row))
      .filter(({ id }) => after == null || id > String(after).toLowerCase())
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, Number(first));
  };
}

function listResolver(oracle: Oracle, field: ListField): Resolver {
  return (row: Row | undefined, args, viewer) => {
    const chosen = field.lists.find(({ value }) => value === args.order) ?? field.lists[0];
    const { list, reverse } = chosen as ListField['lists'][number];
    const of = row === undefined ? field.values.map(({ name, kind }) => normal(kind, args[name])) : row.id;
    const readable = oracle.readable(viewer, list, of);
    if (field.shape === 'one') return readable[0]?.row ?? null;
    const within = bounded(field, list, args, readable);
    const places = reverse ? within.toReversed() : within;
    const shown = { oracle, viewer, field, list, reverse, of, args, places };
    return field.shape === 'list' ? pageOf(shown).map((one) => one.row) : connectionOf(shown);
  };
}
