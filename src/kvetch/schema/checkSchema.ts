import { didYouMean } from '../../utils/didYouMean.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { quote } from '../errors.ts';
import type { FieldKind, IndexKind, KvetchSchemaConfig } from './definitions.ts';
import { isReservedAttribute } from './reservedAttributes.ts';

const fieldKinds: readonly FieldKind[] = ['string', 'int', 'float', 'bool', 'uuid', 'date', 'bytes', 'json'];
const indexKinds: readonly IndexKind[] = ['string', 'int', 'uuid', 'date', 'bool'];
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
  checkNumbers('object type', 'typeId', objects, problems);
  checkNumbers('edge', 'edgeId', edges, problems);
  checkNumbers('index', 'indexId', indexes, problems, true);
  checkFields(objects, problems);
  const types = new Map<unknown, Loose>();
  for (const type of [...objects].reverse()) types.set(type.name, type).set(type.typeId, type); // the first of a name counts
  for (const edge of edges) checkEdge(edge, types, problems);
  for (const index of indexes) checkIndex(index, types, problems);
  return problems;
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
    for (const [field, definition] of Object.entries(fields)) {
      const place = `The field "${name}.${field}"`;
      if (isReservedAttribute(field)) problems.push(`${place} has a name that is reserved for the store.`);
      const kind = typeof definition === 'string' ? definition : definition?.kind;
      checkOneOf(kind, fieldKinds, place, problems);
    }
  }
}

function checkOneOf(kind: unknown, known: readonly string[], place: string, problems: string[]): void {
  if (typeof kind === 'string' && known.includes(kind)) return;
  const hint = typeof kind === 'string' ? didYouMean(kind, known) : '';
  problems.push(`${place} has the kind ${quote(kind)}, which is none of ${known.join(', ')}.${hint}`);
}

function checkEdge(edge: Loose, types: ReadonlyMap<unknown, Loose>, problems: string[]): void {
  const place = `The edge ${quote(edge.name)}`;
  checkTypeRef(edge.from, `${place}, "from",`, types, problems);
  if (!('storedOn' in edge)) {
    checkTypeRef(edge.to, `${place}, "to",`, types, problems);
    if ('storedIdAttr' in edge) problems.push(`${place} has a "storedIdAttr" but no "storedOn".`);
    return;
  }
  if ('to' in edge) problems.push(`${place} has both "storedOn" and "to": it is either derived or plain.`);
  const type = checkTypeRef(edge.storedOn, `${place}, "storedOn",`, types, problems);
  checkAttribute(edge.storedIdAttr, type, ['uuid'], `${place}, "storedIdAttr",`, problems);
}

function checkIndex(index: Loose, types: ReadonlyMap<unknown, Loose>, problems: string[]): void {
  const place = `The index ${quote(index.name)}`;
  if (typeof index.name === 'string' && index.name !== '' && !indexName.test(index.name)) {
    problems.push(
      `${place} must have a name of at most 41 lower-case letters, digits and "_", starting with a letter.`,
    );
  }
  const type = checkTypeRef(index.type, `${place}, "type",`, types, problems);
  checkOneOf(index.kind, indexKinds, place, problems);
  if (index.attr !== undefined) checkAttribute(index.attr, type, [index.kind], `${place}, "attr",`, problems);
  else if (index.unique === true) problems.push(`${place} is unique and so needs an "attr".`);
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
