import { didYouMean } from '../../utils/didYouMean.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { inheritedName } from '../../utils/propertyBag.ts';
import { indexKey } from '../codec/indexKey.ts';
import type { OrderKind } from '../codec/orderKey.ts';
import { inheritedValue, quote } from '../errors.ts';
import { attempt } from '../reads/attempt.ts';
import { checkKnown } from './definitionKeys.ts';
import type { FieldKind, IndexKind, KvetchSchemaConfig, OnDelete } from './definitions.ts';
import { MAX_EDGE, MAX_ORDERED, valueListNumber } from './listNumbers.ts';
import { isReservedAttribute } from './reservedAttributes.ts';
import { isReservedType } from './reservedTypes.ts';

const fieldKinds: readonly FieldKind[] = ['string', 'int', 'float', 'bool', 'uuid', 'date', 'bytes', 'json'];
export const indexKinds: readonly IndexKind[] = ['string', 'int', 'uuid', 'date', 'bool'];
export const orderKinds: readonly OrderKind[] = ['int', 'float', 'date', 'bool', 'uuid', 'string'];
/** A `float`, too: GraphQL's integers do not reach so far. */
const timeKinds: readonly FieldKind[] = ['int', 'float', 'date'];
const onDeletes: readonly OnDelete[] = ['keep', 'clear', 'delete', 'refuse'];
const indexName = /^[a-z][a-z0-9_]{0,40}$/;
const MAX_NUMBER = 0xffffffff;

/**
 * Everything that is wrong with a schema, as sentences that name the place. It believes nothing: schemas are written
 * in plain JavaScript too, and generated.
 */
export function checkSchema(config: KvetchSchemaConfig): readonly string[] {
  const problems: string[] = [];
  const objects = list(config?.objects, 'objects', problems);
  const edges = list(config?.edges ?? [], 'edges', problems);
  const indexes = list(config?.indexes ?? [], 'indexes', problems);
  if (isRecord(config)) checkKnown(config, 'config', 'The schema', problems);
  checkNumbers('object type', 'typeId', objects, problems);
  checkNumbers('edge', 'edgeId', edges, problems);
  checkNumbers('index', 'indexId', indexes, problems, true);
  for (const { typeId } of objects)
    if (isReservedType(typeId)) problems.push(`The typeId ${typeId} is the store's own: use another one.`);
  for (const type of objects) checkKnown(type, 'object', `The type ${quote(type.name)}`, problems);
  checkFields(objects, problems);
  const types = new Map<unknown, Loose>();
  for (const type of [...objects].reverse()) types.set(type.name, type).set(type.typeId, type); // the first of a name counts
  for (const type of objects) checkExpiry(type, edges, types, problems);
  for (const edge of edges) checkEdge(edge, types, problems);
  checkSameFate(edges, problems);
  for (const index of indexes) checkIndex(index, types, problems);
  checkListNumbers(indexes, problems);
  return problems;
}

/** Rows of lists name their index by a number of 30 bits. */
function checkListNumbers(indexes: readonly Loose[], problems: string[]): void {
  const names = new Map<number, unknown>();
  for (const { name, attrs, where, orderBy } of indexes) {
    if (typeof name !== 'string' || (attrs ?? where ?? orderBy) === undefined) continue;
    const number = valueListNumber(name);
    const other = names.get(number);
    if (other !== undefined && other !== name)
      problems.push(
        `The indexes ${quote(other)} and ${quote(name)} cannot both have lists: their names have the same digest. Rename one.`,
      );
    names.set(number, name);
  }
}

type Loose = Readonly<Record<string, unknown>>;

function list(given: unknown, name: string, problems: string[]): readonly Loose[] {
  if (!Array.isArray(given)) {
    problems.push(`"${name}" must be a list of definitions.`);
    return [];
  }
  const wrong = given.filter((entry) => typeof entry !== 'object' || entry === null);
  if (wrong.length > 0) problems.push(`"${name}" has ${wrong.length} entry(ies) that are no definitions.`);
  return given.filter((entry) => typeof entry === 'object' && entry !== null);
}

