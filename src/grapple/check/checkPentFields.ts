import { systemFields } from '../model/readPentTypes.ts';
import { printShape, storedKind } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, useOf } from './CheckContext.ts';
import { checkArguments } from './checkArguments.ts';

/** Other spellings of the types of system fields that are fine. */
const alsoFine: Readonly<Record<string, readonly string[]>> = { id: ['ID!'] };

/** Checks the stored data: system fields, attributes, stored ids. */
export function checkPentFields(context: CheckContext): void {
  for (const field of context.fields) {
    if (field.owner !== 'pent') continue;
    if (Object.hasOwn(systemFields, field.field.name.value)) checkSystemField(field, context);
    else if (useOf(field, 'genFromStoredId') !== null) checkStoredId(field, context);
    else if (useOf(field, 'hasEdge') !== null) checkHasEdge(field, context);
    else if (useOf(field, 'sum', 'average') !== null) checkAddedUp(field, context);
    else if (useOf(field, 'edgeToStoredId', 'edge', 'custom', 'customGen') === null) checkAttribute(field, context);
  }
}

function checkSystemField({ field, place, shape, uses }: FieldUse, { problems }: CheckContext): void {
  const name = field.name.value;
  const printed = printShape(shape);
  const wanted = systemFields[name];
  if (printed !== wanted && !alsoFine[name]?.includes(printed)) {
    problems.at(field.type, `${place} is ${printed}. Every object has it as ${wanted}: write that.`);
  }
  const [use] = uses;
  if (use !== undefined) problems.at(use.node, `${place} is on every object. Take @${use.name} away.`);
}

const reserved: ReadonlySet<string> = new Set(['obj_id', 'type_id', 'created', 'updated', 'state']);

function isReserved(attribute: string): boolean {
  return reserved.has(attribute) || Object.hasOwn(systemFields, attribute);
}

function checkAttribute({ field, place, shape }: FieldUse, { problems, types }: CheckContext): void {
  if (reserved.has(field.name.value)) {
    problems.at(field.name, `${place} has a name that is reserved for the store. Rename the field.`);
  }
  const [argument] = field.arguments ?? [];
  if (argument !== undefined && storedKind(shape, types) !== null) {
    problems.at(
      argument,
      `${place} is a stored attribute, and takes no arguments. Take them away, or make it @custom.`,
    );
  }
}

function checkStoredId(field: FieldUse, context: CheckContext): void {
  const { place, entry } = field;
  const { problems, model } = context;
  const use = useOf(field, 'genFromStoredId');
  if (useOf(field, 'custom', 'customGen') === null) checkGenerated(field, context);

  const attribute = use?.args.field ?? field.field.name.value;
  if (typeof attribute !== 'string' || use === null) return;
  const found = model.pents
    .find(({ name }) => name === entry.name)
    ?.attributes.find((other) => other.name === attribute && other.field !== null);
  if (found !== undefined && found.kind !== 'uuid') {
    problems.at(use.node, `${place} loads the id in ${entry.name}.${attribute}, which is no id: make it UUID.`);
  }
  if (found !== undefined && field.shape.nonNull && !found.required && useOf(field, 'custom', 'customGen') === null) {
    problems.at(
      field.field.type,
      `${place} is ${printShape(field.shape)}, and the id in ${entry.name}.${attribute} may be absent. Make that UUID!, or write ${field.shape.name}.`,
    );
  }
  if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(attribute) || isReserved(attribute)) {
    problems.at(
      use.node,
      `${place} cannot store its id in ${JSON.stringify(attribute)}. Name an attribute, such as "${field.field.name.value}Id".`,
    );
  }
}

/** Whether an edge is there is always known. The id at the other end is an argument, or the viewer's. */
function checkHasEdge(field: FieldUse, { problems, model }: CheckContext): void {
  const { place, shape } = field;
  if (printShape(shape) !== 'Boolean!') {
    problems.at(field.field.type, `${place} is ${printShape(shape)}, and is true or false. Make it Boolean!.`);
  }
  const read = model.pents
    .find(({ name }) => name === field.entry.name)
    ?.fields.find(({ name }) => name === field.field.name.value);
  if (read?.kind !== 'hasEdge') return; // the model has reported it
  checkArguments(field, read.argument === null ? {} : { [read.argument]: ['UUID!'] }, problems);
}

/** A sum or an average is of numbers, and an average of values that all objects have: of none there is none. */
function checkAddedUp(field: FieldUse, { problems, model }: CheckContext): void {
  const { place, shape, entry } = field;
  const read = model.pents
    .find(({ name }) => name === entry.name)
    ?.fields.find(({ name }) => name === field.field.name.value);
  if (read?.kind !== 'sum' && read?.kind !== 'average') return; // the model has reported it
  checkArguments(field, {}, problems);
  const edge = model.edges.find(({ name }) => name === read.edge);
  const target = model.pents.find(({ name }) => name === edge?.to);
  const attribute = target?.attributes.find(({ name }) => name === read.attribute);
  const isOfData = edge?.storedIdAttr === null;
  const kind = isOfData ? edge.dataKinds?.[read.attribute] : attribute?.kind;
  if (kind === undefined) return; // the order has an unknown attribute, which is reported
  const use = useOf(field, read.kind);
  const of = isOfData ? `${read.attribute} in the data of "${read.edge}"` : `${edge?.to}.${read.attribute}`;
  if (kind !== 'int' && kind !== 'float') {
    problems.at(
      use?.node ?? field.field,
      `${place} adds up ${of}, which is no number. Order the edge by an Int or a Float first, or take @${read.kind} away.`,
    );
    return;
  }
  if (read.kind === 'average' && !(attribute?.required === true && !isOfData)) {
    problems.at(
      use?.node ?? field.field,
      `${place} is the average of ${of}, which may be absent. ${isOfData ? 'Take @sum.' : 'Make that required, or take @sum.'}`,
    );
  }
  const wanted = { sum: kind === 'int' ? ['Int!', 'Int', 'Float!', 'Float'] : ['Float!', 'Float'], average: ['Float'] };
  if (wanted[read.kind].includes(printShape(shape))) return;
  const why = read.kind === 'average' ? 'is a fraction, and null where the list is empty' : `adds up ${of}`;
  problems.at(field.field.type, `${place} is ${printShape(shape)}, and ${why}. Make it ${wanted[read.kind][0]}.`);
}

/** Checks a field that generated code reads. */
function checkGenerated(field: FieldUse, { problems }: CheckContext): void {
  const { place, shape } = field;
  if (shape.items !== null) {
    problems.at(
      field.field.type,
      `${place} is the list ${printShape(shape)}, and holds one id. Use an edge for lists.`,
    );
  }
  checkArguments(field, {}, problems);
}
