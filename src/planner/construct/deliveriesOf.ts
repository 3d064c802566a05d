import type { FieldGroup } from './collectFields.ts';
import type { GuardTable } from './GuardTable.ts';
import type { FieldBuild } from './OutputTree.ts';

const AT_ONCE: FieldBuild['deliveries'] = [];

/** The fragments that deliver a field: empty where some node of it is always outside of deferred fragments. */
export function deliveriesOf(guards: GuardTable, { nodes, guard: whole }: FieldGroup): FieldBuild['deliveries'] {
  if (nodes.length === 1 && nodes[0]?.usage === null) return AT_ONCE;
  if (nodes.every(({ usage }) => usage === null)) return AT_ONCE;
  const deliveries: { usage: FieldBuild['deliveries'][number]['usage']; guard: number }[] = [];
  for (const { usage, guard } of nodes) {
    const known = deliveries.find((delivery) => delivery.usage === usage);
    if (known === undefined) deliveries.push({ usage, guard });
    else known.guard = guards.or(known.guard, guard);
  }
  return deliveries.some(({ usage, guard }) => usage === null && guard === whole) ? AT_ONCE : deliveries;
}
