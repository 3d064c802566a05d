import type { ReadNode } from '../../plan/Plan.ts';
import { readPath } from '../../step/builtin/AccessStep.ts';
import { Failure, isSignal } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import { columnOf } from '../state/rows.ts';
import { rowMapper } from './rowMappers.ts';

/** Reads the value of a position from the value that it belongs to, or from a register in that value's row. */
export type Read = (state: RunState, own: unknown, row: number) => unknown;

/** A closure for a read. `layer` is the layer of the rows that it gets. */
export function compileRead(linked: LinkedPlan, { step, path, field }: ReadNode, layer: number): Read {
  const base = step === -1 ? readOwn : readRegister(linked, step, layer);
  if (path.length === 0) return base;
  const keys = path as readonly string[];
  const last = keys[keys.length - 1] as string;
  // The value of an object that is being written is not a signal: it was looked at.
  if (step === -1 && keys.length === 1) {
    return field ? (_state, own) => fieldOf(own, last) : (_state, own) => keyOf(own, last);
  }
  const outer = keys.slice(0, -1);
  const readLast = field ? fieldOf : keyOf;
  return (state, own, row) => {
    let value = base(state, own, row);
    if (isSignal(value)) return value;
    if (outer.length > 0) value = pathOf(value, outer);
    if (value instanceof Failure) return value;
    if (value instanceof Promise) return value.then((found) => readLast(found, last));
    return readLast(value, last);
  };
}

export function readOwn(_state: RunState, own: unknown): unknown {
  return own;
}

function readRegister(linked: LinkedPlan, step: number, layer: number): Read {
  const own = nodeAt(linked.plan.steps, step).layer;
  if (nodeAt(linked.plan.layers, own).singular) return (state) => state.registers[step];
  const map = rowMapper(linked.plan, layer, own);
  if (map === null) return (state, _own, row) => columnOf(state, step)[row];
  return (state, _own, row) => {
    const mapped = map(state, row);
    return mapped === -1 ? null : columnOf(state, step)[mapped];
  };
}

/** The value that has the last key. */
function pathOf(value: unknown, path: readonly string[]): unknown {
  try {
    const found = readPath(value, path);
    if (found instanceof Error) return new Failure(found);
    return isPromiseLike(found) ? Promise.resolve(found) : found;
  } catch (error) {
    return new Failure(error);
  }
}

/** Reads a property as the `access` step does. A getter that throws is a failure of the position. */
export function keyOf(value: unknown, key: string): unknown {
  if (value === null || value === undefined) return value;
  try {
    return (value as Record<string, unknown>)[key];
  } catch (error) {
    return new Failure(error);
  }
}

/** Reads a property as graphql-js' default resolver does. */
export function fieldOf(value: unknown, key: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch (error) {
    return new Failure(error);
  }
}
