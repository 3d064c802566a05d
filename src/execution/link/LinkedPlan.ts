import type { GraphQLSchema } from 'graphql';
import type { DependencyNode, LayerNode, Plan, StepNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { ResponseObjects } from '../../utils/responseObject.ts';
import { TaskGraph } from '../schedule/TaskGraph.ts';
import { StepPositions } from '../state/StepPositions.ts';
import type { CodegenFailures } from './CodegenFailures.ts';
import { DecidingItems } from './decidingItem.ts';
import type { LinkedStep } from './LinkedStep.ts';
import { type LinkedAhead, linkAhead, type SpeculationLimits } from './linkAhead.ts';
import { linkStep, type StepSource } from './linkStep.ts';
import { requiredSteps } from './requiredSteps.ts';
import type { Segments } from './Segment.ts';

export type { LinkedStep } from './LinkedStep.ts';

/**
 * Called when a run meets object types whose branches are not in the plan. It extends plan and linked plan, and returns
 * the types for which that failed, with the reason.
 */
export type PlanBranches = (typename: number, types: readonly string[]) => ReadonlyMap<string, unknown>;

export interface LinkSource extends StepSource {
  readonly plan: Plan;
  readonly schema: GraphQLSchema;
  readonly planBranches: PlanBranches | null;
  readonly codegen: CodegenMode;
  readonly codegenFailures: CodegenFailures;
  readonly responseObjects: ResponseObjects;
  /** Bounds of early starts; null: there are none. */
  readonly speculation: SpeculationLimits | null;
}

/** When code is generated for the outputs of a plan: when it has proved hot, at once, or never. */
export type CodegenMode = 'auto' | 'always' | 'never';

/** A plan whose names were resolved: instances of its steps and the graph of its tasks. Grows when the plan does. */
export class LinkedPlan {
  readonly source: LinkSource;
  readonly plan: Plan;
  readonly graph: TaskGraph;
  readonly steps: LinkedStep[] = [];
  /** Which items make their lists null. */
  readonly deciding: DecidingItems;
  /** Which positions read a step's register. */
  readonly positions: StepPositions;
  /** The writers that were made, by the form of the response. */
  readonly writers: Map<unknown, unknown> = new Map();
  /** Its segments for compiled runs; null: not compiled yet. */
  segments: Segments | null = null;
  /** How often it ran as it is without segments. */
  runs = 0;
  /** How many fields code was generated for. */
  generatedFields = 0;
  /** How often it has become larger: a cache that counts its size counts it again then. */
  growth = 0;
  /** How many bytes the next response may have, where the last one was large; else 0. */
  largeResponse = 0;
  /** The loads that may start before their turn; null where there are none. */
  ahead: LinkedAhead | null = null;
  #linkedAhead = 0;
  #required: { readonly of: number; readonly steps: ReadonlySet<number> } | null = null;

  constructor(source: LinkSource) {
    this.source = source;
    this.plan = source.plan;
    this.graph = new TaskGraph(source.plan);
    this.deciding = new DecidingItems(source);
    this.positions = new StepPositions(source.plan, (step) => nodeAt(this.steps, step).instance);
    this.#addSteps();
  }

  /** Links the parts that the plan has gained since the last call. */
  grow(): void {
    this.growth++;
    this.graph.grow();
    this.positions.grow();
    this.#addSteps();
  }

  #addAhead(): void {
    const { ahead, steps } = this.plan;
    if (ahead.length === this.#linkedAhead) return;
    const linked: LinkedAhead = this.ahead ?? { atOnce: [], bySource: new Map() };
    linkAhead(this.plan, this.steps, this.#linkedAhead, linked);
    this.#linkedAhead = ahead.length;
    // A branch that was planned later may have brought effects: a load must read the state of its own turn.
    this.ahead = steps.some(({ hasSideEffects }) => hasSideEffects) ? null : linked;
  }

  #addSteps(): void {
    const { steps, layers } = this.plan;
    for (let id = this.steps.length; id < steps.length; id++) {
      const node = nodeAt(steps, id);
      const instance = linkStep(node, this.source);
      const isEntry = node.op === 'entry';
      this.steps.push({
        id,
        node,
        instance,
        singular: nodeAt(layers, node.layer).singular,
        isEntry,
        inputs: node.dependencies.some(isOrder) ? node.dependencies.filter((of) => !isOrder(of)) : node.dependencies,
        direct: directOf(node, steps, layers),
        batchKey: isEntry ? null : instance.batchKey(),
        task: nodeAt(this.graph.stepTasks, id),
      });
    }
    this.#addAhead();
  }

  /** Whether a position that may not be null is read from the register of a step. */
  requires(step: number): boolean {
    const { length } = this.plan.outputs;
    if (this.#required?.of !== length) this.#required = { of: length, steps: requiredSteps(this.plan) };
    return this.#required.steps.has(step);
  }
}

function directOf(
  { layer, guard, dependencies }: StepNode,
  steps: readonly StepNode[],
  layers: readonly LayerNode[],
): number {
  const [only, ...others] = dependencies;
  if (only?.kind !== 'list' || others.length > 0 || guard !== 0 || nodeAt(layers, layer).singular) return -1;
  return nodeAt(steps, only.step).layer === layer ? only.step : -1;
}

function isOrder({ kind }: DependencyNode): boolean {
  return kind === 'order';
}
