import { didYouMean } from '../../utils/didYouMean.ts';
import type { PentModel } from '../model/Model.ts';
import type { TypeEntry } from '../model/TypeIndex.ts';
import { printShape, storedKind, typeShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, hasDirective, useOf } from './CheckContext.ts';
import { checkArguments } from './checkArguments.ts';
import { dataInput } from './checkEdges.ts';

const kinds: Readonly<Record<string, 'create' | 'update' | 'delete'>> = {
  createPent: 'create',
  updatePent: 'update',
  deletePent: 'delete',
};

/** Checks the generated fields of Mutation: their arguments, data and payloads. */
export function checkMutations(context: CheckContext): void {
  const { problems, model } = context;
  for (const field of context.fields) {
    if (field.owner !== 'mutation') continue;
    const use = useOf(field, 'createPent', 'updatePent', 'deletePent', 'addEdge', 'removeEdge', 'customMutation');
    if (use === null) continue;
    if (use.name === 'customMutation') {
      checkCustom(field, context);
      continue;
    }
    checkPayload(field, use.name === 'deletePent' ? 'deletedId' : null, context);
    if (use.name === 'addEdge' || use.name === 'removeEdge') {
      const hasData = use.name === 'addEdge' && field.field.arguments?.some(({ name }) => name.value === 'data');
      checkArguments(field, { from: ['UUID!'], to: ['UUID!'], ...(hasData && { data: [] }) }, problems);
      continue;
    }
    const kind = kinds[use.name];
    const data = dataInput(field, context.types);
    const payload = context.types.get(field.shape.name)?.fields[0];
    const target = payload === undefined ? '' : typeShape(payload.type).name;
    const wanted = [`${data?.name ?? `${kind === 'create' ? 'Create' : 'Update'}${target}Data`}!`];
    if (kind === 'create') checkArguments(field, { data: wanted }, problems);
    else if (kind === 'update') checkArguments(field, { id: ['UUID!'], data: wanted }, problems);
    else checkArguments(field, { id: ['UUID!'] }, problems);
    const own = model.mutations.find(({ name }) => name === field.field.name.value);
    const pent = model.pents.find(({ name }) => own !== undefined && 'target' in own && name === own.target);
    if (data !== null && pent !== undefined && kind !== undefined && kind !== 'delete')
      checkData(field, kind, data, pent, context);
    const condition = own !== undefined && 'conditionArgument' in own ? own.conditionArgument : null;
    const input = field.field.arguments?.find(({ name }) => name.value === condition);
    if (input !== undefined && pent !== undefined)
      checkConditions(context.types.get(typeShape(input.type).name), pent, context);
  }
}

/** Conditions name stored attributes, and values that these can have, or lists of them. */
function checkConditions(input: TypeEntry | undefined, pent: PentModel, { problems, types }: CheckContext): void {
  for (const field of input?.inputFields ?? []) {
    const name = field.name.value;
    const what = `${input?.name}.${name}`;
    const attribute = pent.attributes.find((other) => other.name === name);
    if (attribute === undefined) {
      problems.at(field, `${what} is no stored attribute of ${pent.name}.${hintFor(name, pent)}`);
      continue;
    }
    const shape = typeShape(field.type);
    const one = shape.items ?? shape;
    const stored = storedKind(one, types);
    if (attribute.kind === 'json')
      problems.at(field, `${what} is a condition on JSON or a list, which are not compared. Take it away.`);
    else if (stored !== attribute.kind && !(attribute.kind === 'uuid' && one.name === 'ID'))
      problems.at(
        field.type,
        `${what} is ${printShape(shape)}, but ${pent.name}.${name} is ${kindWords[attribute.kind]}.`,
      );
  }
}

function hintFor(name: string, { attributes, name: type }: PentModel): string {
  const names = attributes.map((other) => other.name);
  return didYouMean(name, names) || ` Add it to ${type}, or take it away.`;
}

function checkCustom({ place, field }: FieldUse, { problems }: CheckContext): void {
  if (field.arguments?.some(({ name }) => name.value === 'data')) return;
  problems.at(
    field.name,
    `${place} needs the argument "data", as every @customMutation. Without one, make it @custom.`,
  );
}

