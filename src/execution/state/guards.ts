import type { GuardNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';

/** Whether a condition holds for the variables of a request. `holds` answers for its parts, each once. */
export function evaluateGuard(
  guards: readonly GuardNode[],
  guard: number,
  conditions: Readonly<Record<string, unknown>>,
  holds: (guard: number) => boolean,
): boolean {
  const node = nodeAt(guards, guard);
  switch (node.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'variable':
      return conditions[node.name] === undefined ? node.absent : conditions[node.name] === true;
    case 'not':
      return !holds(node.of);
    case 'and':
      return holds(node.of[0]) && holds(node.of[1]);
    case 'or':
      return holds(node.of[0]) || holds(node.of[1]);
  }
}
