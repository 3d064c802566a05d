import type { Json, Plan } from '../plan/Plan.ts';
import type { PlanMeasurements } from '../plan/PlanMeasurements.ts';
import { isReference } from '../plan/params.ts';
import { groupBy } from '../utils/groupBy.ts';
import { itemAt } from '../utils/itemAt.ts';

/** Where a step stands among the steps that wait for something outside the process. */
export interface Rounds {
  /** Of a step that waits: its number in the longest sequence of such steps that leads to it, from 1. Else 0. */
  readonly round: number;
  /** The nearest steps that wait and must be done before it starts. */
  readonly waitsFor: readonly number[];
}

/**
 * By step: which steps can be waited for at the same time, and which only in sequence. A run of the plan shows the steps
 * that wait; before a run, all steps count that may. Where none had to wait, as with a store in memory, the loads count.
 */
export function roundsOf(plan: Plan, measured: PlanMeasurements | null): Rounds[] {
  const ahead = groupBy(plan.ahead, ({ step }) => step);
  const found = new Map<number, Rounds>();
  const isWaited = hasWaits(measured);

  const waits = (id: number): boolean => {
    const { op, isSync, params } = itemAt(plan.steps, id);
    if (measured === null) return !isSync && op !== 'entry';
    return isWaited
      ? measured.get(id)?.waited === true
      : measured.has(id) && Object.values(params ?? {}).some(isLoader);
  };
  /** The steps that a step needs at once, the rows of its layer included. */
  const needs = (id: number): number[] => {
    // Behind an abstract position each branch may start the keys of its rows.
    const starts = ahead.get(id);
    if (starts !== undefined) {
      return starts.flatMap(({ source, early }) => (source === -1 ? [] : early ? needs(source) : [source]));
    }
    const { layer, dependencies } = itemAt(plan.steps, id);
    const { source, contributions } = itemAt(plan.layers, layer);
    const rows = [source, ...(contributions ?? []).map(({ step }) => step)].filter((step) => step !== -1);
    return [...dependencies.map(({ step }) => step), ...rows];
  };
  const nearest = (id: number): readonly number[] => (waits(id) ? [id] : visit(id).waitsFor);
  const visit = (id: number): Rounds => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const waitsFor = [...new Set(needs(id).flatMap(nearest))];
    const before = Math.max(0, ...waitsFor.map((step) => visit(step).round));
    const rounds = { round: waits(id) ? before + 1 : 0, waitsFor };
    found.set(id, rounds);
    return rounds;
  };
  return plan.steps.map((_, id) => visit(id));
}

/** Whether a step waited when the plan was run. */
export function hasWaits(measured: PlanMeasurements | null): boolean {
  return [...(measured?.values() ?? [])].some(({ waited }) => waited);
}

function isLoader(param: Json): boolean {
  return isReference(param) && String(param.$ref).startsWith('loader:');
}
