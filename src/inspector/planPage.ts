import { parse } from 'graphql';
import { printHtml } from '../explain/printHtml.ts';
import type { Plan } from '../plan/Plan.ts';
import type { PlanMeasurements } from '../plan/PlanMeasurements.ts';
import type { OperationRecord } from './records.ts';

/** Makes a page of a plan; `places` are the lines of code that made its steps. */
export type PlanPrinter = (plan: Plan, measured: PlanMeasurements | null, places: readonly (string | null)[]) => string;

/** Prepares operations and prints their plans. */
export interface Explaining {
  prepare(document: ReturnType<typeof parse>, operationName: string | null): { explain(format: PlanPrinter): string };
}

/**
 * The plan of an operation with the measurements of its run, as `planql/explain` draws it. Null: its text was not kept
 * whole. Where the plan was made anew meanwhile, and is another one, it is shown without figures.
 */
export function planPage(engine: Explaining, { text, isWhole, operationName, calls }: OperationRecord): string | null {
  if (!isWhole) return null;
  const prepared = engine.prepare(parse(text), operationName);
  return prepared.explain((plan, _measured, places) => printHtml(plan, calls.measured(plan), places));
}
