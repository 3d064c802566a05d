import type { Plan } from '../../plan/Plan.ts';
import { evaluateGuard } from '../state/guards.ts';

/** Whether a plan has parts that may be delivered later with these variables. Unplanned branches do not count. */
export function mayDeliverLater(
  { defers, layers, guards }: Plan,
  conditions: Readonly<Record<string, unknown>>,
): boolean {
  const holds = (guard: number): boolean => evaluateGuard(guards, guard, conditions, holds);
  return (
    defers.some(({ guard }) => holds(guard)) || layers.some(({ stream }) => stream !== null && holds(stream.guard))
  );
}
