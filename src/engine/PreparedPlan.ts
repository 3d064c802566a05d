import type { ExecutionResult, GraphQLAbstractType, GraphQLSchema } from 'graphql';
import type { CodegenMode, LinkedPlan } from '../execution/link/LinkedPlan.ts';
import type { ResponseForm } from '../execution/output/completeRun.ts';
import type { OutputState } from '../execution/output/OutputState.ts';
import { byteForm, decodeResponse, encodeResponse, objectForm } from '../execution/output/responseForms.ts';
import type { Plan } from '../plan/Plan.ts';
import { registerBuiltinSteps } from '../schema/steps/register.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { type ExplainFormat, explainPlan } from './explain.ts';
import type { PlannedDocument } from './PlannedDocument.ts';
import type { SelectedOperation } from './prepareRequest.ts';
import type { RequestArgs } from './RequestArgs.ts';

registerBuiltinSteps();

/** A request for an operation that is prepared already. */
export type PlanRequest = Omit<RequestArgs, 'document' | 'operationName' | 'schema'>;

/** What runs prepared plans: the engine. */
export interface PlanRunner {
  readonly schema: GraphQLSchema;
  readonly codegen: CodegenMode;
  runPlan<TState extends OutputState, TResponse>(
    plan: PreparedPlan,
    request: PlanRequest,
    form: ResponseForm<TState, TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse>;
}

/** The plan of one operation, linked and ready to run. Grows when object types are met that it has no branch for. */
export class PreparedPlan {
  readonly plan: Plan;
  readonly linked: LinkedPlan;
  readonly document: PlannedDocument;
  /** Branches were added since whoever keeps it asked for its size. */
  hasGrown = false;

  readonly #runner: PlanRunner;

  constructor(runner: PlanRunner, document: PlannedDocument, linked: LinkedPlan) {
    this.#runner = runner;
    this.plan = linked.plan;
    this.linked = linked;
    this.document = document;
  }

  get selected(): SelectedOperation {
    return this.document.selected(this.plan.operationName);
  }

  /** Like the engine's `execute`, for this operation. */
  execute(request: PlanRequest = {}): PromiseOrValue<ExecutionResult> {
    return this.#runner.runPlan(this, request, objectForm, (response) => response);
  }

  executeToBuffer(request: PlanRequest = {}): PromiseOrValue<Uint8Array> {
    return this.#runner.runPlan(this, request, byteForm, encodeResponse);
  }

  executeToString(request: PlanRequest = {}): PromiseOrValue<string> {
    const bytes = this.executeToBuffer(request);
    return isPromiseLike(bytes) ? bytes.then(decodeResponse) : decodeResponse(bytes);
  }

  /**
   * Plans the branches of all object types that could be met, and not only of those that were. For export.
   *
   * @throws what planning one of them failed with: a limit.
   */
  planAllBranches(): void {
    const { abstracts, source } = this.linked;
    const tried = new Set<string>();
    // Branches may hold abstract positions themselves: the map grows while it is gone through.
    for (const [typename, { outputs }] of abstracts) {
      const types = outputs
        .flatMap((id) => this.#unplannedTypes(id))
        .filter((type) => !tried.has(`${typename} ${type}`));
      if (types.length === 0) continue;
      for (const type of types) tried.add(`${typename} ${type}`);
      const failed = source.planBranches?.(typename, [...new Set(types)]);
      for (const error of failed?.values() ?? []) throw error;
    }
  }

  #unplannedTypes(id: number): string[] {
    const output = this.plan.outputs[id];
    if (output?.kind !== 'abstract') return [];
    const { schema } = this.linked.source;
    const planned = new Set(output.branches.map(({ type }) => type));
    const possible = schema.getPossibleTypes(schema.getType(output.type) as GraphQLAbstractType);
    return possible.map(({ name }) => name).filter((name) => !planned.has(name));
  }

  /** The plan for people to read. The engine's `explain` can also run and measure it. */
  explain(format: ExplainFormat = 'text'): string {
    return explainPlan(this.plan, format, null);
  }

  /** A rough measure of what the plan keeps in memory, in bytes: for the cache's bound. */
  get size(): number {
    const { steps, layers, outputs } = this.plan;
    const fields = outputs.reduce((total, output) => total + (output.kind === 'object' ? output.fields.length : 0), 0);
    return 512 + steps.length * 600 + layers.length * 250 + outputs.length * 150 + fields * 300;
  }
}
