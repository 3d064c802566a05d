import type { DocumentNode } from 'graphql';
import type { PlanBranches } from '../execution/link/LinkedPlan.ts';
import type { ResolverMode } from '../plan/Plan.ts';
import { decideConditions } from '../planner/construct/decideConditions.ts';
import { OperationPlanner, type PlannerOptions } from '../planner/OperationPlanner.ts';
import { StepPlaces } from '../planner/StepPlaces.ts';
import { documentText } from '../schema/documentText.ts';
import { type PlanMessage, planChannel } from '../telemetry/channels.ts';
import { refusals } from './fragmentArguments.ts';
import { linkPlan } from './linkPlan.ts';
import { type PlanRunner, PreparedPlan } from './PreparedPlan.ts';
import type { SelectedOperation } from './prepareRequest.ts';
import { SourceDocument } from './SourceDocument.ts';

/** The input of planning. */
export interface PlanTask {
  readonly document: DocumentNode;
  readonly selected: SelectedOperation;
  readonly resolvers: ResolverMode;
  /** The coerced variables of the one request that the plan is for. Null: a plan for all requests. */
  readonly variables: unknown;
}

/** Plans an operation. Later branches, planned when object types are met, go into the same plan. */
export function planOperation(
  runner: PlanRunner,
  { document, selected, resolvers, variables }: PlanTask,
  options: PlannerOptions,
): PreparedPlan {
  const { schema, definitions } = runner;
  const { operation } = selected;
  const decide = variables === null ? null : decideConditions(variables, refusals);
  const told = { operation: operation.operation, operationName: operation.name?.value ?? null };
  const planned = new SourceDocument(documentText(document), document, selected);
  const { fields } = planned;
  const make = (): OperationPlanner =>
    OperationPlanner.plan({ schema, document, fields, operation, resolvers, decide }, { ...options, definitions });
  const planner = planChannel.isHeard ? planChannel.trace({ ...told, types: null }, make) : make();
  const { plan, locals } = planner;
  const grows = plan.outputs.some(({ kind }) => kind === 'abstract');
  const planBranches = grows ? branchPlanner(planner, () => prepared, told) : null;
  const linked = linkPlan(runner, plan, { document: planned, locals, planBranches });
  const prepared = new PreparedPlan(runner, planned, linked);
  return prepared;
}

/** Plans branches when their types are met. Only plans that can grow keep their planner, which is larger than they. */
function branchPlanner(
  planner: OperationPlanner,
  prepared: () => PreparedPlan,
  told: Omit<PlanMessage, 'types'>,
): PlanBranches {
  return (typename, types) => {
    const extend = (): ReturnType<PlanBranches> => {
      const failed = planner.planBranches(typename, types);
      const grown = prepared();
      grown.linked.grow();
      grown.onGrowth?.();
      return failed;
    };
    return planChannel.isHeard ? planChannel.trace({ ...told, types }, extend) : extend();
  };
}

/** Plans an operation again, with all its branches, to see which lines of code make its steps. */
export function findPlaces(runner: PlanRunner, task: PlanTask, options: PlannerOptions): StepPlaces {
  const places = new StepPlaces();
  planOperation(runner, task, { ...options, places }).planAllBranches();
  return places;
}

/** The functions that need the planner; executors of imported plans have none. */
export interface Planning {
  readonly planOperation: typeof planOperation;
  readonly findPlaces: typeof findPlaces;
}
