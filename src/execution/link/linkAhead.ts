import type { AheadNode, Plan } from '../../plan/Plan.ts';
import type { AheadOwner, StartsAhead } from '../../step/ahead/StartsAhead.ts';
import { type KeyPart, type KeyTrace, type TracedWay, traceKeys } from '../../step/ahead/traceKey.ts';
import { isSignal } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { watchNested } from '../../utils/watchPromise.ts';
import type { LinkedStep } from './LinkedStep.ts';

/** Bounds of early starts (`limits.speculation`). */
export interface SpeculationLimits {
  /** How many keys one request may ask for ahead of their turn. Default 1,000. */
  readonly maxKeys: number;
  /** Which share of the keys may be thrown away, over some requests, before a load starts in its turn. Default 0.5. */
  readonly maxWaste: number;
}

export const defaultSpeculation: SpeculationLimits = { maxKeys: 1000, maxWaste: 0.5 };

/** The value of a step that depends on the request alone. */
type RequestValue = (step: number) => unknown;

/** A load that starts before its turn, and how that has turned out so far. */
export interface AheadLoad extends AheadOwner {
  readonly step: LinkedStep;
  readonly starts: StartsAhead;
  readonly early: boolean;
  /** The list in its source's values of whose items each key has the id, and nothing else; null where keys are otherwise. */
  readonly idsOf: string | null;
  /** The steps of its global dependencies. */
  readonly globals: readonly number[];
  /** The keys that are found in values of its source. */
  keysIn(values: readonly unknown[], requestValue: RequestValue): unknown[];
  /** The keys that were asked for, where the load has had its turn since, and how many of them were needed. */
  started: number;
  used: number;
  /** How often it does not start, as it did not pay. */
  rest: number;
}

/** The loads of a plan that start ahead, by the step that their keys come from. */
export interface LinkedAhead {
  /** Those whose keys depend on the request alone. */
  readonly atOnce: AheadLoad[];
  readonly bySource: Map<number, AheadLoad[]>;
}

/** Links the early loads of a plan from `from` on; a node that does not fit its plan is left out: it starts in its turn. */
export function linkAhead(plan: Plan, steps: readonly LinkedStep[], from: number, linked: LinkedAhead): void {
  const view = { ...plan, instance: (step: number) => nodeAt(steps, step).instance };
  const waysOf = new Map<number, readonly TracedWay[]>();
  for (const node of plan.ahead.slice(from)) {
    const traces: KeyTrace[] = [];
    const ways = getOrCreate(waysOf, node.step, () => traceKeys(view, node.step));
    for (const { trace } of ways) if (trace?.source === node.source) traces.push(trace);
    const load = aheadLoad(node, steps, traces);
    if (load === null) continue;
    if (node.source === -1) linked.atOnce.push(load);
    else getOrCreate(linked.bySource, node.source, () => []).push(load);
  }
}

/** `traces` begin at the same source: branches may read different parts of it. */
function aheadLoad({ step: id, early }: AheadNode, steps: readonly LinkedStep[], traces: KeyTrace[]): AheadLoad | null {
  const step = steps[id];
  const starts = step?.instance.startsAhead ?? null;
  const [trace] = traces;
  if (step === undefined || starts === null || trace === undefined) return null;
  const [, ...globals] = step.node.dependencies;
  const isOfList = early && traces.length === 1 && isOfItems(trace.key);
  return {
    ...{ step, starts, early, started: 0, used: 0, rest: 0 },
    idsOf: isOfList ? (trace.lists[0]?.join() ?? null) : null,
    globals: globals.map(({ step: of }) => of),
    keysIn: (values, requestValue) =>
      traces.length === 1
        ? keysIn(trace, values, requestValue)
        : traces.flatMap((one) => keysIn(one, values, requestValue)),
  };
}

function isOfItems(part: KeyPart): boolean {
  if (part.kind === 'parts') return part.parts.every(isOfItems);
  return part.kind === 'request' || part.depth === 1;
}

/** An error in values that user code made ends the search: loads find out in their turn. */
function keysIn({ root, lists, key }: KeyTrace, values: readonly unknown[], requestValue: RequestValue): unknown[] {
  const keys: unknown[] = [];
  const way: unknown[] = [];
  try {
    if (root === null && values.length === 0) return keys;
    const find = keyFinder(key, requestValue);
    const visit = (value: unknown): void => {
      const depth = way.push(value) - 1;
      const list = lists[depth];
      if (list === undefined) {
        const found = find(way);
        if (found !== NONE) keys.push(found);
      } else {
        visitAll(partOf(value, list));
      }
      way.length = depth;
    };
    /** What is not looked at is watched: a getter may have made the list for this look alone. */
    const visitAll = (items: unknown): void => {
      try {
        if (Array.isArray(items)) for (const item of items) visit(item);
        else watchNested(items);
      } catch (error) {
        watchNested(items);
        throw error;
      }
    };
    if (root !== null) visit(partOf(requestValue(root.step), root.path));
    else for (const value of values) visit(value);
  } catch {
    // a getter or a proxy
  }
  return keys;
}

const NONE = Symbol('no key');

/** Finds a key at the end of a way. */
type KeyFinder = (way: readonly unknown[]) => unknown;

/** A value of the request alone is looked at once for all keys. */
function keyFinder(part: KeyPart, requestValue: RequestValue): KeyFinder {
  switch (part.kind) {
    case 'value': {
      const { depth, path } = part;
      return (way) => partOf(way[depth], path) ?? NONE;
    }
    case 'request': {
      const value = requestValue(part.step);
      const found = isUnknown(value) ? NONE : partOf(value, part.path);
      return () => found;
    }
    case 'parts': {
      const { names } = part;
      const finders = part.parts.map((one) => keyFinder(one, requestValue));
      return (way) => {
        const values: unknown[] = new Array(finders.length);
        for (let at = 0; at < values.length; at++) {
          const value = itemAt(finders, at)(way);
          if (value === NONE) return NONE;
          values[at] = value;
        }
        return names === null ? values : Object.fromEntries(names.map((name, at) => [name, values[at]]));
      };
    }
  }
}

/** The value at a path, as far as it is there: undefined where it failed or is still to come. */
function partOf(value: unknown, path: readonly (string | number)[]): unknown {
  let part = value;
  for (const key of path) {
    if (part === null || part === undefined || isUnknown(part)) return undefined;
    // Only steps count from the end of a list.
    if (typeof key === 'number' && key < 0) part = Array.isArray(part) ? part.at(key) : undefined;
    else part = (part as Record<string | number, unknown>)[key];
  }
  return isUnknown(part) ? undefined : part;
}

/** Whether a value has failed or is still to come. Promises are watched: a getter may have made them for this look alone. */
function isUnknown(value: unknown): boolean {
  if (!isPromiseLike(value)) return typeof value === 'function' || isSignal(value) || value instanceof Error;
  watchNested(value);
  return true;
}
