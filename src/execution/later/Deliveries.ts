import type { ObjectOutput, Plan } from '../../plan/Plan.ts';
import { appendAll } from '../../utils/appendAll.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import {
  BUBBLE,
  type DivisibleObject,
  type FieldSelection,
  type ResponseState,
  type StreamableList,
} from '../writer/ResponseState.ts';
import type { Partition } from './DeferPartitioner.ts';
import type { IncrementalRun } from './IncrementalRun.ts';
import {
  contextOfItems,
  type DeferredTask,
  type DeliveryContext,
  type DeliveryGroup,
  type ItemStream,
  type ResponsePath,
} from './laterParts.ts';

type NumberedGroup = readonly [defer: number, group: DeliveryGroup];

/** Records, while a part of a response is written, the parts that are delivered after it. */
export class Deliveries implements FieldSelection {
  readonly #run: IncrementalRun;
  context: DeliveryContext;
  groups: DeliveryGroup[] = [];
  tasks: DeferredTask[] = [];
  streams: ItemStream[] = [];

  constructor(run: IncrementalRun, context: DeliveryContext) {
    this.#run = run;
    this.context = context;
  }

  object(state: ResponseState, object: DivisibleObject, value: unknown, row: number): unknown {
    if (!object.mayDefer) return object.whole(state, value, row);
    const outer = this.context;
    const path = state.path.slice(0, state.depth);
    const groups = this.#beginGroups(state.run.plan, object.node, path);
    const context = groups.length === 0 ? outer : { ...outer, groups: new Map([...outer.groups, ...groups]) };
    const partition = this.#run.partitioner.partition(object.id, outer);
    this.context = context;
    let result: unknown;
    try {
      result = object.subset(partition.inPlace)(state, value, row);
    } finally {
      this.context = outer;
    }
    if (result === BUBBLE) return BUBBLE;
    for (const [, group] of groups) this.groups.push(group);
    this.#noteFields(object, { partition, context, value, row, path, inSeries: false });
    return result;
  }

  /** Begins the root object of a mutation. Its fields are written one by one, each with the returned context. */
  beginMutation(root: DivisibleObject): DeliveryContext {
    const { driver, partitioner } = this.#run;
    const groups = this.#beginGroups(driver.plan, root.node, []);
    const context = { ...this.context, groups: new Map(groups) };
    const partition = partitioner.partition(root.id, this.context);
    for (const [, group] of groups) this.groups.push(group);
    this.#noteFields(root, { partition, context, value: driver.state.rootValue, row: 0, path: [], inSeries: true });
    return context;
  }

  /** Makes groups for the deferred fragments that begin at an object. */
  #beginGroups({ defers }: Plan, node: ObjectOutput, path: ResponsePath): readonly NumberedGroup[] {
    const { partitioner } = this.#run;
    const begun: NumberedGroup[] = [];
    const groups = new Map(this.context.groups);
    for (const defer of partitioner.begun(node)) {
      const { label, parent } = nodeAt(defers, defer);
      const outer = partitioner.deferred(parent);
      const around = outer === -1 ? this.context.set[0] : outer;
      const group: DeliveryGroup = {
        path,
        label,
        parent: around === undefined ? null : (groups.get(around) ?? null),
        children: [],
        tasks: new Set(),
        pending: 0,
        isOpen: false,
      };
      groups.set(defer, group);
      begun.push([defer, group]);
    }
    return begun;
  }

  /** Records the fields of an object that are delivered after it. */
  #noteFields({ id, subset }: DivisibleObject, written: WrittenObject): void {
    const { partition, context, value, row, path, inSeries } = written;
    for (const { set, fields } of partition.later) {
      this.tasks.push({
        groups: set.flatMap((defer) => context.groups.get(defer) ?? []),
        run: this.#run,
        object: id,
        fields,
        complete: subset(fields),
        inSeries: inSeries ? (field) => subset([field]) : null,
        value,
        row,
        path,
        context: { ...context, set },
        streams: [],
        isStarted: false,
        outcome: null,
      });
    }
  }

  list({ run, path, depth }: ResponseState, site: StreamableList, row: number): void {
    const parentRow = site.toParentRow === null ? row : site.toParentRow(run, row);
    const rest = this.#run.lists.rests[site.layer]?.[parentRow];
    if (rest == null) return;
    const context = contextOfItems(this.context);
    const own = { run: this.#run, parentRow, reader: rest.fork(), path: path.slice(0, depth), context };
    this.streams.push({ site, ...own });
  }

  /** Adds the records of another part of the same response. */
  take({ groups, tasks, streams }: Deliveries): void {
    appendAll(this.groups, groups);
    appendAll(this.tasks, tasks);
    appendAll(this.streams, streams);
  }

  drop(path: ResponsePath): void {
    const isOutside = (other: { readonly path: ResponsePath }): boolean => !isBelow(other.path, path);
    for (const stream of this.streams) if (!isOutside(stream)) stream.reader.abandon();
    this.groups = this.groups.filter(isOutside);
    this.tasks = this.tasks.filter(isOutside);
    this.streams = this.streams.filter(isOutside);
  }
}

interface WrittenObject {
  readonly partition: Partition;
  readonly context: DeliveryContext;
  readonly value: unknown;
  readonly row: number;
  readonly path: ResponsePath;
  readonly inSeries: boolean;
}

function isBelow(path: ResponsePath, top: ResponsePath): boolean {
  return path.length >= top.length && top.every((key, index) => path[index] === key);
}
