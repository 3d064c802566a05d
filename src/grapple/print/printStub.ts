import type { CustomField, GrappleModel, PentModel, RootCustomField } from '../model/Model.ts';
import { printArguments, printSignature, signatureTypes } from './printPents.ts';
import { importLine, indent, list, quote } from './source.ts';
import { typeImports } from './typeImports.ts';

/** Prints `pents/<Type>.ts`, which is written once and then belongs to the application. */
export function printStub({ name, fields, privacy }: PentModel, model: GrappleModel): string {
  const custom = fields.filter((field): field is CustomField => field.kind === 'custom' || field.kind === 'customGen');
  const members = [
    ...(privacy === null ? [] : [printPolicy(name, privacy)]),
    ...custom.map((field) => printHole(field, name)),
  ];
  const body = members.length === 0 ? '{}' : `{\n${indent(members.join('\n\n'))}\n}`;
  const imports = [
    printPlanImport(custom),
    privacy === null ? '' : "import { denyAll, type Policy } from 'planql/pent';\n",
    importLine([`${name}Base`], '../generated/pents.ts'),
    typeImports(holeTypes(custom), model, { types: '../generated/types.ts', pents: '.', own: name }),
  ];
  return `${imports.join('')}
/** The business logic of ${name}: privacy, what runs around writes, fields of its own. */
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

/** Prints `pents/Query.ts` or `pents/Mutation.ts`, where there are custom root fields. */
export function printRootStub(root: 'Query' | 'Mutation', model: GrappleModel): string | null {
  const { queries, mutations } = model;
  const fields = (root === 'Query' ? queries : mutations).filter(
    (field): field is RootCustomField => field.kind === 'custom' || field.kind === 'customGen',
  );
  if (fields.length === 0) return null;
  const members = fields.map(({ name, args, tsType, kind }) => {
    const message = quote(`${root}.${name} is not implemented yet.`);
    if (kind === 'customGen') return printPlanHole(name, message);
    const given = [`_args: ${printArguments(args)}`, '_context: PentContext'];
    return `${list(`static ${name}(`, given, `): ${tsType} {`, 2, false)}\n  throw new Error(${message});\n}`;
  });
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
