import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLSchema,
  GraphQLString,
  isInputType,
  Kind,
  type NamedTypeNode,
  type TypeNode,
  type VariableDefinitionNode,
  versionInfo,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** By built-in scalar, whether coercing a value would not change it. */
const isPlain: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map<unknown, (value: unknown) => boolean>([
  [GraphQLID, (value) => typeof value === 'string'],
  [GraphQLString, (value) => typeof value === 'string'],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
]);

interface Parsing {
  readonly parseValue: { readonly name: string };
}

/** graphql-js' own methods, unless they were replaced before this module was loaded: those have another name, or none. */
const original: ReadonlyMap<unknown, unknown> = new Map(
  Array.from(isPlain.keys(), (type) => {
    const { parseValue } = type as Parsing;
    return [type, parseValue.name === 'parseValue' ? parseValue : null];
  }),
);

/**
 * The coerced variables where a look shows that all are right as they are: values of built-in scalars and lists of
 * them, as most requests have. Null where graphql-js has to look: it takes ten times as long. The values of graphql-js
 * 17 are more than values.
 */
export function plainVariables(
  schema: GraphQLSchema,
  definitions: ReadonlyArray<VariableDefinitionNode>,
  given: Variables,
): Record<string, unknown> | null {
  if (versionInfo.major >= 17) return null;
  const coerced: Record<string, unknown> = {};
  for (const { variable, type, defaultValue } of definitions) {
    const name = variable.name.value;
    const nullable = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
    if (!Object.hasOwn(given, name)) {
      if (type !== nullable || defaultValue !== undefined || !isInput(schema, type)) return null;
      continue;
    }
    const value = nullable.kind === Kind.LIST_TYPE ? plainList(schema, nullable.type, given[name]) : given[name];
    if (nullable.kind === Kind.NAMED_TYPE ? !isPlainValue(typeOf(schema, nullable), value) : value === null)
      return null;
    coerced[name] = value;
  }
  return coerced;
}

/** A copy, as graphql-js makes one: null where it has to look at an item, or the items are lists. */
function plainList(schema: GraphQLSchema, item: TypeNode, given: unknown): readonly unknown[] | null {
  const nullable = item.kind === Kind.NON_NULL_TYPE ? item.type : item;
  if (!Array.isArray(given) || nullable.kind !== Kind.NAMED_TYPE) return null;
  const type = typeOf(schema, nullable);
  const isPlainItem = plainOf(type);
  if (isPlainItem === null) return null;
  const list: unknown[] = [];
  for (const value of given as readonly unknown[]) {
    if (!isPlainItem(value) && (value !== null || item !== nullable)) return null;
    list.push(value);
  }
  return list;
}

function typeOf(schema: GraphQLSchema, { name }: NamedTypeNode): unknown {
  return schema.getType(name.value);
}

function isPlainValue(type: unknown, value: unknown): boolean {
  return plainOf(type)?.(value) === true;
}

/** A scalar whose `parseValue` was replaced looks at all values itself. */
function plainOf(type: unknown): ((value: unknown) => boolean) | null {
  const found = isPlain.get(type);
  return found !== undefined && (type as Parsing).parseValue === original.get(type) ? found : null;
}

/** Whether there is such a type for variables: where nobody has validated the document, there may be none. */
function isInput(schema: GraphQLSchema, node: TypeNode): boolean {
  if (node.kind !== Kind.NAMED_TYPE) return isInput(schema, node.type);
  return isInputType(schema.getType(node.name.value));
}
