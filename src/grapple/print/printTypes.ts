import type { AbstractModel, EnumModel, GrappleModel, InputModel, PlainType } from '../model/Model.ts';
import { comment, indent, quote, WIDTH } from './source.ts';
import { typeImports } from './typeImports.ts';

/** Prints `generated/types.ts`: enums, inputs, plain object types, interfaces and unions as TypeScript. */
export function printTypes(model: GrappleModel): string {
  const { enums, inputs, plainTypes, abstractTypes } = model;
  const objects = [...inputs, ...plainTypes];
  const parts = [
    ...enums.map(printEnum),
    ...inputs.map((input) => printInterface(input, false)),
    ...plainTypes.map((type) => printInterface(type, type.tellsType)),
    ...abstractTypes.map(printAbstract),
  ];
  const named = [
    ...objects.flatMap(({ fields }) => fields.map(({ tsType }) => tsType)),
    ...abstractTypes.flatMap(({ types }) => types),
  ];
  const imports = typeImports(named, model, { types: null, pents: '../pents' });
  return parts.length === 0 ? 'export {};\n' : [imports, ...parts].filter((part) => part !== '').join('\n');
}

/** The values of an enum are members of a union: their documentation stands above it. */
function printEnum({ name, description, values }: EnumModel): string {
  const names = values.map((value) => quote(value.name));
  const about = values.flatMap((value) =>
    value.description === null ? [] : [`- \`${value.name}\`: ${value.description.replace(/\s+/g, ' ')}`],
  );
  const doc = [description ?? '', about.join('\n').replaceAll('@deprecated ', 'Deprecated: ')];
  return `${comment(doc.filter((part) => part !== '').join('\n\n'))}${printUnion(name, names)}`;
}

function printAbstract({ name, description, types }: AbstractModel): string {
  return `${comment(description)}${printUnion(name, types.length === 0 ? ['never'] : types)}`;
}

function printUnion(name: string, members: readonly string[]): string {
  const line = `export type ${name} = ${members.join(' | ')};\n`;
  if (line.length <= WIDTH + 1) return line;
  return `export type ${name} =\n${indent(members.map((member) => `| ${member}`).join('\n'))};\n`;
}

function printInterface({ name, description, fields }: InputModel | PlainType, tellsType: boolean): string {
  const lines = [
    ...(tellsType ? [`readonly __typename: ${quote(name)};`] : []),
    ...fields.map(
      (field) => `${comment(field.description)}readonly ${field.name}${field.optional ? '?' : ''}: ${field.tsType};`,
    ),
  ];
  return `${comment(description)}export interface ${name} {\n${indent(lines.join('\n'))}\n}\n`;
}
