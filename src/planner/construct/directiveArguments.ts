import { type DirectiveNode, Kind, type ValueNode } from 'graphql';
import { ALWAYS, type GuardTable, NEVER } from './GuardTable.ts';

export function directiveArgument(directive: DirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value;
}

/** The guard that the `if` argument of a directive stands for; `absent` where there is none. */
export function directiveCondition(guards: GuardTable, directive: DirectiveNode, absent: number): number {
  const value = directiveArgument(directive, 'if');
  if (value === undefined) return absent;
  if (value.kind === Kind.VARIABLE) return guards.variable(value.name.value, absent === ALWAYS);
  return value.kind === Kind.BOOLEAN && value.value ? ALWAYS : NEVER;
}

/** A text argument; variables may not stand for it. */
export function directiveText(directive: DirectiveNode, name: string): string | null {
  const value = directiveArgument(directive, name);
  return value?.kind === Kind.STRING ? value.value : null;
}
