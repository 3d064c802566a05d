import type { EnumModel, GrappleModel, InputModel, PlainType } from '../model/Model.ts';
import { comment, indent, quote } from './source.ts';

/** Prints `generated/types.ts`: enums, inputs and plain object types as TypeScript. */
export function printTypes({ enums, inputs, plainTypes }: GrappleModel): string {
  const parts = [...enums.map(printEnum), ...inputs.map(printInput), ...plainTypes.map(printPlain)];
  return parts.length === 0 ? 'export {};\n' : parts.join('\n');
}

function printEnum({ name, description, values }: EnumModel): string {
  const line = `export type ${name} = ${values.map(quote).join(' | ')};`;
  const text =
    line.length <= 120
      ? line
      : `export type ${name} =\n${indent(values.map((value) => `| ${quote(value)}`).join('\n'))};`;
  return `${comment(description)}${text}\n`;
}

function printInput({ name, description, fields }: InputModel): string {
  const lines = fields.map(
    (field) => `${comment(field.description)}readonly ${field.name}${field.optional ? '?' : ''}: ${field.tsType};`,
  );
  return `${comment(description)}export interface ${name} {\n${indent(lines.join('\n'))}\n}\n`;
}

function printPlain({ name, description, fields }: PlainType): string {
  const lines = fields.map((field) => `readonly ${field.name}${field.nullable ? '?' : ''}: ${field.tsType};`);
  return `${comment(description)}export interface ${name} {\n${indent(lines.join('\n'))}\n}\n`;
}
