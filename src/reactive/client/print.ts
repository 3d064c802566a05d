import type { AstNode, SelectionSet } from './ast.ts';

/** The text of a node of an executable document. */
export function print(node: AstNode): string {
  const { kind, name, type, value } = node;
  const named = name?.value ?? '';
  switch (kind) {
    case 'OperationDefinition':
      return `${node.operation ?? 'query'} ${named}${list('(', node.variableDefinitions, ')')}${directives(node)}${body(node.selectionSet)}`;
    case 'VariableDefinition': {
      const defaultValue = node.defaultValue === undefined ? '' : `=${print(node.defaultValue)}`;
      return `${all([node.variable])}:${all([type])}${defaultValue}${directives(node)}`;
    }
    case 'Field': {
      const alias = node.alias === undefined ? '' : `${node.alias.value}:`;
      return `${alias}${named}${list('(', node.arguments, ')')}${directives(node)}${body(node.selectionSet)}`;
    }
    case 'FragmentSpread':
      return `...${named}${directives(node)}`;
    case 'InlineFragment': {
      const on = node.typeCondition === undefined ? '' : ` on ${print(node.typeCondition)}`;
      return `...${on}${directives(node)}${body(node.selectionSet)}`;
    }
    case 'FragmentDefinition':
      return `fragment ${named} on ${all([node.typeCondition])}${directives(node)}${body(node.selectionSet)}`;
    case 'Directive':
      return `@${named}${list('(', node.arguments, ')')}`;
    case 'Argument':
    case 'ObjectField':
      return `${named}:${isNode(value) ? print(value) : ''}`;
    case 'Variable':
      return `$${named}`;
    case 'NamedType':
      return named;
    case 'ListType':
      return `[${all([type])}]`;
    case 'NonNullType':
      return `${all([type])}!`;
    case 'StringValue':
      return JSON.stringify(value);
    case 'NullValue':
      return 'null';
    case 'ListValue':
      return `[${all(node.values)}]`;
    case 'ObjectValue':
      return `{${all(node.fields)}}`;
    case 'IntValue':
    case 'FloatValue':
    case 'BooleanValue':
    case 'EnumValue':
      return String(value);
    default:
      throw new TypeError(`A document of the client cannot hold a ${kind}.`);
  }
}

/** Whether what a node has as `value` is a node, too. */
export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function all(nodes: readonly (AstNode | undefined)[] | undefined): string {
  return (nodes ?? []).map((node) => (node === undefined ? '' : print(node))).join(' ');
}

function list(open: string, nodes: readonly AstNode[] | undefined, close: string): string {
  return nodes === undefined || nodes.length === 0 ? '' : `${open}${all(nodes)}${close}`;
}

function directives(node: AstNode): string {
  return node.directives === undefined || node.directives.length === 0 ? '' : ` ${all(node.directives)}`;
}

function body(set: SelectionSet | undefined): string {
  return set === undefined ? '' : `{${all(set.selections)}}`;
}
