import type { ObjectOutput } from '../../plan/Plan.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { BUBBLE, type OutputState } from '../output/OutputState.ts';
import type { Complete } from '../output/OutputWriter.ts';
import type { Deliveries, DeliveryContext, DeliveryGroup, ResponsePath } from './Deliveries.ts';
import type { Partition } from './DeliveryChoice.ts';

/** Whether a request may deliver parts of this object later than the object. */
export function mayDefer({ defers, fields }: ObjectOutput): boolean {
  return defers.length > 0 || fields.some(({ deliveries }) => deliveries.length > 0);
}

/**
 * Writes the fields of an object that are delivered with it, and notes the others. `subset` gives a function that writes
 * some of its fields; `whole` writes all of them, where nothing is delivered later.
 */
export function deferFields<TState extends OutputState>(
  linked: LinkedPlan,
  object: number,
  whole: Complete<TState>,
  subset: (fields: readonly number[]) => Complete<TState>,
): Complete<TState> {
  const node = linked.plan.outputs[object] as ObjectOutput;
  return (state, value, row) => {
    const { deliveries } = state;
    if (deliveries === null) return whole(state, value, row);
    const outer = deliveries.context;
    const path = state.path.slice(0, state.depth);
    const groups = beginGroups(linked, deliveries, node, path);
    const context = groups.length === 0 ? outer : { ...outer, groups: withGroups(outer, groups) };
    const partition = deliveries.choice.partition(object, outer);
    deliveries.context = context;
    let result: unknown;
    try {
      result = subset(partition.inPlace)(state, value, row);
    } finally {
      deliveries.context = outer;
    }
    if (result === BUBBLE) return BUBBLE;
    deliveries.groups.push(...groups.map(([, group]) => group));
    const complete = subset as (fields: readonly number[]) => Complete<OutputState>;
    noteLater(state, { object, context, partition, value, row, path, complete });
    return result;
  };
}

type NumberedGroup = readonly [defer: number, group: DeliveryGroup];

/** The deferred fragments that begin at an object, as those of one place. */
export function beginGroups(
  { plan }: LinkedPlan,
  { choice, context }: Deliveries,
  node: ObjectOutput,
  path: ResponsePath,
): readonly NumberedGroup[] {
  const begun: NumberedGroup[] = [];
  const groups = new Map(context.groups);
  for (const defer of choice.begun(node)) {
    const { label, parent } = plan.defers[defer] as (typeof plan.defers)[number];
    const outer = choice.deferred(parent);
    const around = outer === -1 ? context.set[0] : outer;
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

function withGroups({ groups }: DeliveryContext, begun: readonly NumberedGroup[]): ReadonlyMap<number, DeliveryGroup> {
  return new Map([...groups, ...begun]);
}

interface LaterPart {
  readonly object: number;
  readonly context: DeliveryContext;
  readonly partition: Partition;
  readonly value: unknown;
  readonly row: number;
  readonly path: ResponsePath;
  readonly complete: (fields: readonly number[]) => Complete<OutputState>;
}

/** Notes the fields of an object that was written that are delivered later than it. */
export function noteLater({ deliveries, run }: OutputState, later: LaterPart): void {
  const { object, context, partition, value, row, path, complete } = later;
  for (const { set, fields } of partition.later) {
    deliveries?.tasks.push({
      groups: set.flatMap((defer) => context.groups.get(defer) ?? []),
      run,
      object,
      fields,
      complete: complete(fields),
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
