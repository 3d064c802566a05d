import { GraphQLError, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { PlanqlError } from '../errors/PlanqlError.ts';
import type { Json, OutputNode, Plan, PositionNode, StepNode } from '../plan/Plan.ts';
import { isReference } from '../plan/params.ts';
import { verifyPlan } from '../plan/verifyPlan.ts';
import { findReference } from '../step/references.ts';
import { findStepClass } from '../step/stepClasses.ts';
import { inspect } from '../utils/inspect.ts';
import { isJson } from '../utils/isJson.ts';
import { type PlanRunner, PreparedPlan } from './PreparedPlan.ts';
import { selectOperation } from './prepareRequest.ts';

/** A plan that cannot travel, or cannot be used here. `problems` holds every reason, one sentence each. */
export class PlanDocumentError extends PlanqlError<'PLAN_DOCUMENT'> {
  readonly problems: readonly string[];

  constructor(summary: string, problems: readonly string[]) {
    super('PLAN_DOCUMENT', [summary, ...problems].join('\n- '));
    this.problems = problems;
  }
}

export interface ExportOptions {
  /** The branches of which object types the plan holds: `all` that are possible, or those that were `met` so far. */
  readonly branches?: 'all' | 'met';
}

/**
 * A plan as JSON, to be kept or sent (rule R21).
 *
 * @throws PlanDocumentError when it captures closures, naming each with its field and what to do (rule R22).
 */
export function exportPlan(prepared: PreparedPlan, { branches = 'all' }: ExportOptions = {}): Plan {
  if (branches === 'all') prepared.planAllBranches();
  const { plan } = prepared;
  const problems = plan.steps.flatMap(stuckParams);
  if (problems.length > 0) throw new PlanDocumentError('This plan cannot be exported:', problems);
  return structuredClone(plan);
}

/** Why a step of a plan cannot travel: what it captures, and what of it is no JSON. */
function stuckParams({ op, params, coordinate }: StepNode): string[] {
  const place = coordinate === null ? '' : ` planned for "${coordinate}"`;
  return Object.entries(params as Record<string, Json>).flatMap(([name, value]) => {
    if (isReference(value)) {
      if (value.$ref !== null) return [];
      return [
        `Step ${op}${place} captures a closure as "${name}". Name it with loader({ name }) or fn(name, function).`,
      ];
    }
    if (isJson(value)) return [];
    return [
      `Step ${op}${place} holds ${inspect(value)} as "${name}", which is no JSON. Make it at run time, in a step.`,
    ];
  });
}

/**
 * Makes an exported plan ready to run against a schema. Nothing is planned.
 *
 * @throws PlanDocumentError with all problems at once.
 */
export function importPlan(runner: PlanRunner, json: Plan): PreparedPlan {
  const { schema } = runner;
  const problems = verifyPlan(json);
  if (problems.length === 0) problems.push(...missingParts(schema, json));
  if (problems.length > 0) throw new PlanDocumentError('This plan cannot be imported:', problems);
  const document = parse(json.document);
  const selected = selectOperation(document, json.operationName);
  if (selected instanceof GraphQLError)
    throw new PlanDocumentError('This plan cannot be imported:', [selected.message]);
  return PreparedPlan.link(runner, document, selected, structuredClone(json));
}

/** What the plan refers to and this process or schema has not. */
function missingParts(schema: GraphQLSchema, plan: Plan): string[] {
  const problems = new Set<string>();
  for (const { op, params } of plan.steps) {
    if (findStepClass(op) === undefined)
      problems.add(`No step class is registered for "${op}". Call registerSteps() with it.`);
    for (const value of Object.values(params as Record<string, Json>)) {
      if (!isReference(value)) continue;
      if (value.$ref === null) problems.add(`Step ${op} captured a closure when it was planned.`);
      else if (findReference(value.$ref) === undefined) problems.add(`This process has not defined "${value.$ref}".`);
    }
  }
  for (const output of plan.outputs) {
    if (output.kind !== 'object') continue;
    const type = schema.getType(output.type);
    if (!isObjectType(type)) {
      problems.add(`The schema has no object type "${output.type}".`);
      continue;
    }
    for (const { coordinate, position } of output.fields) {
      const name = coordinate.slice(coordinate.indexOf('.') + 1);
      if (name.startsWith('__')) continue;
      const field = Object.hasOwn(type.getFields(), name) ? type.getFields()[name] : undefined;
      if (field === undefined) {
        problems.add(`The schema has no field "${coordinate}".`);
        continue;
      }
      const planned = typeOf(plan, position);
      if (planned !== null && planned !== String(field.type)) {
        problems.add(`"${coordinate}" was planned as ${planned}, and is ${String(field.type)} in this schema.`);
      }
    }
  }
  return [...problems];
}

/** The type that a position was planned for; null where planning it failed. */
function typeOf(plan: Plan, { output, nonNull }: PositionNode): string | null {
  const node = plan.outputs[output] as OutputNode;
  if (node.kind === 'error' || node.kind === 'typename') return null;
  const type = node.kind === 'list' ? listOf(typeOf(plan, node.item)) : node.type;
  return type === null ? null : `${type}${nonNull ? '!' : ''}`;
}

function listOf(item: string | null): string | null {
  return item === null ? null : `[${item}]`;
}