function checkNumbers(
  kind: string,
  key: string,
  definitions: readonly Loose[],
  problems: string[],
  optional = false,
): void {
  const seen = new Map<unknown, unknown>();
  for (const definition of definitions) {
    const { name } = definition;
    const number = definition[key];
    const place = `The ${kind} ${quote(name)}`;
    if (typeof name !== 'string' || name === '')
      problems.push(`One ${kind} has the name ${quote(name)}, which is no text.`);
    else if (seen.has(name)) problems.push(`Two ${kind}s have the name "${name}".`);
    seen.set(name, name);
    if (optional && number === undefined) continue;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > MAX_NUMBER) {
      problems.push(`${place} has the ${key} ${quote(number)}, which is no integer from 1 to ${MAX_NUMBER}.`);
    } else if (seen.has(number)) problems.push(`${place} has the ${key} ${number} of ${quote(seen.get(number))}.`);
    seen.set(number, name);
  }
}

function checkFields(objects: readonly Loose[], problems: string[]): void {
  for (const { name, fields } of objects) {
    if (fields === undefined) continue;
    if (typeof fields !== 'object' || fields === null) {
      problems.push(`The fields of ${quote(name)} must be an object of field kinds.`);
      continue;
    }
    checkOwn(fields, `The fields of ${quote(name)}`, problems);
    for (const [field, definition] of Object.entries(fields)) {
      const place = `The field "${name}.${field}"`;
      if (isReservedAttribute(field)) problems.push(`${place} has a name that is reserved for the store.`);
      const kind = typeof definition === 'string' ? definition : definition?.kind;
      checkOneOf(kind, fieldKinds, place, problems);
      if (isRecord(definition)) checkKnown(definition, 'field', place, problems);
    }
  }
}

/** Nothing can refuse that time passes. */
function checkExpiry(
  type: Loose,
  edges: readonly Loose[],
  types: ReadonlyMap<unknown, Loose>,
  problems: string[],
): void {
  if (type.expiresAt === undefined) return;
  checkDeclared(type.expiresAt, type, timeKinds, `The type ${quote(type.name)}, "expiresAt",`, problems);
  for (const { name, from, onDelete } of edges) {
    if (onDelete !== 'refuse' || types.get(from) !== type) continue;
    problems.push(`The edge ${quote(name)} has the "onDelete" "refuse", but objects of ${quote(type.name)} expire.`);
  }
}

function checkOneOf(kind: unknown, known: readonly string[], place: string, problems: string[]): void {
  if (typeof kind === 'string' && known.includes(kind)) return;
  const hint = typeof kind === 'string' ? didYouMean(kind, known) : '';
  const has = kind === undefined ? 'no kind: give one' : `the kind ${quote(kind)}, which is none`;
  problems.push(`${place} has ${has} of ${known.join(', ')}.${hint}`);
}

function checkEdge(edge: Loose, types: ReadonlyMap<unknown, Loose>, problems: string[]): void {
  const place = `The edge ${quote(edge.name)}`;
  checkKnown(edge, 'edge', place, problems);
  checkTypeRef(edge.from, `${place}, "from",`, types, problems);
  const most = edge.orderBy === undefined ? MAX_EDGE : MAX_ORDERED;
  if (typeof edge.edgeId === 'number' && edge.edgeId >= most && edge.edgeId <= MAX_NUMBER)
    problems.push(
      `${place} has the edgeId ${edge.edgeId} and must have one below ${most}: those above are for ordered lists.`,
    );
  if (!('storedOn' in edge)) {
    if (edge.where !== undefined)
      problems.push(`${place} has a "where", which only lists that follow from attributes can have.`);
    if (edge.fields !== undefined) checkFields([edge], problems);
    checkOrder(edge.orderBy, edge, `${place}, "orderBy",`, problems);
    checkTypeRef(edge.to, `${place}, "to",`, types, problems);
    for (const name of ['storedIdAttr', 'colocate', 'mustExist', 'onDelete'])
      if (name in edge) problems.push(`${place} has a "${name}" but no "storedOn".`);
    return;
  }
  if ('to' in edge) problems.push(`${place} has both "storedOn" and "to": it is either derived or plain.`);
  if (edge.fields !== undefined)
    problems.push(`${place} has "fields", which are for the data of plain edges: those of its type count.`);
  const type = checkTypeRef(edge.storedOn, `${place}, "storedOn",`, types, problems);
  checkAttribute(edge.storedIdAttr, type, ['uuid'], `${place}, "storedIdAttr",`, problems);
  if (edge.mustExist !== undefined && typeof edge.mustExist !== 'boolean')
    problems.push(`${place} has the "mustExist" ${quote(edge.mustExist)}, which is neither true nor false.`);
  checkOnDelete(edge, type, place, problems);
  checkWhere(edge.where, type, `${place}, "where",`, problems);
  checkOrder(edge.orderBy, type, `${place}, "orderBy",`, problems);
}

