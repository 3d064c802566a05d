import {
  type ConstDirectiveNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type NamedTypeNode,
  type OperationTypeNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';

/** A type with its extensions. */
export interface TypeEntry {
  readonly name: string;
  readonly kind: 'object' | 'interface' | 'union' | 'enum' | 'input' | 'scalar';
  readonly node: TypeDefinitionNode;
  readonly description: string | null;
  readonly directives: readonly ConstDirectiveNode[];
  readonly fields: readonly FieldDefinitionNode[];
  readonly inputFields: readonly InputValueDefinitionNode[];
  readonly values: readonly EnumValueDefinitionNode[];
  readonly interfaces: readonly NamedTypeNode[];
  readonly members: readonly NamedTypeNode[];
  /** Whether operations begin at it. */
  readonly isRoot: boolean;
}

const kinds: Readonly<Record<string, TypeEntry['kind']>> = {
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
  [Kind.ENUM_TYPE_DEFINITION]: 'enum',
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: 'input',
  [Kind.SCALAR_TYPE_DEFINITION]: 'scalar',
};

export type TypeIndex = ReadonlyMap<string, TypeEntry>;

export function rootName({ definitions }: DocumentNode, operation: `${OperationTypeNode}`): string {
  for (const node of definitions) {
    if (node.kind !== 'SchemaDefinition' && node.kind !== 'SchemaExtension') continue;
    const found = node.operationTypes?.find((type) => type.operation === operation);
    if (found !== undefined) return found.type.name.value;
  }
  return { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[operation];
}

const operations = ['query', 'mutation', 'subscription'] as const;

/** The types of a document by name, in their order. The first of a name counts. */
export function indexTypes(document: DocumentNode): TypeIndex {
  const { definitions } = document;
  const types = new Map<string, TypeEntry>();
  const roots = new Set(operations.map((operation) => rootName(document, operation)));
  for (const node of definitions) {
    const kind = kinds[node.kind];
    if (kind === undefined || !isTypeDefinitionNode(node)) continue;
    const name = node.name.value;
    if (types.has(name)) continue;
    const extensions = definitions.filter(
      (other): other is TypeExtensionNode =>
        isTypeExtensionNode(other) &&
        other.kind === node.kind.replace('Definition', 'Extension') &&
        other.name.value === name,
    );
    types.set(name, toEntry(name, kind, node, extensions, roots.has(name)));
  }
  return types;
}

function toEntry(
  name: string,
  kind: TypeEntry['kind'],
  node: TypeDefinitionNode,
  extensions: readonly TypeExtensionNode[],
  isRoot: boolean,
): TypeEntry {
  const parts = [node, ...extensions];
  const gather = <T>(key: string): readonly T[] =>
    parts.flatMap((part) => (part as unknown as Record<string, readonly T[] | undefined>)[key] ?? []);
  const isInput = kind === 'input';
  return {
    name,
    kind,
    node,
    description: node.description?.value ?? null,
    directives: gather('directives'),
    fields: isInput ? [] : gather('fields'),
    inputFields: isInput ? gather('fields') : [],
    values: gather('values'),
    interfaces: gather('interfaces'),
    members: gather('types'),
    isRoot,
  };
}
