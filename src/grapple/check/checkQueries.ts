import type { InputValueDefinitionNode } from 'graphql';
import type { IndexKind } from '../../kvetch/schema/definitions.ts';
import { type GrappleModel, type IndexModel, isOrderedList, type ListReading, type PentModel } from '../model/Model.ts';
import { printShape, typeShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, useOf } from './CheckContext.ts';
import { checkArguments } from './checkArguments.ts';
import { checkConnectionType } from './checkConnectionType.ts';
import { checkReading } from './checkReading.ts';

/** Checks the generated fields of Query: their arguments and their types. */
export function checkQueries(context: CheckContext): void {
  for (const field of context.fields) {
    if (field.owner !== 'query') continue;
    if (useOf(field, 'readPent') !== null) checkRead(field, context);
    else if (useOf(field, 'browsePents') !== null) checkBrowse(field, context);
    else if (useOf(field, 'pentFromIndex') !== null) checkLookUp(field, context);
  }
}

function checkRead(field: FieldUse, { problems }: CheckContext): void {
  checkOne(field, problems);
  checkArguments(field, { id: ['UUID!'] }, problems);
}

/** The object may be gone or hidden. */
function checkOne({ place, shape, field }: FieldUse, problems: CheckContext['problems']): void {
  if (shape.items !== null) {
    problems.at(field.type, `${place} is ${printShape(shape)}, and reads one object. Write ${shape.name}.`);
  } else if (shape.nonNull) {
    problems.at(
      field.type,
      `${place} is ${printShape(shape)}, but there may be no such object, or a hidden one. Write ${shape.name}.`,
    );
  }
}

function checkMany({ place, shape, field }: FieldUse, problems: CheckContext['problems']): void {
  const wanted = `[${shape.name}!]!`;
  if (printShape(shape) !== wanted) {
    problems.at(field.type, `${place} is ${printShape(shape)}. Make it ${wanted}.`);
  }
}

function checkBrowse(field: FieldUse, context: CheckContext): void {
  checkMany(field, context.problems);
  const read = context.model.queries.find(({ name }) => name === field.field.name.value);
  if (read?.kind !== 'browse') return; // the model has reported it
  const { reading } = read;
  checkReading(field, { reading, isConnection: false, values: {}, lists: [], kinds: {}, takesIds: true }, context);
}

const indexTypes: Readonly<Record<IndexKind, string>> = {
  string: 'String!',
  int: 'Int!',
  uuid: 'UUID!',
  date: 'DateTime!',
  bool: 'Boolean!',
};

function checkLookUp(field: FieldUse, context: CheckContext): void {
  const { place, shape } = field;
  const { problems, model } = context;
  const read = model.queries.find(({ name }) => name === field.field.name.value);
  if (read?.kind !== 'index') return; // the model has reported it
  const index = model.indexes.find(({ name }) => name === read.index);
  const target = model.pents.find(({ name }) => name === index?.type);
  if (index === undefined || target === undefined) return;
  const values = Object.fromEntries(
    index.attrs.map((attr, at) => [attr, [valueType(target, attr, index.kinds[at] ?? 'string', model)]]),
  );
  const isConnection = read.shape === 'connection';
  if (isConnection) checkConnectionType(field, context);
  const node = isConnection ? nodeOf(field, context) : shape.name;
  if (node !== index.type) {
    problems.at(field.field.type, `${place} gives ${node}, but the index "${index.name}" holds ${index.type}.`);
  }
  if (read.shape === 'one') {
    checkOne(field, problems);
    checkArguments(field, values, problems);
    return;
  }
  if (index.unique) {
    problems.at(
      field.field.type,
      `${place} is ${printShape(shape)}, but "${index.name}" is unique: one object at most. Write ${index.type}.`,
    );
  }
  if (!isConnection) checkMany(field, problems);
  const { choice } = read.reading;
  const chosen = Object.values(choice?.lists ?? {}).map((name) => name.replace(/^-/, ''));
  const isRead = (other: IndexModel): boolean =>
    other === index || (choice !== null && other.type === index.type && isAlike(other, index));
  const lists = model.indexes.filter(isRead);
  const takesIds = !lists.some((other) => isOrderedList(other));
  const kinds = Object.fromEntries(target.attributes.map(({ name, kind }) => [name, kind]));
  const unlisted = unlistedArguments(field, target, [...Object.keys(values), ...Object.keys(boundNames(read.reading))]);
  for (const argument of unlisted) {
    const name = argument.name.value;
    problems.at(
      argument,
      `${place} takes "${name}", and ${lists.map((one) => `"${one.name}"`).join(', ')} is no list by it. Add "${name}" to "with" of the index, or order it by "${name}" for a range.`,
    );
  }
  const given = { ...values, ...Object.fromEntries(unlisted.map((argument) => [argument.name.value, []])) };
  checkReading(field, { reading: read.reading, isConnection, values: given, lists, kinds, takesIds }, context);
  const other = model.indexes.find(({ name }) => chosen.includes(name) && !lists.some((list) => list.name === name));
  if (other !== undefined && other.type === index.type) {
    problems.at(
      field.field,
      `${place} may read "${index.name}" by ${list(index)} and "${other.name}" by ${list(other)}. Give both the same attributes.`,
    );
  }
}

/** Arguments with the names of attributes that no list of the field has. */
function unlistedArguments(
  { field }: FieldUse,
  { attributes }: PentModel,
  known: readonly string[],
): readonly InputValueDefinitionNode[] {
  return (field.arguments ?? []).filter(
    ({ name }) => !known.includes(name.value) && attributes.some((attribute) => attribute.name === name.value),
  );
}

function boundNames({ bounds, choice }: ListReading): Readonly<Record<string, true>> {
  const names = [...bounds.map(({ argument }) => argument), ...(choice === null ? [] : [choice.argument])];
  return Object.fromEntries(names.map((name) => [name, true] as const));
}

function list({ attrs }: IndexModel): string {
  return attrs.length === 0 ? 'no attribute' : attrs.join(', ');
}

/** Whether two indexes are asked by the same values. */
function isAlike(one: IndexModel, other: IndexModel): boolean {
  return one.attrs.length === other.attrs.length && one.attrs.every((attr) => other.attrs.includes(attr));
}

function valueType(target: PentModel, attr: string, kind: IndexKind, { enums }: GrappleModel): string {
  const type = target.attributes.find(({ name }) => name === attr)?.tsType.split(' ')[0] ?? '';
  return enums.some(({ name }) => name === type) ? `${type}!` : indexTypes[kind];
}

/** The type of the nodes of a connection. */
function nodeOf({ shape }: FieldUse, { types }: CheckContext): string {
  const fieldType = (type: string, name: string): string => {
    const found = types.get(type)?.fields.find((field) => field.name.value === name);
    return found === undefined ? '' : typeShape(found.type).name;
  };
  return fieldType(fieldType(shape.name, 'edges'), 'node');
}