/** The children of a deleted object are those that its list has, so it must have them all. */
function checkOnDelete(
  { onDelete, where, storedIdAttr }: Loose,
  type: Loose | null,
  place: string,
  problems: string[],
): void {
  if (onDelete === undefined) return;
  if (!onDeletes.some((one) => one === onDelete))
    problems.push(`${place} has the "onDelete" ${quote(onDelete)}, which is none of ${onDeletes.join(', ')}.`);
  if (onDelete === 'keep') return;
  if (where !== undefined)
    problems.push(`${place} has a "where" and an "onDelete": give that to an edge that lists all of its objects.`);
  const field = isRecord(type?.fields) && typeof storedIdAttr === 'string' ? type.fields[storedIdAttr] : undefined;
  if (onDelete === 'clear' && isRecord(field) && field.required === true)
    problems.push(`${place} has the "onDelete" "clear", but ${quote(`${type?.name}.${storedIdAttr}`)} is required.`);
}

/** Edges that follow from one attribute must agree. */
function checkSameFate(edges: readonly Loose[], problems: string[]): void {
  const first = new Map<string, Loose>();
  for (const edge of edges) {
    const { name, from, storedOn, storedIdAttr, onDelete = 'keep' } = edge;
    if (onDelete === 'keep') continue;
    const key = JSON.stringify([from, storedOn, storedIdAttr]);
    const other = first.get(key);
    if (other === undefined) first.set(key, edge);
    else if (other.onDelete !== onDelete)
      problems.push(
        `The edges ${quote(other.name)} and ${quote(name)} follow from one attribute and must have the same "onDelete".`,
      );
  }
}

const MAX_ORDER = 3;
const MAX_PARTS = 64;

/** `owner`: the type or edge whose fields they are. */
function checkOrder(orderBy: unknown, owner: Loose | null, place: string, problems: string[]): void {
  if (orderBy === undefined) return;
  if (!Array.isArray(orderBy) || orderBy.length === 0 || orderBy.length > MAX_ORDER) {
    problems.push(`${place} must be a list of one to ${MAX_ORDER} attributes, each perhaps with "-" before it.`);
    return;
  }
  const attrs = orderBy.map((of: unknown) => (typeof of === 'string' ? of.replace(/^-/, '') : of));
  for (const [at, attr] of attrs.entries()) {
    if (attrs.indexOf(attr) !== at) problems.push(`${place} has "${String(attr)}" twice.`);
    checkDeclared(attr, owner, orderKinds, place, problems);
  }
}

function checkWhere(where: unknown, type: Loose | null, place: string, problems: string[]): void {
  if (where === undefined) return;
  if (!isRecord(where) || Object.keys(where).length === 0) {
    problems.push(`${place} must be an object of attributes with the values that are wanted.`);
    return;
  }
  checkOwn(where, place, problems);
  for (const [attr, wanted] of Object.entries(where)) {
    if (!checkDeclared(attr, type, indexKinds, place, problems)) continue;
    const kind = indexKinds.find((one) => one === kindOfField(type, attr));
    if (kind === undefined) continue;
    const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    if (values.length === 0) problems.push(`${place} wants no value of "${attr}": nothing would ever be listed.`);
    for (const value of values) {
      const key = value === null ? null : attempt(() => indexKey(kind, value, `${place} "${attr}",`));
      if (key instanceof Error) problems.push(key.message);
    }
  }
}

function checkOwn(given: object, place: string, problems: string[]): void {
  const inherited = inheritedName(given);
  if (inherited !== null) problems.push(inheritedValue(place, inherited).message);
}

/** An attribute whose kind must be known: one of the fields. Whether it is. */
function checkDeclared(
  attr: unknown,
  owner: Loose | null,
  kinds: readonly string[],
  place: string,
  problems: string[],
): boolean {
  if (owner !== null && !isRecord(owner.fields)) {
    problems.push(`${place} names ${quote(attr)}, whose kind is not known: give ${quote(owner.name)} "fields".`);
    return false;
  }
  const { length } = problems;
  checkAttribute(attr, owner, kinds, place, problems);
  return owner !== null && problems.length === length;
}

function kindOfField(owner: Loose | null, attr: string): unknown {
  const field = isRecord(owner?.fields) ? owner.fields[attr] : undefined;
  return isRecord(field) ? field.kind : field;
}

