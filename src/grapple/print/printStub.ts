import type { CustomField, GrappleModel, PentModel, RootCustomField } from '../model/Model.ts';
import { printArguments } from './printPents.ts';
import { indent, list, quote } from './source.ts';

/** Prints `pents/<Type>.ts`, which is written once and then belongs to the application. */
export function printStub({ name, fields, privacy }: PentModel): string {
  const custom = fields.filter((field): field is CustomField => field.kind === 'custom' || field.kind === 'customGen');
  const members = [
    ...(privacy === null ? [] : [printPolicy(name, privacy)]),
    ...custom.map((field) => printHole(field, name)),
  ];
  const body = members.length === 0 ? '{}' : `{\n${indent(members.join('\n\n'))}\n}`;
  const imports = privacy === null ? '' : "import { denyAll, type Policy } from 'planql/pent';\n";
  return `${imports}import { ${name}Base } from '../generated/pents.ts';

/** The business logic of ${name}: privacy, what runs around writes, fields of its own. */
export class ${name} extends ${name}Base ${body}
`;
}

function printPolicy(type: string, rule: string): string {
  return `/** The rule ${quote(rule)}: until it is written, nobody may read or write a ${type}. */
static override readonly privacy: Policy<${type}> = { read: [denyAll], write: [denyAll] };`;
}

function printHole({ name, args, tsType, kind }: CustomField, type: string): string {
  const message = quote(`${type}.${name} is not implemented yet.`);
  if (kind === 'customGen') return `static ${name} = (): never => {\n  throw new Error(${message});\n};`;
  const given = args.length === 0 ? [] : [`_args: ${printArguments(args)}`];
  return `${list(`override ${name}(`, given, `): ${tsType} {`, 2, false)}\n  throw new Error(${message});\n}`;
}

/** Prints `pents/Query.ts` or `pents/Mutation.ts`, where there are custom root fields. */
export function printRootStub(root: 'Query' | 'Mutation', { queries, mutations }: GrappleModel): string | null {
  const fields = (root === 'Query' ? queries : mutations).filter(
    (field): field is RootCustomField => field.kind === 'custom' || field.kind === 'customGen',
  );
  if (fields.length === 0) return null;
  const members = fields.map(({ name, args, tsType, kind }) => {
    const message = quote(`${root}.${name} is not implemented yet.`);
    if (kind === 'customGen') return `static ${name} = (): never => {\n  throw new Error(${message});\n};`;
    const given = [`_args: ${printArguments(args)}`, '_context: PentContext'];
    return `${list(`static ${name}(`, given, `): ${tsType} {`, 2, false)}\n  throw new Error(${message});\n}`;
  });
  const usesContext = fields.some(({ kind }) => kind === 'custom');
  return `${usesContext ? "import type { PentContext } from 'planql/pent';\n\n" : ''}/** The fields of ${root} that are written by hand. */
export class ${root} {
${indent(members.join('\n\n'))}
}
`;
}
