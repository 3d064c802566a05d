import {
  type DefinitionNode,
  type DocumentNode,
  extendSchema,
  type GraphQLEnumType,
  type GraphQLNamedType,
  type GraphQLScalarType,
  GraphQLSchema,
  isEnumType,
  isScalarType,
  Kind,
} from 'graphql';
import { configuredTypes, isBuiltIn } from './configuredTypes.ts';
import { enumWithBehaviour } from './enumWithBehaviour.ts';
import type { EnumConfig, ScalarConfig, SchemaConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';
import { scalarWithBehaviour } from './scalarWithBehaviour.ts';

const leafKinds: ReadonlySet<DefinitionNode['kind']> = new Set([
  Kind.ENUM_TYPE_DEFINITION,
  Kind.ENUM_TYPE_EXTENSION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_EXTENSION,
]);

/**
 * Gives enums their internal values and scalars their behaviour. graphql-js 16 coerces default values while it builds
 * types, and enums cache their look-ups, so nothing can be changed in place: the configured types are made first, and
 * the rest of `document` is built upon them a second time.
 */
export function applyEnumsAndScalars(
  plain: GraphQLSchema,
  document: DocumentNode,
  config: SchemaConfig,
  problems: SchemaProblems,
): GraphQLSchema {
  const configured = new Map<string, GraphQLNamedType>();
  for (const [type, entry] of configuredTypes<GraphQLEnumType, EnumConfig>(plain, 'enums', config.enums, problems)) {
    configured.set(type.name, enumWithBehaviour(type, entry, problems));
  }
  const scalars = configuredTypes<GraphQLScalarType, ScalarConfig>(plain, 'scalars', config.scalars, problems);
  for (const [type, entry] of scalars) configured.set(type.name, scalarWithBehaviour(type, entry, problems));
  if (configured.size === 0) return plain;

  const leaves = Object.values(plain.getTypeMap())
    .filter((type) => (isEnumType(type) || isScalarType(type)) && !isBuiltIn(type))
    .map((type) => configured.get(type.name) ?? type);
  return rebuild(plain, document, leaves);
}

function rebuild(plain: GraphQLSchema, document: DocumentNode, leaves: readonly GraphQLNamedType[]): GraphQLSchema {
  const definitions = document.definitions.filter(({ kind }) => !leafKinds.has(kind));
  const extended = extendSchema(
    new GraphQLSchema({ types: leaves, directives: [], assumeValid: true }),
    { ...document, definitions },
    { assumeValid: true, assumeValidSDL: true },
  );
  const rebuilt = <TType extends GraphQLNamedType>(type: TType | null | undefined): TType | undefined =>
    type ? ((extended.getType(type.name) ?? type) as TType) : undefined;
  // Order, root types and built-in directives are as `buildASTSchema` has them, which `extendSchema` does not know.
  return new GraphQLSchema({
    ...plain.toConfig(),
    query: rebuilt(plain.getQueryType()),
    mutation: rebuilt(plain.getMutationType()),
    subscription: rebuilt(plain.getSubscriptionType()),
    types: plain.toConfig().types.map((type) => rebuilt(type) ?? type),
    directives: plain.getDirectives().map((directive) => extended.getDirective(directive.name) ?? directive),
  });
}