function checkIndex(index: Loose, types: ReadonlyMap<unknown, Loose>, problems: string[]): void {
  const place = `The index ${quote(index.name)}`;
  checkKnown(index, 'index', place, problems);
  if (typeof index.name === 'string' && index.name !== '' && !indexName.test(index.name)) {
    problems.push(
      `${place} must have a name of at most 41 lower-case letters, digits and "_", starting with a letter.`,
    );
  }
  const type = checkTypeRef(index.type, `${place}, "type",`, types, problems);
  if (index.attrs !== undefined) checkKeyAttributes(index, type, place, problems);
  else if (index.attr !== undefined && index.kind === undefined && isRecord(type?.fields))
    checkDeclared(index.attr, type, indexKinds, `${place}, "attr",`, problems);
  else {
    checkOneOf(index.kind, indexKinds, place, problems);
    if (index.attr !== undefined) checkAttribute(index.attr, type, [index.kind], `${place}, "attr",`, problems);
  }
  const isManual = index.attr === undefined && index.attrs === undefined;
  if (isManual && index.unique === true) problems.push(`${place} is unique and so needs an "attr" or "attrs".`);
  const others = ['where', 'orderBy', 'parts'].filter((name) => index[name] !== undefined);
  if (isManual && others.length > 0)
    problems.push(`${place} has ${others.map(quote).join(', ')} and so needs "attrs".`);
  if (index.unique === true && index.orderBy !== undefined)
    problems.push(`${place} is unique: a list of one object has no order.`);
  checkWhere(index.where, type, `${place}, "where",`, problems);
  checkOrder(index.orderBy, type, `${place}, "orderBy",`, problems);
}

function checkKeyAttributes(index: Loose, type: Loose | null, place: string, problems: string[]): void {
  const { attrs, parts } = index;
  if (index.attr !== undefined) problems.push(`${place} has both "attr" and "attrs".`);
  if (index.kind !== undefined)
    problems.push(`${place} has "attrs", whose kinds are those of their fields: leave "kind" out.`);
  if (!Array.isArray(attrs)) {
    problems.push(`${place}, "attrs", must be a list of attributes.`);
    return;
  }
  for (const [at, attr] of attrs.entries()) {
    if (attrs.indexOf(attr) !== at) problems.push(`${place}, "attrs", has ${quote(attr)} twice.`);
    checkDeclared(attr, type, indexKinds, `${place}, "attrs",`, problems);
  }
  if (attrs.length === 0 && index.unique === true) problems.push(`${place} is unique and so needs an attribute.`);
  if (parts === undefined) return;
  if (attrs.length > 0) problems.push(`${place} has "parts", which are for "attrs: []": other lists lie on one shard.`);
  if (typeof parts !== 'number' || !Number.isInteger(parts) || parts < 1 || parts > MAX_PARTS)
    problems.push(`${place} has ${quote(parts)} "parts", which is no integer from 1 to ${MAX_PARTS}.`);
}

function checkTypeRef(
  ref: unknown,
  place: string,
  types: ReadonlyMap<unknown, Loose>,
  problems: string[],
): Loose | null {
  const type = types.get(ref);
  if (type !== undefined) return type;
  const names = [...types.keys()].filter((key) => typeof key === 'string');
  problems.push(`${place} names the object type ${quote(ref)}, which does not exist.${didYouMean(String(ref), names)}`);
  return null;
}

/** An attribute of a type that declares its fields must be one of them, and of the kind that is wanted. */
function checkAttribute(
  attr: unknown,
  type: Loose | null,
  kinds: readonly unknown[],
  place: string,
  problems: string[],
): void {
  if (typeof attr !== 'string' || attr === '') {
    problems.push(`${place} is ${quote(attr)} and must be the name of an attribute.`);
    return;
  }
  if (isReservedAttribute(attr)) problems.push(`${place} is "${attr}", a name that is reserved for the store.`);
  if (type === null || !isRecord(type.fields)) return;
  const { fields } = type;
  const field = Object.hasOwn(fields, attr) ? fields[attr] : undefined;
  const kind = isRecord(field) ? field.kind : field;
  if (field === undefined) {
    problems.push(
      `${place} names "${attr}", which is no field of ${quote(type.name)}.${didYouMean(attr, Object.keys(fields))}`,
    );
  } else if (!kinds.includes(kind)) {
    problems.push(
      `${place} names "${type.name}.${attr}", which is of kind ${quote(kind)} and must be ${kinds.map(quote).join(' or ')}.`,
    );
  }
}
