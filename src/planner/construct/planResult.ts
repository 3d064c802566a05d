import type { GraphQLField } from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import type { ResolverMode } from '../../plan/Plan.ts';
import { fieldPlans } from '../../schema/fieldPlans.ts';
import { hasResolver } from '../../schema/fields.ts';
import { type ResolverSource, ResolverStep } from '../../schema/steps/ResolverStep.ts';
import { AccessStep } from '../../step/builtin/AccessStep.ts';
import { hintOfCopies, versionOfStep } from '../../step/copies.ts';
import { isGettable } from '../../step/get.ts';
import { remedyFor } from '../../step/notAStep.ts';
import { Step } from '../../step/Step.ts';
import type { StepGraph } from '../../step/StepGraph.ts';
import { inspect } from '../../utils/inspect.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { version } from '../../utils/version.ts';
import { checkNewSteps } from './checkNewSteps.ts';
import type { FieldGroup } from './collectFields.ts';
import { type FieldArguments, fieldArgs } from './fieldArgs.ts';
import type { OperationSource } from './OperationSource.ts';
import type { ObjectContext } from './OutputTree.ts';
import type { References } from './References.ts';
import { stepAsValue } from './stepAsValue.ts';

/** The surroundings of a planned field. */
interface Planned {
  readonly graph: StepGraph;
  readonly source: OperationSource;
}

/** The step for a field's value: its plan's, its resolver's or its parent's. Null: the property of its name. */
export function planResult(
  { graph, source: { schema, resolvers } }: Planned,
  references: References,
  context: ObjectContext,
  field: GraphQLField<unknown, unknown>,
  group: FieldGroup,
  args: FieldArguments,
): Step | null {
  const { plan } = fieldPlans(field);
  if (plan !== undefined) {
    const firstStep = graph.steps.length;
    const info = { schema, parentType: context.type, fieldName: field.name, field };
    let $given: unknown;
    try {
      $given = plan(context.$value, fieldArgs(args), info);
    } catch (error) {
      throw stepAsValue(graph, plan, error);
    }
    const $result = assertStep(graph, $given);
    checkNewSteps(graph.steps, firstStep);
    return $result;
  }
  const source = resolverSource(context, field, resolvers);
  if (source !== null) {
    return new ResolverStep(context.$value, args.all(), {
      ...references.ofField(context, field, group),
      source,
    });
  }
  if (!isGettable(context.$value)) return null;
  const $own = context.$value.get(field.name);
  if (!isPlainRead($own, context.$value, field.name)) return $own;
  graph.retract($own);
  return null;
}

/** Whether `$step` is no more than the property that a default field reads. */
function isPlainRead($step: Step, $source: Step, name: string): boolean {
  if (!($step instanceof AccessStep) || $step.dependency(0) !== $source) return false;
  const { path } = $step;
  return path.length === 1 && path[0] === name;
}

function resolverSource(
  { depth }: ObjectContext,
  field: GraphQLField<unknown, unknown>,
  mode: ResolverMode,
): ResolverSource | null {
  if (hasResolver(field) || (mode.field && field.resolve)) return 'field';
  if (mode.field) return 'request';
  // Each field of the root, and each with arguments, is a call of its own where a function is found.
  return field.args.length > 0 || depth === 0 ? 'default' : null;
}

/** The result of a plan resolver, which must be a step. */
export function assertStep({ coordinate }: StepGraph, $result: unknown): Step {
  if ($result instanceof Step) return $result;
  if (isPromiseLike($result)) {
    $result.then(undefined, () => {});
    throw new PlanqlError(
      'ASYNC_PLAN',
      `The plan resolver of "${coordinate}" returned a promise. Plan resolvers are synchronous; leave asynchronous work to steps.`,
    );
  }
  const made = versionOfStep($result);
  if (made !== null) {
    throw new PlanqlError(
      'NO_STEP',
      `The plan resolver of "${coordinate}" returned a step of planql ${made}, not one of planql ${version}.${hintOfCopies()}`,
    );
  }
  throw new PlanqlError(
    'NO_STEP',
    `The plan resolver of "${coordinate}" returned ${inspect($result)}, not a step${remedyFor($result)}.`,
  );
}
