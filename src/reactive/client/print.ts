import type { AstNode } from './ast.ts';

/** The text of a node of an executable document. */
export function print(node: AstNode | undefined): string {
  if (node === undefined) return '';
  const { kind, name, alias, value, type, typeCondition, defaultValue, selectionSet } = node;
  const named = name?.value ?? '';
  const on = typeCondition ? ` on ${print(typeCondition)}` : '';
  const body = list('{', selectionSet?.selections, '}');
  const rest = `${list('(', node.arguments, ')')}${list(' ', node.directives, '')}${body}`;
  switch (kind) {
    case 'OperationDefinition':
      return `${node.operation ?? 'query'} ${named}${list('(', node.variableDefinitions, ')')}${rest}`;
    case 'VariableDefinition':
      return `${print(node.variable)}:${print(type)}${defaultValue ? `=${print(defaultValue)}` : ''}${rest}`;
    case 'Field':
      return `${alias ? `${alias.value}:` : ''}${named}${rest}`;
    case 'FragmentSpread':
    case 'InlineFragment':
      return `...${named}${on}${rest}`;
    case 'FragmentDefinition':
      return `fragment ${named}${on}${rest}`;
    case 'Directive':
      return `@${named}${rest}`;
    case 'Argument':
    case 'ObjectField':
      return `${named}:${isNode(value) ? print(value) : ''}`;
    case 'Variable':
      return `$${named}`;
    case 'NamedType':
      return named;
    case 'ListType':
      return `[${print(type)}]`;
    case 'NonNullType':
      return `${print(type)}!`;
    case 'StringValue':
      return JSON.stringify(value);
    case 'NullValue':
      return 'null';
    case 'ListValue':
      return `[${all(node.values)}]`;
    case 'ObjectValue':
      return `{${all(node.fields)}}`;
    default:
      // Of numbers, booleans and enums.
      if (value === undefined) throw new TypeError(`A document has no ${kind}.`);
      return String(value);
  }
}

/** Whether the `value` of a node is a node, too. */
export function isNode(value: unknown): value is AstNode {
  return Object(value).kind !== undefined;
}

function all(nodes: readonly AstNode[] = []): string {
  return nodes.map(print).join(' ');
}

function list(open: string, nodes: readonly AstNode[] | undefined, close: string): string {
  return nodes?.length ? open + all(nodes) + close : '';
}
