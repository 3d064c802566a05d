import {
  type ArgumentNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  versionInfo,
} from 'graphql';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { asGraphQLError } from './asGraphQLError.ts';

/** How many selections and values all copies of fragments may have together: values in values grow without end. */
const MAX_NODES = 100_000;

/** The value of each variable of a fragment in one copy of it; undefined: it has none. */
type Scope = ReadonlyMap<string, ValueNode | undefined>;

type Expanded = DocumentNode | GraphQLError;

/** The errors of selections that stand for the content of a refused fragment. */
export const refusals: WeakMap<SelectionNode, GraphQLError> = new WeakMap();

const known = new WeakMap<DocumentNode, Map<string, Expanded> | null>();

/**
 * The same document without variables of fragments (`experimentalFragmentArguments` of graphql-js 17): each fragment that
 * has some becomes a copy for each set of values that it is spread with. So plans know nothing of them.
 *
 * Which defaults apply depends on which variables of the operation are `given`, and on nothing else of a request. Null:
 * all of them are.
 */
export function withoutFragmentArguments(
  document: DocumentNode,
  given: Readonly<Record<string, unknown>> | null,
): DocumentNode | GraphQLError {
  if (versionInfo.major < 17 || document == null) return document;
  let byAbsent = known.get(document);
  if (byAbsent === undefined) {
    byAbsent = document.definitions?.some(hasVariables) ? new Map() : null;
    known.set(document, byAbsent);
  }
  if (byAbsent === null) return document;
  const absent = given === null ? [] : absentVariables(document, given);
  return getOrCreate(byAbsent, absent.join(), () => new Expansion(document, new Set(absent)).expanded());
}

function hasVariables(definition: DefinitionNode): boolean {
  return definition.kind === Kind.FRAGMENT_DEFINITION && Boolean(definition.variableDefinitions?.length);
}

/** The variables of operations that have no value in a request, not even null. */
function absentVariables({ definitions }: DocumentNode, given: Readonly<Record<string, unknown>>): string[] {
  const operations = definitions.filter((node): node is OperationDefinitionNode => 'operation' in node);
  const names = operations.flatMap(({ variableDefinitions = [] }) =>
    variableDefinitions
      .filter(({ defaultValue }) => defaultValue === undefined)
      .map(({ variable }) => variable.name.value),
  );
  return names.filter((name) => !Object.hasOwn(given, name) || given[name] === undefined).sort();
}

class Expansion {
  readonly #document: DocumentNode;
  readonly #absent: ReadonlySet<string>;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #names: Set<string>;
  /** By fragment and values: the name of the copy. */
  readonly #copies: Map<string, string> = new Map();
  readonly #definitions: FragmentDefinitionNode[] = [];
  /** The fragments that are being copied, by name: a document that nobody has validated may spread one in itself. */
  readonly #open: Map<string, string> = new Map();
  readonly #sizes: Map<ValueNode, number> = new Map();
  #nodes = 0;

  constructor(document: DocumentNode, absent: ReadonlySet<string>) {
    this.#document = document;
    this.#absent = absent;
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
    this.#names = new Set(this.#fragments.keys());
  }

