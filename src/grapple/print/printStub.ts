import { type CustomField, type GrappleModel, isCustom, type PentModel, type RootCustomField } from '../model/Model.ts';
import { printArguments, printSignature, signatureTypes } from './printPents.ts';
import { importLine, indent, key, list, quote } from './source.ts';
import { typeImports } from './typeImports.ts';

/** Prints `pents/<Type>.ts`, which is written once and then belongs to the application. */
export function printStub(pent: PentModel, model: GrappleModel): string {
  const { name, fields } = pent;
  const custom = fields.filter(isCustom);
  const holes = holesOfPent(pent, model);
  // One policy has all lists.
  const hasPolicy = holes.some(({ kind }) => kind === 'policy' || kind === 'writePolicy');
  const members = holes.filter(({ kind }) => kind !== 'fieldPolicy' || !hasPolicy).map(({ stub }) => stub);
  const body = members.length === 0 ? '{}' : `{\n${indent(members.join('\n\n'))}\n}`;
  const imports = [
    printPlanImport(custom),
    holes.some(({ kind }) => isPolicy(kind)) ? "import { denyAll, type Policy } from 'planql/pent';\n" : '',
    importLine(refPages(custom), 'planql/pent', true),
    importLine([`${name}Base`], '../generated/pents.ts'),
    typeImports(holeTypes(custom), model, { types: '../generated/types.ts', pents: '.', own: name }),
  ];
  return `${imports.join('')}
/** The business logic of ${name}: privacy, hooks around writes, fields of its own. */
export class ${name} extends ${name}Base ${body}
`;
}

/** The type of what methods of connections return. */
function refPages(holes: ReadonlyArray<CustomField | RootCustomField>): readonly string[] {
  return holes.some(({ nodes }) => nodes !== null) ? ['Ref'] : [];
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

function isPolicy(kind: Hole['kind']): boolean {
  return kind === 'policy' || kind === 'writePolicy' || kind === 'fieldPolicy';
}

/** A policy that denies all, and says what it is for. */
function printPolicy({ name, attributes }: PentModel, text: string, lists: readonly string[]): string {
  const hidden = attributes.filter(({ visible }) => visible !== null);
  const rules = hidden.map(({ name, visible }) => `${name}: ${visible}`);
  const doc = rules.length === 0 ? text : `${text} Who sees a field is up to its rule (${rules.join(', ')}).`;
  const fields = list(
    'fields: {',
    hidden.map((attribute) => `${key(attribute.name)}: [denyAll]`),
    '}',
    2,
  );
  const entries = [...lists.map((list) => `${list}: [denyAll]`), ...(hidden.length === 0 ? [] : [fields])];
  return `/** ${doc} */\n${list(`static override readonly privacy: Policy<${name}> = {`, entries, '};', 2)}`;
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
  readonly kind: 'method' | 'static' | 'policy' | 'writePolicy' | 'fieldPolicy';
  /** The fields that a policy must have rules for. */
  readonly fields?: readonly string[];
  readonly stub: string;
}

/** The members that the class of a type must have. */
function holesOfPent(pent: PentModel, model: GrappleModel): readonly Hole[] {
  const { name, fields } = pent;
  return [
    ...policyHole(pent, model),
    ...fieldHole(pent),
    ...fields.filter(isCustom).map((field): Hole => {
      const kind = field.kind === 'custom' ? 'method' : 'static';
      return { owner: name, name: field.name, kind, stub: printHole(field, name) };
    }),
  ];
}

function policyHole(pent: PentModel, { byDefault, mutations }: GrappleModel): readonly Hole[] {
  const { name, privacy } = pent;
  const hole = { owner: name, name: 'privacy' } as const;
  if (privacy !== null && 'policy' in privacy) {
    const text = `The rule ${quote(privacy.policy)}: until it is written, nobody may read or write its objects.`;
    return [{ ...hole, kind: 'policy', stub: printPolicy(pent, text, ['read', 'write']) }];
  }
  const isWritten = mutations.some(
    (field) => ('target' in field && field.target === name) || ('from' in field && field.from === name),
  );
  if (byDefault !== 'deny' || !isWritten) return [];
  const text = 'Until a rule allows it, nobody may write its objects.';
  return [{ ...hole, kind: 'writePolicy', stub: printPolicy(pent, text, ['write']) }];
}

/** The rules of `@visible`, which may be in a policy that is there for more. */
function fieldHole(pent: PentModel): readonly Hole[] {
  const fields = pent.attributes.flatMap(({ name, visible }) => (visible === null ? [] : [name]));
  if (fields.length === 0) return [];
  const stub = printPolicy(pent, 'If there is a policy, add "fields" to it.', []);
  return [{ owner: pent.name, name: 'privacy.fields', kind: 'fieldPolicy', fields, stub }];
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
  return [
    ...model.pents.flatMap((pent) => holesOfPent(pent, model)),
    ...holesOfRoot('Query', model),
    ...holesOfRoot('Mutation', model),
  ];
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
    importLine([...(usesContext ? ['PentContext'] : []), ...refPages(fields)], 'planql/pent', true),
    typeImports(holeTypes(fields), model, { types: '../generated/types.ts', pents: '.' }),
  ].join('');
  return `${imports}
/** The fields of ${root} that are written by hand. */
export class ${root} {
${indent(members.join('\n\n'))}
}
`;
}
