import type { EnumModel, GrappleModel, InputModel, PlainType } from '../model/Model.ts';
import { comment, indent, quote } from './source.ts';

/** Prints `generated/types.ts`: enums, inputs and plain object types as TypeScript. */
export function printTypes({ enums, inputs, plainTypes }: GrappleModel): string {
  const parts = [...enums.map(printEnum), ...[...inputs, ...plainTypes].map(printInterface)];
  return parts.length === 0 ? 'export {};\n' : parts.join('\n');
}

/** The values of an enum are members of a union: what is written about them stands above it. */
function printEnum({ name, description, values }: EnumModel): string {
  const names = values.map((value) => quote(value.name));
  const about = values.flatMap((value) =>
    value.description === null ? [] : [`- \`${value.name}\`: ${value.description.replace(/\s+/g, ' ')}`],
  );
  const doc = [description ?? '', about.join('\n').replaceAll('@deprecated ', 'Deprecated: ')];
  const line = `export type ${name} = ${names.join(' | ')};`;
  const text =
    line.length <= 120 ? line : `export type ${name} =\n${indent(names.map((value) => `| ${value}`).join('\n'))};`;
  return `${comment(doc.filter((part) => part !== '').join('\n\n'))}${text}\n`;
}

function printInterface({ name, description, fields }: InputModel | PlainType): string {
  const lines = fields.map(
    (field) => `${comment(field.description)}readonly ${field.name}${field.optional ? '?' : ''}: ${field.tsType};`,
  );
  return `${comment(description)}export interface ${name} {\n${indent(lines.join('\n'))}\n}\n`;
}
