import { type DirectiveNode, Kind } from 'graphql';
import type { StreamNode } from '../../plan/Plan.ts';
import type { FieldGroup } from './collectFields.ts';
import { directiveArgument, directiveCondition, directiveText } from './directiveArguments.ts';
import { ALWAYS, type GuardTable, NEVER } from './GuardTable.ts';

/** How a field's list is streamed. */
export interface StreamUsage extends StreamNode {
  readonly directive: DirectiveNode;
}

/** The `@stream` of the first node of a field, or null. */
export function streamUsage(guards: GuardTable, group: FieldGroup): StreamUsage | null {
  const directive = group.nodes[0]?.node.directives?.find(({ name }) => name.value === 'stream');
  if (directive === undefined) return null;
  const guard = directiveCondition(guards, directive, ALWAYS);
  if (guard === NEVER) return null;
  const count = directiveArgument(directive, 'initialCount');
  return {
    directive,
    label: directiveText(directive, 'label'),
    guard,
    initialCount: count?.kind === Kind.INT ? Number(count.value) : 0,
    variable: count?.kind === Kind.VARIABLE ? count.name.value : null,
  };
}
