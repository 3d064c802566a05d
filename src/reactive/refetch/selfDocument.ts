import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  parseType,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import type { OwnFields } from '../tracking/objectsOf.ts';

/** An operation that reads objects by their ids. */
export interface SelfDocument {
  readonly document: DocumentNode;
  /** By object: the name of the variable of its id, and of the field in the answer. */
  readonly names: readonly string[];
}

const PREFIX = 'planqlNode';

/**
 * Makes an operation that reads `count` objects by `Query.node`: another operation's selections of the objects at a
 * position, as far as they are read from the objects themselves. Null: schema or selections do not allow that.
 */
export function selfDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
  path: readonly string[],
  own: readonly OwnFields[],
  count: number,
): SelfDocument | null {
  const operation = getOperationAST(document, operationName);
  const node = schema.getQueryType()?.getFields().node;
  const id = node?.args.find(({ name }) => name === 'id');
  if (operation == null || node === undefined || id === undefined || own.length === 0) return null;
  const type = getNamedType(node.type);
  const isNode = (name: string): boolean => {
    const object = schema.getType(name);
    return isObjectType(object) && (object === type || (isAbstractType(type) && schema.isSubType(type, object)));
  };
  const selections = new SelectionWalk(schema, document).at(operation, path);
  if (selections === null || !own.every((one) => isNode(one.type))) return null;
  const names = Array.from({ length: count }, (_, n) => `${PREFIX}${n}`);
  const selected = own.map(({ type: name, keys }) =>
    inline(
      name,
      [],
      selections.flatMap((given) => given(keys)),
    ),
  );
  const made: OperationDefinitionNode = {
    ...operation,
    directives: [],
    variableDefinitions: [
      ...(operation.variableDefinitions ?? []),
      ...names.map((name) => definitionOf(name, parseType(String(id.type)))),
    ],
    selectionSet: setOf(names.map((name) => nodeField(name, selected))),
  };
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return { names, document: { kind: Kind.DOCUMENT, definitions: [made, ...fragments] } };
}

/** The selections of one field of the document, cut down to some response keys. */
type Selections = (keys: ReadonlySet<string>) => readonly SelectionNode[];

/** A selection set on the way to a position, with the conditions under which it is there. */
interface Way {
  readonly set: SelectionSetNode;
  readonly conditions: readonly (readonly DirectiveNode[])[];
}

class SelectionWalk {
  readonly #schema: GraphQLSchema;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  /** Null: which selections apply is not known before the types of objects above are. */
  at({ selectionSet }: OperationDefinitionNode, path: readonly string[]): readonly Selections[] | null {
    let ways: readonly Way[] = [{ set: selectionSet, conditions: [] }];
    let type: GraphQLCompositeType | null = this.#schema.getQueryType() ?? null;
    for (const key of path) {
      if (type === null) return null;
      const next: Way[] = [];
      const types = new Set<GraphQLCompositeType | null>();
      for (const { set, conditions } of ways) {
        for (const [field, within, parent] of this.#fields(set, key, conditions, type)) {
          const named = 'getFields' in parent ? parent.getFields()[field.name.value]?.type : undefined;
          const below = named === undefined ? null : getNamedType(named);
          types.add(isCompositeType(below) ? below : null);
          // Below an abstract type a fragment may hold for some objects only.
          if (parent !== type && isAbstractType(type)) types.add(null);
          if (field.selectionSet !== undefined) next.push({ set: field.selectionSet, conditions: within });
        }
      }
      const [only = null] = types;
      if (types.size !== 1) return null;
      type = only;
      ways = next;
    }
    return ways.map(
      ({ set, conditions }) =>
        (keys) =>
          conditions.reduceRight<readonly SelectionNode[]>(
            (selections, directives) => (directives.length === 0 ? selections : [inline(null, directives, selections)]),
            this.#cut(set, keys),
          ),
    );
  }

  *#fields(
    set: SelectionSetNode,
    key: string,
    conditions: Way['conditions'],
    parent: GraphQLCompositeType,
  ): Iterable<readonly [FieldNode, Way['conditions'], GraphQLCompositeType]> {
    for (const node of set.selections) {
      const within = [...conditions, conditionsOf(node)];
      if (node.kind === Kind.FIELD) {
        if (responseKey(node) === key) yield [node, within, parent];
        continue;
      }
      const fragment = this.#fragmentOf(node);
      const type = fragment?.type == null ? parent : this.#schema.getType(fragment.type);
      if (fragment !== null && isCompositeType(type)) {
        yield* this.#fields(fragment.set, key, within, isObjectType(parent) ? parent : type);
      }
    }
  }

  /** The fields with some response keys, their ids and type names. */
  #cut(set: SelectionSetNode, keys: ReadonlySet<string>): readonly SelectionNode[] {
    return set.selections.flatMap((node): readonly SelectionNode[] => {
      if (node.kind === Kind.FIELD) {
        const { value } = node.name;
        return keys.has(responseKey(node)) || value === 'id' || value === '__typename' ? [node] : [];
      }
      const fragment = this.#fragmentOf(node);
      const selections = fragment === null ? [] : this.#cut(fragment.set, keys);
      return selections.length === 0 ? [] : [inline(fragment?.type ?? null, conditionsOf(node), selections)];
    });
  }

  #fragmentOf(
    node: Exclude<SelectionNode, FieldNode>,
  ): { readonly type: string | null; readonly set: SelectionSetNode } | null {
    const found = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
    if (found === undefined) return null;
    return { type: found.typeCondition?.name.value ?? null, set: found.selectionSet };
  }
}

function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

function conditionsOf({ directives = [] }: SelectionNode): readonly DirectiveNode[] {
  return directives.filter(({ name }) => name.value === 'include' || name.value === 'skip');
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

function variable(name: string): VariableNode {
  return { kind: Kind.VARIABLE, name: nameNode(name) };
}

function definitionOf(name: string, type: TypeNode): VariableDefinitionNode {
  return { kind: Kind.VARIABLE_DEFINITION, variable: variable(name), type };
}

function setOf(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

function inline(
  type: string | null,
  directives: readonly DirectiveNode[],
  selections: readonly SelectionNode[],
): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(type !== null && { typeCondition: { kind: Kind.NAMED_TYPE, name: nameNode(type) } }),
    directives,
    selectionSet: setOf(selections),
  };
}

function nodeField(name: string, selections: readonly SelectionNode[]): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: nameNode(name),
    name: nameNode('node'),
    arguments: [{ kind: Kind.ARGUMENT, name: nameNode('id'), value: variable(name) }],
    selectionSet: setOf(selections),
  };
}
