import type { ASTNode, ConstDirectiveNode, ConstValueNode, StringValueNode } from 'graphql';
import {
  type ArgumentType,
  type DirectiveDefinition,
  type DirectiveName,
  directives,
  isGrappleDirective,
} from '../directives.ts';
import type { Problems } from '../parse/Problems.ts';
import type { WhereModel } from './Model.ts';

/** The value of an argument of a directive. */
export type DirectiveValue = string | number | boolean | readonly string[] | WhereModel;

/** A directive of Grapple on some node, with its arguments. */
export interface DirectiveUse {
  readonly name: DirectiveName;
  readonly node: ConstDirectiveNode;
  readonly args: Readonly<Record<string, DirectiveValue>>;
}

/** Grapple's directives on a node. Arguments of a wrong type are problems. */
export function directiveUses(
  nodes: readonly ConstDirectiveNode[] | undefined,
  problems: Problems,
): readonly DirectiveUse[] {
  return (nodes ?? []).flatMap((node) => {
    const name = node.name.value;
    return isGrappleDirective(name) ? [{ name, node, args: argumentsOf(name, node, problems) }] : [];
  });
}

function argumentsOf(name: DirectiveName, node: ConstDirectiveNode, problems: Problems): DirectiveUse['args'] {
  const { args }: DirectiveDefinition = directives[name];
  const values: Record<string, DirectiveValue> = {};
  for (const argument of node.arguments ?? []) {
    const wanted = args[argument.name.value];
    if (wanted === undefined) continue; // the standard rules have reported it
    const value = readValue(argument.value, wanted.type);
    if (value !== null) values[argument.name.value] = value;
    else if (wanted.required || argument.value.kind !== 'NullValue')
      problems.at(argument.value, `@${name}(${argument.name.value}:) must be ${words[wanted.type]}.`);
  }
  return values;
}

/** The value of an argument of a directive, or the directive. */
export function argumentNode(node: ConstDirectiveNode, name: string): ASTNode {
  return node.arguments?.find((argument) => argument.name.value === name)?.value ?? node;
}

const words: Readonly<Record<ArgumentType, string>> = {
  Int: 'an integer',
  String: 'a text in quotes',
  Boolean: 'true or false',
  '[String!]': 'a list of texts in quotes',
  JSON: 'an object of attributes with the values that are wanted, such as { status: [OPEN], deletedAt: null }',
};

function readValue(node: ConstValueNode, type: ArgumentType): DirectiveValue | null {
  switch (type) {
    case 'Int':
      return node.kind === 'IntValue' ? Number(node.value) : null;
    case 'String':
      return node.kind === 'StringValue' ? node.value : null;
    case 'Boolean':
      return node.kind === 'BooleanValue' ? node.value : null;
    case '[String!]': {
      const items = node.kind === 'ListValue' ? node.values : [node];
      return items.every((item) => item.kind === 'StringValue') ? items.map(({ value }) => value) : null;
    }
    case 'JSON':
      return node.kind === 'ObjectValue' ? readWhere(node) : null;
  }
}

/** Null where a value is no scalar or enum value, nor a list of such. */
function readWhere({ fields }: Extract<ConstValueNode, { readonly kind: 'ObjectValue' }>): WhereModel | null {
  const where: Record<string, WhereModel[string]> = {};
  for (const { name, value } of fields) {
    const items = value.kind === 'ListValue' ? value.values : [value];
    const known = items.map(scalarOf).filter((item) => item !== undefined);
    if (known.length < items.length) return null;
    where[name.value] = value.kind === 'ListValue' ? known : (known[0] ?? null);
  }
  return where;
}

function scalarOf(node: ConstValueNode): string | number | boolean | null | undefined {
  switch (node.kind) {
    case 'StringValue':
    case 'EnumValue':
    case 'BooleanValue':
      return node.value;
    case 'IntValue':
    case 'FloatValue':
      return Number(node.value);
    case 'NullValue':
      return null;
    default:
      return undefined;
  }
}

/** The documentation of a definition: its description, and `@deprecated` in the form of doc comments. Null for none. */
export function docOf({
  description,
  directives: uses = [],
}: {
  readonly description?: StringValueNode | undefined;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}): string | null {
  const deprecated = uses.find(({ name }) => name.value === 'deprecated');
  const reason = deprecated?.arguments?.find(({ name }) => name.value === 'reason')?.value;
  const tag = `@deprecated ${reason?.kind === 'StringValue' ? reason.value : 'No longer supported'}`;
  const parts = [description?.value, deprecated === undefined ? undefined : tag];
  return parts.filter((part) => part !== undefined).join('\n\n') || null;
}
