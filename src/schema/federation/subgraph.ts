import { type DefinitionNode, type DocumentNode, type GraphQLSchema, Kind, type NameNode, parse, print } from 'graphql';
import { type DirectiveNames, directiveNames, keyOf, withoutDirectives } from '../../federation/directives.ts';
import { makeSchema } from '../makeSchema.ts';
import type { ObjectConfig, SchemaConfig } from '../SchemaConfig.ts';
import { type EntityConfig, planEntities } from './federate.ts';

/** The argument of `subgraph`: that of `makeSchema`, and how the entities of types are found. */
export interface SubgraphConfig extends Omit<SchemaConfig, 'objects' | 'interfaces'> {
  /** As in `makeSchema`; `entity` plans how the entities of a type are found. */
  readonly objects?: Readonly<Record<string, ObjectConfig & Partial<EntityConfig>>>;
  /** As in `makeSchema`; `entity` plans how the entities of an interface are found. */
  readonly interfaces?: Readonly<
    Record<string, NonNullable<NonNullable<SchemaConfig['interfaces']>[string]> & Partial<EntityConfig>>
  >;
}

/**
 * Makes a subgraph of Apollo Federation, whose entities are planned: all representations of a type that a gateway asks for
 * are one batch, whatever their number and mix. `_service` answers with `typeDefs` as they are.
 *
 * ```ts
 * subgraph({ typeDefs, objects: { User: { entity: ($ref) => loadOne(get($ref, 'id'), userById) } } });
 * ```
 *
 * @throws SchemaError as `makeSchema` does.
 */
export function subgraph({ typeDefs, objects = {}, interfaces = {}, ...rest }: SubgraphConfig): GraphQLSchema {
  const pieces = [typeDefs].flat();
  const sdl = pieces.map((piece) => (typeof piece === 'string' ? piece : print(piece))).join('\n\n');
  const document = parse(sdl);
  const federation = directiveNames(document);
  const { query, entityTypes, keys, plain } = executable(document, federation);
  const own = withoutEntities(objects);
  const root = own[query];
  const config: SchemaConfig = {
    ...rest,
    typeDefs: [plain, additions(query, entityTypes)],
    objects: { ...own, [query]: { ...root, plans: { ...root?.plans, _service: { resolve: () => ({ sdl }) } } } },
    interfaces: withoutEntities(interfaces),
  };
  const schema = makeSchema(config);
  const entities: Record<string, EntityConfig> = {};
  for (const [name, { entity }] of [...Object.entries(objects), ...Object.entries(interfaces)]) {
    if (entity !== undefined) entities[name] = { entity };
  }
  return entityTypes.length === 0 ? schema : planEntities(schema, entities, keys);
}

function withoutEntities<TConfig extends Partial<EntityConfig>>(
  configs: Readonly<Record<string, TConfig>>,
): Record<string, Omit<TConfig, 'entity'>> {
  return Object.fromEntries(Object.entries(configs).map(([name, { entity: _, ...config }]) => [name, config]));
}

/** The SDL as graphql-js takes it: without the directives of federation, and with extensions of nothing as definitions. */
function executable(document: DocumentNode, federation: DirectiveNames) {
  let query = 'Query';
  const entityTypes = new Set<string>();
  const keys = new Map<string, readonly string[]>();
  const defined = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION) {
      const found = definition.operationTypes?.find(({ operation }) => operation === 'query');
      if (found !== undefined) query = found.type.name.value;
    }
    if (isKeyed(definition)) {
      const name = definition.name.value;
      const own = definition.directives?.flatMap((node) => keyOf(node, federation) ?? []) ?? [];
      const fields = own.flatMap((key) => (key.isResolvable ? [key.fields] : []));
      if (fields.length > 0) keys.set(name, [...(keys.get(name) ?? []), ...fields]);
      if (fields.length > 0 && definition.kind.startsWith('Object')) entityTypes.add(name);
    }
    if ('name' in definition && definition.name !== undefined && definition.kind.endsWith('TypeDefinition')) {
      defined.add(definition.name.value);
    }
  }
  const stripped = withoutDirectives(document, federation);
  const isFirst = ({ value }: NameNode): boolean => !defined.has(value) && defined.add(value).has(value);
  const definitions = stripped.definitions.flatMap((definition): DefinitionNode[] => {
    switch (definition.kind) {
      case Kind.DIRECTIVE_DEFINITION:
        return federation(definition.name.value) === null ? [definition] : [];
      case Kind.SCHEMA_EXTENSION:
        return definition.directives?.length || definition.operationTypes?.length ? [definition] : [];
      // Federation 1 extends types of other subgraphs.
      case Kind.OBJECT_TYPE_EXTENSION:
        return [isFirst(definition.name) ? { ...definition, kind: Kind.OBJECT_TYPE_DEFINITION } : definition];
      case Kind.INTERFACE_TYPE_EXTENSION:
        return [isFirst(definition.name) ? { ...definition, kind: Kind.INTERFACE_TYPE_DEFINITION } : definition];
      default:
        return [definition];
    }
  });
  const root = defined.has(query) ? [] : parse(`type ${query}`).definitions;
  const plain: DocumentNode = { kind: Kind.DOCUMENT, definitions: definitions.concat(root) };
  return { query, entityTypes: [...entityTypes], keys, plain };
}

function isKeyed(
  node: DefinitionNode,
): node is Extract<DefinitionNode, { readonly kind: `${'Object' | 'Interface'}Type${string}` }> {
  return /^(Object|Interface)Type/.test(node.kind);
}

function additions(query: string, entityTypes: readonly string[]): string {
  const service = `type _Service { sdl: String } extend type ${query} { _service: _Service! }`;
  if (entityTypes.length === 0) return service;
  return `${service}
    scalar _Any
    union _Entity = ${entityTypes.join(' | ')}
    extend type ${query} { _entities(representations: [_Any!]!): [_Entity]! }`;
}
