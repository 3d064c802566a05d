import { anything, checkOptions, type OptionTable, oneOf } from '../errors/checkOptions.ts';
import type { Plan, StepNode } from '../plan/Plan.ts';
import { type PlanDocument, planHash } from '../plan/PlanDocument.ts';
import { isReference } from '../plan/params.ts';
import type { Definitions } from '../step/Definitions.ts';
import { inspect } from '../utils/inspect.ts';
import { isJson } from '../utils/isJson.ts';
import { PlanDocumentError } from './PlanDocumentError.ts';
import type { PreparedPlan } from './PreparedPlan.ts';
import { usedDefinitions } from './usedDefinitions.ts';

export interface ExportOptions {
  /** The object types whose branches the plan holds: `all` possible ones, or those `met` so far. */
  readonly branches?: 'all' | 'met';
}

/** The options of `exportPlan`, and `maxBytes`, which is planql's own. */
const exportOptions: OptionTable<ExportOptions & { maxBytes?: number }> = {
  branches: oneOf('all', 'met'),
  maxBytes: anything,
};

/**
 * A plan as JSON, to be kept or sent (rule R21).
 *
 * @throws PlanDocumentError when it captures closures, naming each with its field and the remedy (rule R22).
 */
export function exportPlan(
  prepared: PreparedPlan,
  options: ExportOptions & { readonly maxBytes?: number } = {},
): PlanDocument {
  checkOptions('exportPlan', options, exportOptions);
  const { branches = 'all', maxBytes } = options;
  const { plan } = prepared;
  // `maxBytes` is for a plan in use: its branches are planned only where it can travel.
  if (maxBytes !== undefined) assertPortable(plan);
  if (branches === 'all') prepared.planAllBranches(maxBytes);
  assertPortable(plan);
  const content = {
    ...structuredClone(plan),
    ops: versionsOf(plan, prepared.linked.source.definitions),
    definitions: usedDefinitions(prepared.linked.source.schema, plan),
  };
  return { ...content, hash: planHash(content) };
}

function assertPortable({ steps }: Plan): void {
  const problems = [...new Set(steps.flatMap(stuckParams))];
  if (problems.length > 0) throw new PlanDocumentError('This plan cannot be exported:', problems);
}

function versionsOf({ steps }: Plan, definitions: Definitions): Record<string, number> {
  const ops = [...new Set(steps.map(({ op }) => op))].sort();
  return Object.fromEntries(ops.map((op) => [op, definitions.version(op)]));
}

/** Why a step of a plan cannot be exported: the params that are no JSON. */
function stuckParams({ op, params, coordinate }: StepNode): string[] {
  const place = coordinate === null ? '' : ` planned for "${coordinate}"`;
  return Object.entries(params).flatMap(([name, value]) => {
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
