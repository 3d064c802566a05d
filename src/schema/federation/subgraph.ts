import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type NameNode,
  parse,
  print,
  visit,
} from 'graphql';
import { makeSchema } from '../makeSchema.ts';
import type { ObjectConfig, SchemaConfig } from '../SchemaConfig.ts';
import { type EntityConfig, federate } from './federate.ts';

/** The argument of `subgraph`: that of `makeSchema`, and how the entities of types are found. */
export interface SubgraphConfig extends Omit<SchemaConfig, 'objects' | 'interfaces'> {
  /** As in `makeSchema`; `entity` plans how the entities of a type are found. */
  readonly objects?: Readonly<Record<string, ObjectConfig & Partial<EntityConfig>>>;
  /** As in `makeSchema`; `entity` plans how the entities of an interface are found. */
  readonly interfaces?: Readonly<
    Record<string, NonNullable<NonNullable<SchemaConfig['interfaces']>[string]> & Partial<EntityConfig>>
  >;
}

/** The directives of Apollo Federation, 1 and 2. `link` says under what names a subgraph uses them. */
const DIRECTIVES: ReadonlySet<string> = new Set([
  ...['key', 'requires', 'provides', 'external', 'extends', 'shareable', 'inaccessible', 'override', 'tag'],
  ...['composeDirective', 'interfaceObject', 'authenticated', 'requiresScopes', 'policy', 'context', 'fromContext'],
  ...['cost', 'listSize', 'cacheTag', 'link', 'core'],
]);

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
  const federation = namesOf(document);
  const { query, entityTypes, plain } = executable(document, federation);
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
  return entityTypes.length === 0 ? schema : federate(schema, entities);
}

function withoutEntities<TConfig extends Partial<EntityConfig>>(
  configs: Readonly<Record<string, TConfig>>,
): Record<string, Omit<TConfig, 'entity'>> {
  return Object.fromEntries(Object.entries(configs).map(([name, { entity: _, ...config }]) => [name, config]));
}

/** By the name that a subgraph uses, the directives of federation. */
type DirectiveNames = (name: string) => string | null;

/** `@link(import: [{ name: "@key", as: "@primary" }])` renames; `@federation__key` is always there. */
function namesOf({ definitions }: DocumentNode): DirectiveNames {
  const renamed = new Map<string, string>();
  const defined = new Set<string>();
  for (const definition of definitions) {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) defined.add(definition.name.value);
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const imports = directive.arguments?.find(({ name }) => name.value === 'import')?.value;
      for (const value of imports?.kind === Kind.LIST ? imports.values : []) {
        if (value.kind !== Kind.OBJECT) continue;
        const field = (name: string): string => {
          const found = value.fields.find((one) => one.name.value === name)?.value;
          return found?.kind === Kind.STRING ? found.value.replace(/^@/, '') : '';
        };
        renamed.set(field('as'), field('name'));
      }
    }
  }
  return (used) => {
    const name = renamed.get(used) ?? used.replace(/^federation__/, '');
    return !DIRECTIVES.has(name) || (defined.has(used) && name === used && name !== 'key') ? null : name;
  };
}

/** The SDL as graphql-js takes it: without the directives of federation, and with extensions of nothing as definitions. */
function executable(document: DocumentNode, federation: DirectiveNames) {
  let query = 'Query';
  const keyed = new Set<string>();
  const defined = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION) {
      const found = definition.operationTypes?.find(({ operation }) => operation === 'query');
      if (found !== undefined) query = found.type.name.value;
    }
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) {
      const name = definition.name.value;
      const keys = definition.directives?.filter((directive) => federation(directive.name.value) === 'key') ?? [];
      if (keys.some(isResolvable)) keyed.add(name);
    }
    if ('name' in definition && definition.name !== undefined && definition.kind.endsWith('TypeDefinition')) {
      defined.add(definition.name.value);
    }
  }
  const stripped: DocumentNode = visit(document, {
    Directive: ({ name }) => (federation(name.value) === null ? undefined : null),
  });
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
  return { query, entityTypes: [...keyed], plain };
}

function isResolvable({ arguments: given }: ConstDirectiveNode): boolean {
  const value = given?.find(({ name }) => name.value === 'resolvable')?.value;
  return value?.kind !== Kind.BOOLEAN || value.value;
}

function additions(query: string, entityTypes: readonly string[]): string {
  const service = `type _Service { sdl: String } extend type ${query} { _service: _Service! }`;
  if (entityTypes.length === 0) return service;
  return `${service}
    scalar _Any
    union _Entity = ${entityTypes.join(' | ')}
    extend type ${query} { _entities(representations: [_Any!]!): [_Entity]! }`;
}
