import { itemAt } from '../../utils/itemAt.ts';
import { Driver } from '../driver/Driver.ts';
import type { Progress } from '../driver/Progress.ts';
import { adopt } from '../driver/snapshot.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { neededTasks, type TaskRequirement } from '../schedule/neededTasks.ts';
import type { Needs, PriorWork } from '../schedule/Scheduler.ts';
import type { Request } from '../state/Request.ts';
import { RunState } from '../state/RunState.ts';
import { DeferPartitioner, type DeliveredWith, NOTHING_DEFERRED } from './DeferPartitioner.ts';
import { Readers } from './ItemReader.ts';
import { type LaterItems, StreamedLists } from './StreamedLists.ts';

/** A run whose response has several parts: the initial run, or a run of later items of streamed lists. */
export interface IncrementalRun {
  readonly driver: Driver;
  readonly lists: StreamedLists;
  readonly partitioner: DeferPartitioner;
  /** Stops aborting this run with the outer one. For a run that has nothing more to do. */
  detach(): void;
}

/** The run of the initial response. */
export interface FirstRun extends IncrementalRun {
  /** Begins the run. Returns how far that is which the initial response needs. */
  begin(): Progress;
}

/** The run of the initial response. Deferred fields wait until something needs them, or run beside it. */
export function firstRun(linked: LinkedPlan, request: Request, isEarly: boolean): FirstRun {
  const { root, operation, defers } = linked.plan;
  const hasDefers = defers.length > 0;
  const state = new RunState(linked, request, 'all', undefined);
  // Items may be read ahead before another position begins the list.
  const readers = new Readers(hasDefers || isEarly);
  state.lists.readAhead = (list, decides) => readers.tryRead(list, decides);
  const lists = new StreamedLists(readers, null, isEarly);
  const partitioner = new DeferPartitioner(linked, (guard) => state.holds(guard));
  const whole = { object: root, fields: null, items: -1 };
  const initial = (): Set<number> => tasksOf(linked, partitioner, whole, NOTHING_DEFERRED);
  // In a mutation a deferred part would run beside the next field.
  const isBesides = isEarly && hasDefers && operation !== 'mutation';
  const first = isBesides ? NOTHING : hasDefers ? initial : null;
  const driver = new Driver(linked, state, { first, lists });
  const begin = (): Progress => {
    if (!isBesides) return driver;
    const all = (): Set<number> =>
      neededTasks(linked.graph, whole, (object) => partitioner.all(object, NOTHING_DEFERRED));
    return itemAt(driver.need([initial, all]), 0);
  };
  return { driver, lists, partitioner, detach() {}, begin };
}

const NOTHING: Needs = () => new Set();

/**
 * A run for later items of streamed lists. It runs the tasks within the lists' layer. The results of all other tasks come
 * from the outer run, which runs them once for all items.
 */
export function runOfItems(outer: IncrementalRun, later: LaterItems): IncrementalRun {
  const { linked, state: base, scope } = outer.driver;
  const { graph } = linked;
  const state = new RunState(linked, base.request, base.stage, base.event, base.shared);
  const lists = new StreamedLists(outer.lists.readers, later, false);
  const take = (id: number): void => {
    adopt(state, outer.driver, id);
    const task = graph.tasks[id];
    const rests = task?.kind === 'layer' ? outer.lists.rests[task.of] : undefined;
    if (task !== undefined && rests !== undefined) lists.rests[task.of] = rests;
    if (task?.kind === 'step' && outer.driver.isLoss(id)) state.notePossibleBubble(task.of);
  };
  const prior: PriorWork = {
    owns: (task) => graph.tasksWithin(later.layer).has(task),
    isDone: (task) => outer.driver.isDone(task),
    request(tasks) {
      const progress = itemAt(outer.driver.need([() => tasks]), 0);
      const goOn = (): void => {
        // The outer run may have met types for the first time: their steps are needed here too.
        driver.grow();
        const found = [...tasks].filter((id) => outer.driver.isDone(id) && !driver.isDone(id));
        for (const id of found) take(id);
        driver.complete(found);
        progress.drive()?.then(goOn);
      };
      goOn();
    },
  };
  const driver: Driver = new Driver(linked, state, { prior, lists });
  state.clock = base.clock; // one for all parts of the response
  for (const { id } of graph.tasks) if (driver.isDone(id)) take(id);
  const detach = scope.onAbort((error) => driver.abort(error));
  return { driver, lists, partitioner: outer.partitioner, detach };
}

/** The tasks that a part of a response waits for, without those of fields that are delivered after the part. */
export function tasksOf(
  { graph }: LinkedPlan,
  partitioner: DeferPartitioner,
  requirement: TaskRequirement,
  whole: DeliveredWith,
): Set<number> {
  return neededTasks(graph, requirement, (object) => partitioner.partition(object, whole).inPlace);
}
