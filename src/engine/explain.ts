import { OptionError } from '../errors/checkOptions.ts';
import type { Plan } from '../plan/Plan.ts';
import type { PlanMeasurements, StepMeasurement } from '../plan/PlanMeasurements.ts';
import { printMermaid } from '../plan/printMermaid.ts';
import { count, printPlan } from '../plan/printPlan.ts';
import type { StepPlaces } from '../planner/StepPlaces.ts';
import type { StepObserver } from '../telemetry/channels.ts';
import { inspect } from '../utils/inspect.ts';
import type { RequestCost } from './costs/RequestCost.ts';

/**
 * Makes a text for people of a plan. `printHtml` of `planql/explain` is one.
 *
 * - `measured`: the measurements of a run, by step; null where it did not run.
 * - `places`: for each step the line of code that made it, as `file:line:column`; null for steps of planql itself.
 *   Where there is a planner it plans the operation again to find them, so plan resolvers run once more.
 */
type PlanPrinter = (plan: Plan, measured: PlanMeasurements | null, places: readonly (string | null)[]) => string;

export type ExplainFormat = 'text' | 'mermaid' | 'json' | PlanPrinter;

const printers: Readonly<
  Record<Extract<ExplainFormat, string>, (...given: [Plan, PlanMeasurements | null, RequestCost | null]) => string>
> = {
  text: (plan, measured, cost) => `${printPlan(plan, measured)}${cost === null ? '' : `${printCost(cost)}\n`}`,
  mermaid: printMermaid,
  json: (plan, measured, cost) => {
    const told = { plan, measured: measured === null ? null : Object.fromEntries(measured) };
    return JSON.stringify(cost === null ? told : { ...told, cost }, null, 2);
  },
};

/** A plan for people, with the measurements of a run where there are some. */
export function explainPlan(
  plan: Plan,
  format: ExplainFormat,
  measured: PlanMeasurements | null,
  findPlaces: () => StepPlaces | null,
  cost: RequestCost | null = null,
): string {
  if (typeof format !== 'function') {
    const print = Object.hasOwn(printers, format) ? printers[format] : null;
    if (print !== null) return print(plan, measured, cost);
    throw new OptionError(
      `explain: "format" is ${inspect(format)} and must be "text", "mermaid", "json" or a function.`,
    );
  }
  const places = findPlaces();
  return format(
    plan,
    measured,
    plan.steps.map((step) => places?.of(step) ?? null),
  );
}

function printCost({ calls, keys, rows, leaves, cost, costliest, unbounded }: RequestCost): string {
  const figures = [count(calls, 'call'), count(keys, 'key'), count(rows, 'row'), count(leaves, 'leaf')].join(', ');
  const most = costliest === null ? '' : `; ${costliest.coordinate} costs most`;
  const open = unbounded === null ? '' : `; nobody says how many items ${unbounded} has`;
  return `cost at most ${Math.ceil(cost * 10) / 10}: ${figures.replace(/ leafs$/, ' leaves')}${most}${open}`;
}

/** Measures the steps of one run. */
export class Measurer implements StepObserver {
  readonly #began = performance.now();
  readonly #measured = new Map<number, StepMeasurement>();
  readonly #notes = new Map<number, Record<string, number | string>>();

  onCall(steps: readonly number[], rows: number, milliseconds: number, waited: boolean, started: number): void {
    const start = started - this.#began;
    for (const step of steps) {
      const before = this.#measured.get(step);
      this.#measured.set(step, {
        calls: (before?.calls ?? 0) + 1,
        rows: (before?.rows ?? 0) + rows,
        start: Math.min(start, before?.start ?? start),
        milliseconds: (before?.milliseconds ?? 0) + milliseconds,
        waited: waited || (before?.waited ?? false),
        sharedWith: steps.filter((other) => other !== step),
        notes: this.#notesOf(step),
      });
    }
  }

  onTrace(step: number, name: string, value: number | string): void {
    const notes = this.#notesOf(step);
    const before = notes[name];
    notes[name] = typeof value === 'number' && typeof before === 'number' ? before + value : value;
  }

  #notesOf(step: number): Record<string, number | string> {
    let notes = this.#notes.get(step);
    if (notes === undefined) {
      notes = {};
      this.#notes.set(step, notes);
    }
    return notes;
  }

  get measured(): PlanMeasurements {
    return this.#measured;
  }
}
