import type { GraphQLSchema } from 'graphql';
import type { CodegenFailures } from '../execution/link/CodegenFailures.ts';
import { type CodegenMode, LinkedPlan, type PlanBranches } from '../execution/link/LinkedPlan.ts';
import type { SpeculationLimits } from '../execution/link/linkAhead.ts';
import type { Plan } from '../plan/Plan.ts';
import type { Definitions } from '../step/Definitions.ts';
import type { ResponseObjects } from '../utils/responseObject.ts';
import { linkContext } from './linkContext.ts';
import type { SourceDocument } from './SourceDocument.ts';

/** The parts of an engine that all its plans are linked with. */
export interface LinkingEngine {
  readonly schema: GraphQLSchema;
  /** The names that it knows. */
  readonly definitions: Definitions;
  readonly codegen: CodegenMode;
  readonly codegenFailures: CodegenFailures;
  readonly responseObjects: ResponseObjects;
  readonly speculation: SpeculationLimits | null;
}

/** The parts of one plan besides its data. */
export interface PlanOwn {
  readonly document: SourceDocument;
  /** Functions of a plan that was planned here and have no name. */
  readonly locals: readonly unknown[];
  /** Null for plans that do not grow. */
  readonly planBranches: PlanBranches | null;
}

/** Links a plan with its engine. */
export function linkPlan(
  { schema, definitions, codegen, codegenFailures, responseObjects, speculation }: LinkingEngine,
  plan: Plan,
  { document, locals, planBranches }: PlanOwn,
): LinkedPlan {
  const context = linkContext(schema, document);
  const source = { plan, schema, definitions, locals, context, planBranches };
  return new LinkedPlan({ ...source, codegen, codegenFailures, responseObjects, speculation });
}
