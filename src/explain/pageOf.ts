import { describeStep, referredName } from '../plan/describeStep.ts';
import type { DependencyNode, Plan, StepNode } from '../plan/Plan.ts';
import type { PlanMeasurements, StepMeasurement } from '../plan/PlanMeasurements.ts';
import { describeAhead, describeCondition, describeLayer, printResponse } from '../plan/printPlan.ts';
import { itemAt } from '../utils/itemAt.ts';
import { layoutPlan, type PlanLayout } from './layoutPlan.ts';
import { hasWaits, type Rounds, roundsOf } from './roundsOf.ts';

/** All that the page of a plan shows, as JSON. */
export interface Page {
  readonly title: string;
  readonly document: string;
  /** Whether the plan was run: steps without a measurement did not run then. */
  readonly isMeasured: boolean;
  /** Whether a step waited when it was run. */
  readonly isWaited: boolean;
  /** All of the plan; and, where it is large, the steps that wait alone. */
  readonly layouts: { readonly all: PlanLayout; readonly waits: PlanLayout | null };
  readonly layers: readonly PageLayer[];
  readonly steps: readonly PageStep[];
  readonly response: readonly string[];
}

interface PageLayer {
  readonly text: string;
  readonly parent: number;
}

interface PageStep extends Rounds {
  readonly op: string;
  /** The name of its loader or function. */
  readonly name: string | null;
  /** Its params and dependencies. */
  readonly text: string;
  readonly condition: string;
  /** The steps with which it starts before its turn; empty: it does not. */
  readonly ahead: string;
  readonly coordinate: string | null;
  /** The line of code that made it. */
  readonly place: string | null;
  readonly layer: number;
  readonly params: string;
  readonly dependencies: readonly Pick<DependencyNode, 'step' | 'kind'>[];
  readonly measurement: StepMeasurement | null;
}

/** With more steps, those that compute in memory are left out at first. */
const READABLE_STEPS = 30;

export function pageOf(plan: Plan, measured: PlanMeasurements | null, places: readonly (string | null)[]): Page {
  const rounds = roundsOf(plan, measured);
  const waits = (step: number): boolean => itemAt(rounds, step).round > 0;
  const isFolded = plan.steps.length > READABLE_STEPS && plan.steps.some((_, id) => waits(id));
  const name = plan.operationName === null ? '' : ` ${plan.operationName}`;
  return {
    title: `${plan.operation}${name}`,
    document: plan.document,
    isMeasured: measured !== null,
    isWaited: hasWaits(measured),
    layouts: { all: layoutPlan(plan), waits: isFolded ? layoutPlan(plan, waits) : null },
    layers: plan.layers.map((layer) => ({ text: describeLayer(plan, layer), parent: layer.parent })),
    steps: plan.steps.map((step, id) => ({
      ...itemAt(rounds, id),
      ...describe(plan, step, id),
      place: places[id] ?? null,
      measurement: measured?.get(id) ?? null,
    })),
    response: printResponse(plan),
  };
}

function describe(plan: Plan, step: StepNode, id: number): Omit<PageStep, keyof Rounds | 'place' | 'measurement'> {
  const { op, coordinate, layer, params, dependencies } = step;
  return {
    op,
    name: referredName(step),
    text: describeStep(step).slice(op.length).trim(),
    condition: describeCondition(plan, step).trim(),
    ahead: describeAhead(plan, id).replace(/^, /, ''),
    coordinate,
    layer,
    params: JSON.stringify(params, null, 2),
    dependencies: dependencies.map(({ step: from, kind }) => ({ step: from, kind })),
  };
}
