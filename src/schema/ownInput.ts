import {
  type ArgumentNode,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  Kind,
  type ValueNode,
  versionInfo,
} from 'graphql';
import { isRecord } from '../utils/isRecord.ts';
import { ownCopy } from '../utils/ownCopy.ts';
import { isBuiltInScalar } from './pureScalars.ts';

type Variables = Readonly<Record<string, unknown>>;

const NO_VARIABLES: Variables = {};

/**
 * A private copy of a coerced input (rule R25). `node` is the literal that it was coerced from, or null: the value of a
 * variable belongs to the request, and is not copied. Internal values of enums are told apart by identity, and are
 * never copied.
 */
export function ownInput(
  type: GraphQLInputType,
  value: unknown,
  node: ValueNode | null = null,
  variables: Variables = NO_VARIABLES,
): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // Where the variable has no value, there is the default.
  if (node?.kind === Kind.VARIABLE && variables[node.name.value] !== undefined) return value;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    if (!Array.isArray(value)) return ownCopy(value);
    const nodes = node?.kind === Kind.LIST ? node.values : null;
    const itemType = nullable.ofType;
    return value.map((item, index) => ownInput(itemType, item, nodes === null ? node : nodes[index], variables));
  }
  if (isEnumType(nullable)) return value;
  if (!isInputObjectType(nullable)) return ownCopy(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const fields = nullable.getFields();
  const copy: Record<string, unknown> = newInput();
  for (const [name, part] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    copy[name] = field === undefined ? ownCopy(part) : ownInput(field.type, part, fieldNode(node, name), variables);
  }
  return copy;
}

/** The objects of graphql-js 17 have no prototype. */
const newInput: () => Record<string, unknown> = versionInfo.major < 17 ? () => ({}) : () => Object.create(null);

function fieldNode(node: ValueNode | null, name: string): ValueNode | null {
  if (node?.kind !== Kind.OBJECT) return null;
  return node.fields.find((field) => field.name.value === name)?.value ?? null;
}

/** The literal that an argument is given; null where it is left out. */
export function argumentNode(name: string, nodes: readonly ArgumentNode[] | undefined): ValueNode | null {
  return nodes?.find((node) => node.name.value === name)?.value ?? null;
}

/** Whether a literal is coerced to something that can be written to. */
export function isWritable(type: GraphQLInputType, node: ValueNode): boolean {
  if (node.kind === Kind.VARIABLE || node.kind === Kind.NULL) return false;
  const nullable = getNullableType(type);
  return !isLeafType(nullable) || !(isEnumType(nullable) || isBuiltInScalar(nullable));
}

const sharing = new WeakMap<GraphQLNamedType, boolean>();

/**
 * Whether coercing a value of a type may bring in a default that graphql-js holds for the schema, and that can be
 * written to.
 */
export function sharesDefaults(type: GraphQLInputType): boolean {
  const named = getNamedType(type);
  let shares = sharing.get(named);
  if (shares === undefined) {
    shares = findDefaults(named, new Set());
    sharing.set(named, shares);
  }
  return shares;
}

function findDefaults(type: GraphQLNamedType, met: Set<GraphQLNamedType>): boolean {
  if (!isInputObjectType(type) || met.has(type)) return false;
  met.add(type);
  return Object.values(type.getFields()).some(
    (field) => hasWritableDefault(field) || findDefaults(getNamedType(field.type), met),
  );
}

export function hasWritableDefault(input: GraphQLArgument | GraphQLInputField): boolean {
  const { default: given } = input as { default?: { readonly literal?: ValueNode; readonly value?: unknown } };
  if (given?.literal !== undefined) return isWritable(input.type, given.literal);
  const value = given === undefined ? input.defaultValue : given.value;
  if (value === null || value === undefined || isEnumType(getNullableType(input.type))) return false;
  return typeof value === 'object' || !isLeafType(getNullableType(input.type));
}

/** Whether there is an enum's internal value in a coerced input that is an object: data cannot stand for it. */
export function holdsEnumObject(type: GraphQLInputType, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const nullable = getNullableType(type);
  if (isEnumType(nullable)) return true;
  if (isListType(nullable)) {
    const itemType = nullable.ofType;
    return Array.isArray(value) && value.some((item) => holdsEnumObject(itemType, item));
  }
  if (!isInputObjectType(nullable) || !isRecord(value)) return false;
  return Object.values(nullable.getFields()).some(({ name, type }) => holdsEnumObject(type, value[name]));
}

/** The coerced variables by name, from the `variableValues` that the installed graphql-js gives to resolvers. */
export function variablesByName(forResolvers: unknown): Variables {
  return versionInfo.major < 17
    ? (forResolvers as Variables)
    : (forResolvers as { readonly coerced: Variables }).coerced;
}
