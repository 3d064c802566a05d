import { describeStep } from '../plan/describeStep.ts';
import type { DependencyNode, LayerNode, Plan, StepNode } from '../plan/Plan.ts';
import type { PlanMeasurements, StepMeasurement } from '../plan/PlanMeasurements.ts';
import { describeAhead, describeCondition, describeLayer, printResponse } from '../plan/printPlan.ts';
import { itemAt } from '../utils/itemAt.ts';
import { type Box, layoutPlan } from './layoutPlan.ts';
import { type Rounds, roundsOf } from './roundsOf.ts';

/** All that the page of a plan shows, as JSON. */
export interface Page {
  readonly title: string;
  readonly document: string;
  /** Whether the plan was run: steps without a measurement did not run then. */
  readonly isMeasured: boolean;
  readonly width: number;
  readonly height: number;
  readonly layers: readonly PageLayer[];
  readonly steps: readonly PageStep[];
  readonly response: readonly string[];
}

interface PageLayer extends Box {
  readonly text: string;
  readonly parent: number;
  readonly source: number;
}

interface PageStep extends Box {
  readonly op: string;
  /** What it was given and takes in. */
  readonly text: string;
  readonly condition: string;
  /** With what it starts before its turn; empty: it does not. */
  readonly ahead: string;
  readonly coordinate: string | null;
  /** The line of code that made it. */
  readonly place: string | null;
  readonly layer: number;
  readonly params: string;
  readonly dependencies: readonly Pick<DependencyNode, 'step' | 'kind'>[];
  /** Of a step that waits: its number in the longest sequence of such steps that leads to it, from 1. Else 0. */
  readonly round: number;
  /** The nearest steps that wait and must be done before it starts. */
  readonly waitsFor: readonly number[];
  readonly measurement: StepMeasurement | null;
}

export function pageOf(plan: Plan, measured: PlanMeasurements | null, places: readonly (string | null)[]): Page {
  const { width, height, layers, steps } = layoutPlan(plan);
  const rounds = roundsOf(plan, measured);
  const name = plan.operationName === null ? '' : ` ${plan.operationName}`;
  return {
    title: `${plan.operation}${name}`,
    document: plan.document,
    isMeasured: measured !== null,
    width,
    height,
    layers: plan.layers.map((layer, id) => pageLayer(plan, layer, itemAt(layers, id))),
    steps: plan.steps.map((step, id) => ({
      ...itemAt(steps, id),
      ...itemAt(rounds, id),
      ...pageStep(plan, step, id),
      place: places[id] ?? null,
      measurement: measured?.get(id) ?? null,
    })),
    response: printResponse(plan),
  };
}

function pageLayer(plan: Plan, layer: LayerNode, box: Box): PageLayer {
  return { ...box, text: describeLayer(plan, layer), parent: layer.parent, source: layer.source };
}

function pageStep(
  plan: Plan,
  step: StepNode,
  id: number,
): Omit<PageStep, keyof Box | keyof Rounds | 'place' | 'measurement'> {
  const { op, coordinate, layer, params, dependencies } = step;
  return {
    op,
    text: describeStep(step).slice(op.length).trim(),
    condition: describeCondition(plan, step).trim(),
    ahead: describeAhead(plan, id).replace(/^, /, ''),
    coordinate,
    layer,
    params: JSON.stringify(params, null, 2),
    dependencies: dependencies.map(({ step: from, kind }) => ({ step: from, kind })),
  };
}
