import type { DirectiveNode, FragmentSpreadNode, InlineFragmentNode } from 'graphql';
import { directiveCondition, directiveText } from './directiveArguments.ts';
import { ALWAYS, type GuardTable, NEVER } from './GuardTable.ts';

/** A deferred fragment of one object output (or of all branches of one abstract position). */
export interface DeferUsage {
  /** Its number in the plan. */
  readonly id: number;
  readonly directive: DirectiveNode;
  readonly label: string | null;
  /** Where this does not hold, it is part of what it lies in. */
  readonly guard: number;
  /** The deferred fragment that it lies in, if that begins at the same object or is inherited by it. */
  readonly parent: DeferUsage | null;
}

/** The deferred fragment that a selection begins, or null. `known` holds those of the same object. */
export function deferUsage(
  { guards, usages }: { readonly guards: GuardTable; readonly usages: DeferUsage[] },
  { directives }: FragmentSpreadNode | InlineFragmentNode,
  parent: DeferUsage | null,
  known: DeferUsage[],
): DeferUsage | null {
  const directive = directives?.find(({ name }) => name.value === 'defer');
  if (directive === undefined) return null;
  const guard = directiveCondition(guards, directive, ALWAYS);
  if (guard === NEVER) return null;
  let usage = known.find((other) => other.directive === directive && other.parent === parent);
  if (usage === undefined) {
    usage = { id: usages.length, directive, label: directiveText(directive, 'label'), guard, parent };
    usages.push(usage);
    known.push(usage);
  }
  return usage;
}
