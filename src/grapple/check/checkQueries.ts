import type { IndexKind } from '../../kvetch/schema/definitions.ts';
import { printShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, useOf } from './CheckContext.ts';
import { checkArguments, checkFirst, listArguments } from './checkArguments.ts';

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

function checkBrowse(field: FieldUse, { problems }: CheckContext): void {
  checkMany(field, problems);
  checkArguments(field, listArguments, problems);
  checkFirst(field, problems);
}

const indexTypes: Readonly<Record<IndexKind, string>> = {
  string: 'String!',
  int: 'Int!',
  uuid: 'UUID!',
  date: 'DateTime!',
  bool: 'Boolean!',
};

function checkLookUp(field: FieldUse, { problems, model }: CheckContext): void {
  const { place, shape } = field;
  const index = model.indexes.find(({ name }) => name === useOf(field, 'pentFromIndex')?.args.index);
  if (index === undefined) return; // the model has reported it
  if (shape.name !== index.type) {
    problems.at(field.field.type, `${place} gives ${shape.name}, but the index "${index.name}" holds ${index.type}.`);
  }
  const attribute = model.pents
    .find(({ name }) => name === index.type)
    ?.attributes.find(({ name }) => name === index.attr);
  const isEnum = model.enums.some(({ name }) => attribute?.tsType.split(' ').includes(name));
  const value = isEnum ? `${attribute?.tsType.split(' ')[0]}!` : indexTypes[index.kind];
  const query = model.queries.find(({ name }) => name === field.field.name.value);
  const argument = query !== undefined && 'argument' in query ? query.argument : undefined;
  const values = { [index.attr]: [value] };
  if (shape.items === null) {
    checkOne(field, problems);
    checkArguments(field, values, problems);
    return;
  }
  if (index.unique) {
    problems.at(
      field.field.type,
      `${place} is ${printShape(shape)}, but "${index.name}" is unique: one object at most. Write ${shape.name}.`,
    );
  }
  checkMany(field, problems);
  const isPaged = field.field.arguments?.some(({ name }) => name.value === 'first' || name.value === 'after') ?? false;
  if (argument === 'first' || isPaged) checkFirst(field, problems);
  checkArguments(field, { ...values, ...listArguments }, problems);
}
