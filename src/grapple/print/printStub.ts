import { type CustomField, type GrappleModel, isCustom, type PentModel, type RootCustomField } from '../model/Model.ts';
import { printArguments, printSignature, signatureTypes } from './printPents.ts';
import { importLine, indent, list, quote } from './source.ts';
import { typeImports } from './typeImports.ts';

/** Prints `pents/<Type>.ts`, which is written once and then belongs to the application. */
export function printStub({ name, fields, privacy }: PentModel, model: GrappleModel): string {
  const custom = fields.filter(isCustom);
  const members = holesOfPent({ name, fields, privacy }).map(({ stub }) => stub);
  const body = members.length === 0 ? '{}' : `{\n${indent(members.join('\n\n'))}\n}`;
  const imports = [
    printPlanImport(custom),
    privacy === null ? '' : "import { denyAll, type Policy } from 'planql/pent';\n",
    importLine([`${name}Base`], '../generated/pents.ts'),
    typeImports(holeTypes(custom), model, { types: '../generated/types.ts', pents: '.', own: name }),
  ];
  return `${imports.join('')}
/** The business logic of ${name}: privacy, hooks around writes, fields of its own. */
export class ${name} extends ${name}Base ${body}
`;
}

/** The types that written-by-hand methods name. Plan resolvers name none. */
function holeTypes(holes: ReadonlyArray<CustomField | RootCustomField>): readonly string[] {
  return holes.filter(({ kind }) => kind === 'custom').flatMap(signatureTypes);
}

function printPlanImport(holes: ReadonlyArray<CustomField | RootCustomField>): string {
  return holes.some(({ kind }) => kind === 'customGen') ? "import type { PlanResolver } from 'planql';\n" : '';
}

/** A static plan resolver. */
function printPlanHole(name: string, message: string): string {
  return `static readonly ${name}: PlanResolver = () => {\n  throw new Error(${message});\n};`;
}

function printPolicy(type: string, rule: string): string {
  return `/** The rule ${quote(rule)}: until it is written, nobody may read or write its objects. */
static override readonly privacy: Policy<${type}> = { read: [denyAll], write: [denyAll] };`;
}

function printHole({ name, args, tsType, kind }: CustomField, type: string): string {
  const message = quote(`${type}.${name} is not implemented yet.`);
  if (kind === 'customGen') return printPlanHole(name, message);
  return `${printSignature(`override ${name}`, '_args', args, `: ${tsType} {`)}\n  throw new Error(${message});\n}`;
}

/** Something that a hand-written class must have, and how it begins. */
export interface Hole {
  readonly owner: string;
  readonly name: string;
  readonly kind: 'method' | 'static' | 'policy';
  readonly stub: string;
}

/** The members that the class of a type must have. */
export function holesOfPent({
  name,
  fields,
  privacy,
}: Pick<PentModel, 'name' | 'fields' | 'privacy'>): readonly Hole[] {
  const policy: readonly Hole[] =
    privacy === null ? [] : [{ owner: name, name: 'privacy', kind: 'policy', stub: printPolicy(name, privacy) }];
  return [
    ...policy,
    ...fields.filter(isCustom).map((field): Hole => {
      const kind = field.kind === 'custom' ? 'method' : 'static';
      return { owner: name, name: field.name, kind, stub: printHole(field, name) };
    }),
  ];
}

/** The members that `pents/Query.ts` or `pents/Mutation.ts` must have. */
export function holesOfRoot(root: 'Query' | 'Mutation', model: GrappleModel): readonly Hole[] {
  return customFieldsOf(root, model).map((field) => ({
    owner: root,
    name: field.name,
    kind: 'static',
    stub: printRootHole(root, field),
  }));
}

/** The members that all hand-written classes must have. */
export function holesOf(model: GrappleModel): readonly Hole[] {
  return [...model.pents.flatMap(holesOfPent), ...holesOfRoot('Query', model), ...holesOfRoot('Mutation', model)];
}

function customFieldsOf(root: 'Query' | 'Mutation', { queries, mutations }: GrappleModel): readonly RootCustomField[] {
  return (root === 'Query' ? queries : mutations).filter(
    (field): field is RootCustomField => field.kind === 'custom' || field.kind === 'customGen',
  );
}

function printRootHole(root: string, { name, args, tsType, kind }: RootCustomField): string {
  const message = quote(`${root}.${name} is not implemented yet.`);
  if (kind === 'customGen') return printPlanHole(name, message);
  const given = [`_args: ${printArguments(args)}`, '_context: PentContext'];
  return `${list(`static ${name}(`, given, `): ${tsType} {`, 2, false)}\n  throw new Error(${message});\n}`;
}

/** Prints `pents/Query.ts` or `pents/Mutation.ts`, where there are custom root fields. */
export function printRootStub(root: 'Query' | 'Mutation', model: GrappleModel): string | null {
  const fields = customFieldsOf(root, model);
  if (fields.length === 0) return null;
  const members = holesOfRoot(root, model).map(({ stub }) => stub);
  const usesContext = fields.some(({ kind }) => kind === 'custom');
  const imports = [
    printPlanImport(fields),
    usesContext ? "import type { PentContext } from 'planql/pent';\n" : '',
    typeImports(holeTypes(fields), model, { types: '../generated/types.ts', pents: '.' }),
  ].join('');
  return `${imports}
/** The fields of ${root} that are written by hand. */
export class ${root} {
${indent(members.join('\n\n'))}
}
`;
}