  expanded(): Expanded {
    try {
      const own = this.#document.definitions.filter((definition) => !hasVariables(definition));
      const definitions = own.map((definition) => this.#definition(definition));
      return { ...this.#document, definitions: [...definitions, ...this.#definitions] };
    } catch (error) {
      return asGraphQLError(error);
    }
  }

  #definition(node: DefinitionNode): DefinitionNode {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) return node;
    return { ...node, selectionSet: this.#selectionSet(node.selectionSet, null) };
  }

  #selectionSet(node: SelectionSetNode, scope: Scope | null): SelectionSetNode {
    return { ...node, selections: node.selections.map((selection) => this.#selection(selection, scope)) };
  }

  #spend(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > MAX_NODES) {
      throw new GraphQLError(`Fragments with arguments come to more than ${MAX_NODES} selections and values.`);
    }
  }

  #selection(node: SelectionNode, scope: Scope | null): SelectionNode {
    this.#spend(1);
    const directives = node.directives?.map((directive) => this.#withValues(directive, scope));
    const own = directives === undefined ? node : { ...node, directives };
    switch (own.kind) {
      case Kind.FIELD: {
        const field = this.#withValues(own, scope);
        const { selectionSet } = field;
        return selectionSet === undefined ? field : { ...field, selectionSet: this.#selectionSet(selectionSet, scope) };
      }
      case Kind.INLINE_FRAGMENT:
        return { ...own, selectionSet: this.#selectionSet(own.selectionSet, scope) };
      case Kind.FRAGMENT_SPREAD:
        return this.#spread(own, scope);
    }
  }

  /** Arguments without a value are as if they were not written. */
  #withValues<T extends { readonly arguments?: DirectiveNode['arguments'] }>(node: T, scope: Scope | null): T {
    if (scope === null || node.arguments === undefined) return node;
    const given = node.arguments.flatMap((argument) => {
      const value = valueIn(argument.value, scope);
      return value === undefined ? [] : [{ ...argument, value }];
    });
    return { ...node, arguments: given };
  }

  #spread(node: FragmentSpreadNode, scope: Scope | null): FragmentSpreadNode {
    const { arguments: given = [], ...spread } = node as FragmentSpreadNode & {
      readonly arguments?: readonly ArgumentNode[];
    };
    const fragment = this.#fragments.get(spread.name.value);
    if (fragment === undefined || !hasVariables(fragment)) return spread;
    const inner = new Map(
      fragment.variableDefinitions?.map(({ variable, defaultValue }) => {
        const name = variable.name.value;
        const argument = given.find((one) => one.name.value === name);
        return [name, (argument && this.#given(argument.value, scope)) ?? defaultValue] as const;
      }),
    );
    const refusal = refusalOf(node, fragment, given, inner);
    const copy = refusal === null ? this.#copy(fragment, inner) : this.#refused(fragment, spread, refusal);
    return { ...spread, name: { ...spread.name, value: copy } };
  }

  /** The value that a spread gives to a variable of its fragment: none, where it is a variable without a value. */
  #given(value: ValueNode, scope: Scope | null): ValueNode | undefined {
    const own = scope === null ? value : valueIn(value, scope);
    return own?.kind === Kind.VARIABLE && this.#absent.has(own.name.value) ? undefined : own;
  }

  /** The name of the copy of a fragment for some values. */
  #copy(fragment: FragmentDefinitionNode, scope: Scope): string {
    const name = fragment.name.value;
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    for (const value of scope.values()) if (value !== undefined) this.#spend(this.#sizeOf(value));
    const key = `${name}(${[...scope.values()].map((value) => (value === undefined ? '' : print(value))).join()})`;
    let copy = this.#copies.get(key);
    if (copy === undefined) {
      copy = this.#freshName(name);
      this.#copies.set(key, copy);
      this.#open.set(name, copy);
      const { selections } = this.#selectionSet(fragment.selectionSet, scope);
      this.#open.delete(name);
      this.#define(fragment, copy, selections);
    }
    return copy;
  }

  // The condition of the copy's one selection is none: execution that comes to it tells why.
  #refused(fragment: FragmentDefinitionNode, spread: FragmentSpreadNode, refusal: GraphQLError): string {
    const include = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'include' } } as const;
    const selection = { ...spread, directives: [include] };
    refusals.set(selection, refusal);
    return this.#define(fragment, this.#freshName(fragment.name.value), [selection]);
  }

  #define(
    { variableDefinitions: _, ...rest }: FragmentDefinitionNode,
    value: string,
    selections: readonly SelectionNode[],
  ): string {
    this.#definitions.push({
      ...rest,
      name: { ...rest.name, value },
      selectionSet: { ...rest.selectionSet, selections },
    });
    return value;
  }

  /** How many nodes a value has, those that it has several times counted each time. */
  #sizeOf(node: ValueNode): number {
    return getOrCreate(this.#sizes, node, () => {
      if (node.kind === Kind.LIST) return sumOf(node.values.map((item) => this.#sizeOf(item)));
      return node.kind === Kind.OBJECT ? sumOf(node.fields.map(({ value }) => this.#sizeOf(value))) : 1;
    });
  }

  #freshName(name: string): string {
    let number = 1;
    while (this.#names.has(`${name}_${number}`)) number++;
    this.#names.add(`${name}_${number}`);
    return `${name}_${number}`;
  }
}

/** Why a fragment cannot be spread: the first of its variables that must have a value has none. Null: all have theirs. */
function refusalOf(
  spread: FragmentSpreadNode,
  { name: fragment, variableDefinitions }: FragmentDefinitionNode,
  args: readonly ArgumentNode[],
  scope: Scope,
): GraphQLError | null {
  for (const { variable, type } of variableDefinitions ?? []) {
    const name = variable.name.value;
    const value = args.find((argument) => argument.name.value === name)?.value;
    if (type.kind !== Kind.NON_NULL_TYPE) continue;
    if (scope.get(name) !== undefined && value?.kind !== Kind.NULL) continue;
    const given =
      value?.kind === Kind.VARIABLE
        ? `variable "$${value.name.value}" provided to type "${print(type)}" to provide a runtime value`
        : `value of non-null type "${print(type)}" not to be null`;
    const problem =
      value === undefined
        ? `of required type "${print(type)}" was not provided.`
        : `has invalid value: Expected ${given}.`;
    const message = `Variable "$${name}" defined by fragment "${fragment.value}" ${problem}`;
    return new GraphQLError(message, { nodes: value ?? spread });
  }
  return null;
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 1);
}

/** A value with the variables of a fragment replaced; undefined: it is a variable that has none. */
function valueIn(node: ValueNode, scope: Scope): ValueNode | undefined {
  switch (node.kind) {
    case Kind.VARIABLE:
      return scope.has(node.name.value) ? scope.get(node.name.value) : node;
    case Kind.LIST:
      return { ...node, values: node.values.map((item) => valueIn(item, scope) ?? { kind: Kind.NULL }) };
    case Kind.OBJECT: {
      const fields = node.fields.flatMap((field) => {
        const value = valueIn(field.value, scope);
        return value === undefined ? [] : [{ ...field, value }];
      });
      return { ...node, fields };
    }
    default:
      return node;
  }
}
