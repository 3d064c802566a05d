import type { ASTNode, ConstDirectiveNode, ConstValueNode, StringValueNode } from 'graphql';
import { type DirectiveDefinition, type DirectiveName, directives, isGrappleDirective } from '../directives.ts';
import type { Problems } from '../parse/Problems.ts';

/** A directive of Grapple on some node, with its arguments. */
export interface DirectiveUse {
  readonly name: DirectiveName;
  readonly node: ConstDirectiveNode;
  readonly args: Readonly<Record<string, string | number | boolean>>;
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
  const values: Record<string, string | number | boolean> = {};
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

const words = { Int: 'an integer', String: 'a text in quotes', Boolean: 'true or false' } as const;

function readValue(node: ConstValueNode, type: 'Int' | 'String' | 'Boolean'): string | number | boolean | null {
  if (type === 'Int') return node.kind === 'IntValue' ? Number(node.value) : null;
  if (type === 'String') return node.kind === 'StringValue' ? node.value : null;
  return node.kind === 'BooleanValue' ? node.value : null;
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
