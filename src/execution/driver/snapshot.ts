import { Failure } from '../../step/signals.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import { storeAll } from '../operators/storeColumn.ts';
import { UNFINISHED } from '../state/errors.ts';
import { RunState } from '../state/RunState.ts';
import { Driver } from './Driver.ts';

/** The state of a run as it is now: all that is not done has failed with `UNFINISHED`. Executes nothing. */
export function snapshot(driver: Driver): RunState {
  const [done, of] = [driver.doneCount, driver.linked.graph.tasks.length];
  const last = driver.lastSnapshot;
  if (last?.done === done && last.of === of) return last.state;
  const state = takeSnapshot(driver);
  driver.lastSnapshot = { done, of, state };
  return state;
}

function takeSnapshot(driver: Driver): RunState {
  const { linked, state: live } = driver;
  const { graph, plan } = linked;
  const state = new RunState(linked, live.request, live.stage, live.event, live.shared);
  state.listFailures = live.listFailures;
  state.aborted = { error: UNFINISHED };
  adoptDone(state, driver);
  for (const task of graph.layerTasks) {
    if (task === null || driver.isDone(task.id)) continue;
    const { kind, source } = nodeAt(plan.layers, task.of);
    if (kind !== 'list') continue;
    state.unopened ??= new Set();
    state.unopened.add(task.of);
    const step = nodeAt(linked.steps, source);
    // A list whose items are still to come would be asked for them again.
    if (driver.isDone(step.task.id)) {
      storeAll(state, step, rowAt(state.sizes, step.node.layer), new Failure(UNFINISHED));
    }
  }
  const prior = {
    owns: (task: number) => !driver.isDone(task),
    isDone: (task: number) => driver.isDone(task),
    request() {},
  };
  new Driver(linked, state, { prior, resumesEarly: false }).need([() => new Set(graph.tasks.keys())]);
  return state;
}

/** Takes over the results of another run's tasks that are done. `includes`: those that count. */
function adoptDone(state: RunState, from: Driver, includes: (task: number) => boolean = () => true): void {
  for (const { id } of from.linked.graph.tasks) if (from.isDone(id) && includes(id)) adopt(state, from, id);
}

/** Takes over the results of a task of another run. */
export function adopt(state: RunState, from: Driver, id: number): void {
  const task = from.linked.graph.tasks[id];
  if (task?.kind === 'step') state.adoptStep(from.state, task.of);
  else if (task?.kind === 'layer') state.adoptLayer(from.state, task.of);
}
