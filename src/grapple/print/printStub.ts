import type { CustomField, GrappleModel, PentModel, RootCustomField } from '../model/Model.ts';
import { localTypes, printArguments, printSignature } from './printPents.ts';
import { importLine, indent, list, quote } from './source.ts';

/** Prints `pents/<Type>.ts`, which is written once and then belongs to the application. */
export function printStub({ name, fields, privacy }: PentModel, model: GrappleModel): string {
  const custom = fields.filter((field): field is CustomField => field.kind === 'custom' || field.kind === 'customGen');
  const members = [
    ...(privacy === null ? [] : [printPolicy(name, privacy)]),
    ...custom.map((field) => printHole(field, name)),
  ];
  const body = members.length === 0 ? '{}' : `{\n${indent(members.join('\n\n'))}\n}`;
  const types = typeImports(custom, model);
  const imports = [
    printPlanImport(custom),
    privacy === null ? '' : "import { denyAll, type Policy } from 'planql/pent';\n",
    importLine([`${name}Base`], '../generated/pents.ts'),
    types.local,
    ...types.pents.filter((other) => other !== name).map(importPent),
  ];
  return `${imports.join('')}
/** The business logic of ${name}: privacy, what runs around writes, fields of its own. */
export class ${name} extends ${name}Base ${body}
`;
}

/** What the types of holes name: generated types, and classes. */
function typeImports(
  holes: ReadonlyArray<CustomField | RootCustomField>,
  model: GrappleModel,
): { readonly local: string; readonly pents: readonly string[] } {
  const own = holes.filter(({ kind }) => kind === 'custom');
  const named = own.flatMap(({ args, tsType }) => [tsType, ...args.map((arg) => arg.tsType)]).join(' ');
  const used = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(named);
  return {
    local: importLine(localTypes(model).filter(used), '../generated/types.ts', true),
    pents: model.pents.flatMap(({ name }) => (used(name) ? [name] : [])).sort(),
  };
}

function importPent(name: string): string {
  return importLine([name], `./${name}.ts`, true);
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
  const types = typeImports(fields, model);
  const imports = [
    printPlanImport(fields),
    usesContext ? "import type { PentContext } from 'planql/pent';\n" : '',
    types.local,
    ...types.pents.map(importPent),
  ].join('');
  return `${imports}
/** The fields of ${root} that are written by hand. */
export class ${root} {
${indent(members.join('\n\n'))}
}
`;
}
