import type { TypeNode } from 'graphql';
import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import type { TypeIndex } from './TypeIndex.ts';

/** A GraphQL type reference, taken apart. */
export interface TypeShape {
  readonly name: string;
  readonly nonNull: boolean;
  /** Null: no list. Else the shape of the items. */
  readonly items: TypeShape | null;
}

export function typeShape(type: TypeNode): TypeShape {
  if (type.kind === 'NonNullType') return { ...typeShape(type.type), nonNull: true };
  if (type.kind === 'NamedType') return { name: type.name.value, nonNull: false, items: null };
  const items = typeShape(type.type);
  return { name: items.name, nonNull: false, items };
}

/** As SDL. */
export function printShape({ name, nonNull, items }: TypeShape): string {
  return `${items === null ? name : `[${printShape(items)}]`}${nonNull ? '!' : ''}`;
}

/** The scalars that need no definition, as TypeScript. */
export const scalarTypes: Readonly<Record<string, string>> = {
  String: 'string',
  ID: 'string',
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  UUID: 'string',
  DateTime: 'Date',
  JSON: 'unknown',
};

/** As TypeScript, for values: `string`, `readonly Color[] | null`. Scalars that nobody knows are `unknown`. */
export function tsType(shape: TypeShape, types: TypeIndex): string {
  const type = shape.items === null ? tsName(shape.name, types) : `readonly ${inArray(tsType(shape.items, types))}[]`;
  return shape.nonNull || type === 'unknown' ? type : `${type} | null`;
}

function inArray(type: string): string {
  return type.includes(' ') ? `(${type})` : type;
}

/** The name that a GraphQL type has in generated TypeScript. The value of a root type may be anything: `unknown`. */
function tsName(name: string, types: TypeIndex): string {
  const entry = types.get(name);
  if (entry?.isRoot) return 'unknown';
  if (entry === undefined || entry.kind === 'scalar') return scalarTypes[name] ?? 'unknown';
  return name;
}

const storedKinds: Readonly<Record<string, FieldKind>> = {
  String: 'string',
  ID: 'string',
  Int: 'int',
  Float: 'float',
  Boolean: 'bool',
  UUID: 'uuid',
  DateTime: 'date',
  JSON: 'json',
};

/** How a value of a type is stored; null for types whose values are not stored. */
export function storedKind({ name, items }: TypeShape, types: TypeIndex): FieldKind | null {
  const kind = types.get(name)?.kind;
  if (kind !== undefined && kind !== 'enum' && kind !== 'scalar') return null;
  if (items !== null) return 'json';
  return kind === 'enum' ? 'string' : (storedKinds[name] ?? 'json');
}
