import { groupBy } from '../../utils/groupBy.ts';
import { valueKey } from '../../utils/valueKey.ts';
import type { CallGroup, StepCall } from './StepCall.ts';

/** Calls of steps that may share one `execute`: those with equal global values do. */
export function groupCalls(calls: readonly StepCall[]): Iterable<CallGroup> {
  return calls.length < 2 ? calls.map((call): CallGroup => [call]) : groupBy(calls, globalsKey).values();
}

function globalsKey({ step, values }: StepCall): string {
  let key = '';
  step.inputs.forEach(({ kind }, index) => {
    if (kind === 'global') key += `${valueKey(values[index])}|`;
  });
  return key;
}

/** The number of rows that the calls of a group have together. */
export function countOf(group: readonly StepCall[]): number {
  return group.reduce((total, { count }) => total + count, 0);
}

/** The values that one `execute` for all calls of a group gets. */
export function joinValues(group: CallGroup): readonly unknown[] {
  const first = group[0];
  if (group.length === 1) return first.values;
  const { inputs } = first.step;
  return first.values.map((value, index) =>
    inputs[index]?.kind === 'global' ? value : group.flatMap(({ values }) => values[index]),
  );
}
