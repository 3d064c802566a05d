import type { LayerNode } from '../../plan/Plan.ts';
import { watchNested } from '../../utils/watchPromise.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import type { ListReading } from './ListReading.ts';
import { openCombined } from './openCombined.ts';
import { openList } from './openList.ts';
import { isNotNull, isPresent, openSelection } from './openSelection.ts';
import { DONE, type Outcome } from './Pending.ts';

/** Determines the rows of a layer, and fills the register of its entry. */
export function openLayer(state: RunState, linked: LinkedPlan, layer: number, lists: ListReading): Outcome {
  const node = state.plan.layers[layer] as LayerNode;
  if (node.kind === 'mutation' || node.kind === 'event') {
    state.sizes[layer] = 1;
    // As the event's source gave it, like a root value: an error or a promise is an object whose fields are read.
    if (node.entry !== -1) state.registers[node.entry] = state.event;
    watchNested(state.event);
    state.unwatched.value(state.plan.root, state.rootValue);
    return DONE;
  }
  if ((state.sizes[node.parent] as number) === 0 || isSkipped(state, node)) {
    openEmpty(state, layer, node);
    return DONE;
  }
  switch (node.kind) {
    case 'list': {
      const outcome = lists.open(state, layer, node);
      return outcome === undefined ? openList(state, linked, layer, lists) : outcome;
    }
    case 'present':
      openSelection(state, layer, node, state.hasSignals[node.source] === true ? isPresent : isNotNull);
      return DONE;
    case 'type':
      openSelection(state, layer, node, (value) => value === node.type);
      return DONE;
    case 'combine':
      return openCombined(state, layer, node);
    case 'root':
      return DONE;
  }
}

/** The step that decides on the rows did not run, since no output needs it in this request. */
function isSkipped(state: RunState, node: LayerNode): boolean {
  return node.source !== -1 && !state.holds(state.plan.steps[node.source]?.guard ?? 0);
}

function openEmpty(state: RunState, layer: number, node: LayerNode): void {
  state.sizes[layer] = 0;
  if (node.kind === 'list') {
    state.offsets[layer] = new Int32Array((state.sizes[node.parent] as number) + 1);
  } else {
    state.parentRows[layer] = EMPTY_ROWS;
  }
  if (node.entry !== -1) state.registers[node.entry] = node.singular ? undefined : [];
}

const EMPTY_ROWS = new Int32Array(0);
