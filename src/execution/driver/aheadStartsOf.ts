import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { AheadLoad, LinkedAhead } from '../link/linkAhead.ts';
import type { Scheduler } from '../schedule/Scheduler.ts';
import type { RunState } from '../state/RunState.ts';
import { type AheadHost, AheadStarts } from './AheadStarts.ts';
import { type CallFacts, StepContext } from './StepContext.ts';

/**
 * Starts loads of a run before their turn. Null where nothing is gained in this request, as all stores answer at once.
 *
 * @param scheduler - gives null as long as a compiled run needs none: then a step is done when its register has its value.
 */
export function aheadStartsOf(
  linked: LinkedPlan,
  state: RunState,
  facts: CallFacts,
  scheduler: () => Scheduler | null,
): AheadStarts | null {
  const { ahead, source, steps } = linked;
  if (ahead === null || source.speculation === null || !gains(ahead, state.request.contextValue)) return null;
  const host: AheadHost = {
    linked,
    state,
    isDone: (step) => scheduler()?.isDone(nodeAt(steps, step).task.id) ?? state.registers[step] !== undefined,
    isWanted: (step) => scheduler()?.isWanted(nodeAt(steps, step).task.id) ?? true,
    readEarly: (list) => facts.lists.early(state, list),
    contextOf: ({ id, node }) => new StepContext(facts, id, node.layer, null, null),
  };
  return new AheadStarts(host, ahead, source.speculation);
}

/** Whether a load may have to wait for its answers. */
function gains({ atOnce, bySource }: LinkedAhead, context: unknown): boolean {
  const waits = ({ starts }: AheadLoad): boolean => !starts.answersAtOnce(context);
  if (atOnce.some(waits)) return true;
  for (const loads of bySource.values()) if (loads.some(waits)) return true;
  return false;
}
