import type { DirectiveNode, FragmentSpreadNode, InlineFragmentNode } from 'graphql';
import { directiveCondition, directiveText } from './directiveArguments.ts';
import { ALWAYS, type GuardTable, NEVER } from './GuardTable.ts';

/** A deferred fragment of one object output (or of all branches of one abstract position). */
export interface DeferUsage {
  /** Its number in the plan. */
  readonly id: number;
  readonly directive: DirectiveNode;
  readonly label: string | null;
  /** Where this does not hold, the fragment is part of its parent. */
  readonly guard: number;
  /** The enclosing deferred fragment, if that begins at the same object or is inherited by it. */
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

/** A deferred fragment, and the guard under which something was collected for it. */
export interface DeferredVisit {
  readonly usage: DeferUsage;
  readonly guard: number;
}

/**
 * Where a fragment was collected for the directive that `usage` stands for, through another fragment around it. graphql-js
 * follows each directive once, from where it is met first.
 */
export function sameSpread(guards: GuardTable, visits: readonly DeferredVisit[], usage: DeferUsage): number {
  const own = new Map([...deferredAs(guards, usage)].map((one) => [one.usage.directive, one]));
  let same = NEVER;
  for (const visit of visits) {
    for (const other of visit.usage === usage ? [] : deferredAs(guards, visit.usage)) {
      const one = own.get(other.usage.directive);
      if (one === undefined || one.usage === other.usage) continue;
      same = guards.or(same, guards.and(visit.guard, guards.and(one.guard, other.guard)));
    }
  }
  return same;
}

/** The fragments that may be deferred in the place of one: itself, or one around it. Each with its guard. */
function* deferredAs(guards: GuardTable, usage: DeferUsage): Iterable<DeferredVisit> {
  let guard = ALWAYS;
  for (let current: DeferUsage | null = usage; current !== null && guard !== NEVER; current = current.parent) {
    yield { usage: current, guard: guards.and(guard, current.guard) };
    guard = guards.and(guard, guards.not(current.guard));
  }
}
