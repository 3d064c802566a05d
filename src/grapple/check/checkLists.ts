import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import { argumentNode, type DirectiveUse, directiveUses } from '../model/directiveUse.ts';
import type { Attribute, PentModel } from '../model/Model.ts';
import { dataKindsOf, orderAttribute, textsOf } from '../model/readLists.ts';
import { type CheckContext, type FieldUse, hasDirective, useOf } from './CheckContext.ts';
import { checkWhere } from './checkWhere.ts';

const orderKinds: ReadonlySet<FieldKind> = new Set(['int', 'float', 'date', 'bool', 'uuid', 'string']);
const MAX_ORDER = 3;
const MAX_PARTS = 64;

/** Checks the lists that edges and indexes declare: their orders, their conditions, their parts. */
export function checkLists(context: CheckContext): void {
  const { model, types, problems, fields } = context;
  const pentOf = (name: string): PentModel | undefined => model.pents.find((pent) => pent.name === name);
  for (const entry of types.values()) {
    for (const use of directiveUses(entry.directives, problems)) {
      if (use.name !== 'index') continue;
      if (!hasDirective(entry, 'pent')) {
        problems.at(use.node, `${entry.name} has @index, but not @pent. Add @pent, or take @index away.`);
      } else checkIndex(use, entry.name, pentOf(entry.name), null, context);
    }
  }
  for (const field of fields) {
    if (field.owner !== 'pent') continue;
    for (const use of field.uses) {
      if (use.name === 'index' || use.name === 'unique') {
        const stored = String(useOf(field, 'genFromStoredId')?.args.field ?? field.field.name.value);
        checkIndex(use, field.place, pentOf(field.entry.name), stored, context);
      } else if (use.name === 'edgeToStoredId') {
        const edge = model.edges.find(({ name }) => name === use.args.edgeName);
        const attributes = pentOf(edge?.to ?? '')?.attributes;
        if (edge === undefined || attributes === undefined) continue;
        checkWhere(use, edge.to, attributes, context);
        checkOrder(use, edge.to, attributes, context);
      } else if (use.name === 'edge') checkDataOrder(field, use, context);
    }
    if (field.uses.filter(({ name }) => name === 'edgeToStoredId').length > 1) checkChoice(field, context);
  }
}

function checkIndex(
  use: DirectiveUse,
  place: string,
  pent: PentModel | undefined,
  attribute: string | null,
  context: CheckContext,
): void {
  if (pent === undefined) return;
  const { problems } = context;
  checkWhere(use, pent.name, pent.attributes, context);
  checkOrder(use, pent.name, pent.attributes, context);
  const isCompound = textsOf(use.args.with).length > 0;
  const { parts } = use.args;
  if (typeof parts !== 'number') return;
  const node = argumentNode(use.node, 'parts');
  if (attribute !== null || isCompound) {
    problems.at(node, `@index of ${place} has "parts", which are for lists of all objects of a type. Take them away.`);
  } else if (parts < 1 || parts > MAX_PARTS) {
    problems.at(node, `@index of ${place} has ${parts} parts. Make it a number from 1 to ${MAX_PARTS}.`);
  }
}

function checkOrder(
  use: DirectiveUse,
  type: string,
  attributes: readonly Attribute[],
  { problems }: Pick<CheckContext, 'problems'>,
): void {
  if (use.args.orderBy === undefined) return;
  const kinds = Object.fromEntries(attributes.map(({ name, kind }) => [name, kind]));
  checkNames(use, type, kinds, problems);
}

/** A plain edge is ordered by its data. */
function checkDataOrder({ place }: FieldUse, use: DirectiveUse, { types, problems }: CheckContext): void {
  if (use.args.orderBy === undefined) return;
  const node = argumentNode(use.node, 'orderBy');
  if (typeof use.args.data !== 'string') {
    problems.at(
      node,
      `${place} is ordered by the data of its edge, whose kinds are not known. Add data: "…", with the name of an input that has the data's properties.`,
    );
    return;
  }
  // The model has reported an unknown input.
  const kinds = types.has(use.args.data) ? dataKindsOf(use, place, types, problems) : null;
  if (kinds !== null) checkNames(use, use.args.data, kinds, problems);
}

function checkNames(
  use: DirectiveUse,
  owner: string,
  kinds: Readonly<Record<string, FieldKind>>,
  problems: CheckContext['problems'],
): void {
  const node = argumentNode(use.node, 'orderBy');
  const names = textsOf(use.args.orderBy).map(orderAttribute);
  if (names.length === 0 || names.length > MAX_ORDER) {
    problems.at(node, `@${use.name}(orderBy:) has ${names.length} attributes. Name one to ${MAX_ORDER}.`);
  }
  for (const [at, name] of names.entries()) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (names.indexOf(name) !== at) {
      problems.at(node, `@${use.name}(orderBy:) has "${name}" twice. Keep one.`);
    } else if (kind === undefined) {
      const known = Object.keys(kinds).filter((other) => orderKinds.has(kinds[other] ?? 'json'));
      const hint = didYouMean(name, known) || timeHint(name);
      problems.at(node, `@${use.name}(orderBy:) names "${name}", which ${owner} does not store.${hint}`);
    } else if (!orderKinds.has(kind)) {
      problems.at(node, `@${use.name}(orderBy:) names ${owner}.${name}, which has no order. Take another attribute.`);
    }
  }
}

/** Ids ascend with the time of creation, and edges are in the order of arrival: both are read from the end for the newest. */
function timeHint(name: string): string {
  if (name !== 'createdAt' && name !== 'id') return '';
  return ' Lists without "orderBy" begin with the oldest entry: leave it out, and write "reverse: true" on the field for the newest first.';
}

/** A field with several edges needs an argument that chooses. */
function checkChoice({ place, uses, field }: FieldUse, { model, problems }: CheckContext): void {
  const found = model.pents
    .flatMap(({ name, fields }) => fields.map((own) => ({ own, place: `${name}.${own.name}` })))
    .find((other) => other.place === place)?.own;
  if (found?.kind !== 'edge' || found.reading.choice !== null) return;
  const second = uses.filter(({ name }) => name === 'edgeToStoredId')[1];
  problems.at(
    second?.node ?? field,
    `${place} has several edges, and no argument says which one is read. Take an argument of an enum whose values have @list(of: "…").`,
  );
}