function checkPayload(
  { place, field, shape }: FieldUse,
  wanted: string | null,
  { types, problems }: CheckContext,
): void {
  const payload = types.get(shape.name);
  if (payload === undefined || shape.items !== null) {
    if (shape.items !== null) problems.at(field.type, `${place} is ${printShape(shape)}. Make it one payload.`);
    return;
  }
  if (payload.kind === 'union' || payload.kind === 'interface') {
    problems.at(
      field.type,
      `${place} gives the ${payload.kind} ${payload.name}, and generated writes give a payload. Give the payload, or write the field by hand: @customMutation.`,
    );
    return;
  }
  if (!hasDirective(payload, 'pentMutationPayload')) {
    problems.at(field.type, `${place} gives ${payload.name}, which is no payload. Mark it with @pentMutationPayload.`);
    return;
  }
  const [first, second] = payload.fields;
  if (second !== undefined) {
    problems.at(
      second,
      `${payload.name} has ${payload.fields.length} fields, and a payload has one. Take the others away.`,
    );
  }
  if (first === undefined) return;
  const [argument] = first.arguments ?? [];
  if (argument !== undefined) {
    problems.at(argument, `${payload.name}.${first.name.value} does nothing with its arguments. Take them away.`);
  }
  const printed = printShape(typeShape(first.type));
  if (wanted !== null && (first.name.value !== wanted || !['UUID', 'ID'].includes(printed))) {
    problems.at(first, `${payload.name}.${first.name.value} is ${printed}, but ${place} gives "deletedId: UUID".`);
  } else if (wanted === null && typeShape(first.type).items !== null) {
    const one = typeShape(first.type).name;
    problems.at(
      first.type,
      `${payload.name}.${first.name.value} is ${printed}, but ${place} writes one. Write ${one}.`,
    );
  } else if (wanted === null && printed.endsWith('!')) {
    const bare = printed.slice(0, -1);
    problems.at(
      first.type,
      `${payload.name}.${first.name.value} is ${printed}, but a viewer may write objects that it cannot read. Write ${bare}.`,
    );
  }
}

/** Data must name stored attributes: any other field would be lost, or refused at each call. */
function checkData(
  { place }: FieldUse,
  kind: 'create' | 'update',
  data: TypeEntry,
  pent: PentModel,
  { problems, types }: CheckContext,
): void {
  if (!hasDirective(data, 'pentMutationData')) {
    problems.at(data.node, `${data.name} is the data of ${place}. Mark it with @pentMutationData.`);
  }
  const { attributes, name: type } = pent;
  for (const input of data.inputFields) {
    const name = input.name.value;
    const what = `${data.name}.${name}`;
    const attribute = attributes.find((other) => other.name === name);
    if (attribute === undefined) {
      problems.at(input, `${what} is no stored attribute of ${type}.${hintFor(name, pent)}`);
      continue;
    }
    if (attribute.setByServer) {
      problems.at(input, `${what} is set by the server: ${type}.${name} has @setByServer. Take one of them away.`);
      continue;
    }
    const shape = typeShape(input.type);
    const stored = storedKind(shape, types);
    if (stored === null || (stored !== attribute.kind && !(attribute.kind === 'uuid' && shape.name === 'ID'))) {
      problems.at(input.type, `${what} is ${printShape(shape)}, but ${type}.${name} is ${kindWords[attribute.kind]}.`);
    }
    if (kind === 'create' && attribute.required && !shape.nonNull && input.defaultValue === undefined) {
      problems.at(
        input.type,
        `${what} is ${printShape(shape)}, but every ${type} needs it: ${place} would fail without it. Write ${printShape(shape)}!, or give it a default.`,
      );
    }
    if (kind === 'update' && input.defaultValue !== undefined) {
      problems.at(input, `${what} has a default, which each update would write. Take the default away.`);
    }
    if (kind === 'update' && shape.nonNull) {
      problems.at(
        input.type,
        `${what} is ${printShape(shape)}, so that nobody can leave it as it is. Write ${shape.name}.`,
      );
    }
  }
  if (kind === 'create') checkRequired(place, data, pent, problems);
}

function checkRequired(
  place: string,
  data: TypeEntry,
  { attributes, name: type }: PentModel,
  problems: CheckContext['problems'],
): void {
  for (const { name, required, setByServer, kind } of attributes) {
    if (!required || setByServer || data.inputFields.some((input) => input.name.value === name)) continue;
    problems.at(
      data.node,
      `${data.name} has no field "${name}", which every ${type} needs: ${place} would always fail. Add "${name}: ${kindTypes[kind]}!", or mark ${type}.${name} with @setByServer if a trigger sets it.`,
    );
  }
}

const kindTypes = {
  string: 'String',
  int: 'Int',
  float: 'Float',
  bool: 'Boolean',
  uuid: 'UUID',
  date: 'DateTime',
  bytes: 'String',
  json: 'JSON',
} as const;

const kindWords = {
  string: 'a text',
  int: 'an Int',
  float: 'a Float',
  bool: 'a Boolean',
  uuid: 'a UUID',
  date: 'a DateTime',
  bytes: 'bytes',
  json: 'JSON or a list',
} as const;
