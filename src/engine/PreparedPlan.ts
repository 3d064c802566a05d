import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLObjectType,
  isAbstractType,
} from 'graphql';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { RefusedError } from '../errors/RefusedError.ts';
import type { LinkedPlan } from '../execution/link/LinkedPlan.ts';
import type { ResponseForm } from '../execution/writer/completeRun.ts';
import { byteForm, encodeResponse, objectForm } from '../execution/writer/responseForms.ts';
import type { AbstractOutput, OutputNode, Plan } from '../plan/Plan.ts';
import type { StepPlaces } from '../planner/StepPlaces.ts';
import { registerBuiltinSteps } from '../schema/steps/register.ts';
import { isJson } from '../utils/isJson.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { decodeUtf8 } from '../utils/utf8.ts';
import { type ExplainFormat, explainPlan } from './explain.ts';
import { type LinkingEngine, linkPlan } from './linkPlan.ts';
import type { SelectedOperation } from './prepareRequest.ts';
import type { RequestArgs } from './RequestArgs.ts';
import type { SourceDocument } from './SourceDocument.ts';

registerBuiltinSteps();

/** A request for an operation that is prepared already. */
export type PlanRequest = Omit<RequestArgs, 'document' | 'operationName' | 'schema'>;

/** The runner of prepared plans: the engine. */
export interface PlanRunner extends LinkingEngine {
  runPlan<TResponse>(
    plan: PreparedPlan,
    request: PlanRequest,
    form: ResponseForm<TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse>;
  /** The code that made the steps of a plan; null where there is no planner. */
  findPlaces(plan: PreparedPlan): StepPlaces | null;
}

/** The plan of one operation, linked and ready to run. Grows when object types are met that it has no branch for. */
export class PreparedPlan {
  /** @internal */
  readonly document: SourceDocument;
  /** Called when it becomes larger: a cache counts it again. @internal */
  onGrowth: (() => void) | null = null;
  #counted = 0;

  readonly #runner: PlanRunner;
  readonly #locals: readonly unknown[];
  /** The text of the plan while it is at rest. */
  #state: LinkedPlan | string;
  #restedSize = 0;
  /** Whether a text says all of it, as far as it was asked for. */
  #isText: boolean | null = null;

  /** @internal */
  constructor(runner: PlanRunner, document: SourceDocument, linked: LinkedPlan) {
    this.#runner = runner;
    this.#locals = linked.source.locals;
    this.#state = linked;
    this.document = document;
  }

  /** @internal */
  get linked(): LinkedPlan {
    if (typeof this.#state === 'string') {
      const { document } = this;
      const own = { document, locals: this.#locals, planBranches: null };
      this.#state = linkPlan(this.#runner, JSON.parse(this.#state), own);
    }
    return this.#state;
  }

  /** The plan as data. It may grow when new object types are met. */
  get plan(): Plan {
    return this.linked.plan;
  }

  /**
   * Its first request is over, mostly: lets the document of the request go. Where it is not to stay ready to run, it keeps its
   * text and drops all that can be made from it again: its data, linked steps, writers. Runs under way are not
   * disturbed (decision engine-plan-cache).
   *
   * @internal
   */
  leave(staysReady: boolean): void {
    if (typeof this.#state === 'string') return;
    if (this.#state.source.planBranches === null && staysReady) return this.document.letGo();
    if (!this.#mayRest) return;
    this.#restedSize = this.restingSize;
    this.#state = JSON.stringify(this.plan);
    this.document.letGo();
  }

  /** A plan that can still grow keeps all, as its planner holds it. So does one that a text does not tell whole. */
  get #mayRest(): boolean {
    if (this.canGrow) return false;
    this.#isText ??= isText(this.plan);
    return this.#isText;
  }

  /** Whether types may be met that it has no branch for. @internal */
  get canGrow(): boolean {
    const { plan, source } = this.linked;
    return source.planBranches !== null && plan.outputs.some((output) => this.#lacksTypes(output));
  }

  /** @internal */
  get selected(): SelectedOperation {
    return this.document.selected(this.plan.operationName);
  }

  /** Its operation in the document of a request, which has its text. @internal */
  selectedIn(document: DocumentNode, operationName: string | null): SelectedOperation | GraphQLError {
    return this.document.is(document) ? this.selected : this.document.selectedIn(document, operationName);
  }

  /** Like the engine's `execute`, for this operation. */
  execute(request: PlanRequest = {}): PromiseOrValue<ExecutionResult> {
    return this.#runner.runPlan(this, request, objectForm, (response) => response);
  }

  /** As `Engine.executeToBuffer`, for this plan. */
  executeToBuffer(request: PlanRequest = {}): PromiseOrValue<Uint8Array> {
    return this.#runner.runPlan(this, request, byteForm, encodeResponse);
  }

  /** As `Engine.executeToString`, for this plan. */
  executeToString(request: PlanRequest = {}): PromiseOrValue<string> {
    const bytes = this.executeToBuffer(request);
    return isPromiseLike(bytes) ? bytes.then(decodeUtf8) : decodeUtf8(bytes);
  }

  /**
   * Plans the branches of all object types that could be met, and not only of those that were: for export, and for costs,
   * which give it `planMs` milliseconds.
   *
   * @throws the error of planning one of them: a limit, or PLAN_TOO_LARGE where the plan is larger than `maxBytes`.
   * @internal
   */
  planAllBranches(maxBytes: number = Number.POSITIVE_INFINITY, planMs: number = Number.POSITIVE_INFINITY): void {
    const until = performance.now() + planMs;
    const { graph, source } = this.linked;
    const tried = new Set<string>();
    // Branches may hold abstract positions themselves: the map grows while it is gone through.
    for (const [typename, { outputs }] of graph.abstracts) {
      const types = outputs
        .flatMap((id) => this.#unplannedTypes(id))
        .filter((type) => !tried.has(`${typename} ${type}`));
      if (this.size > maxBytes) throw planTooLarge(maxBytes);
      if (performance.now() > until) throw branchesTakeLong(planMs);
      if (types.length === 0) continue;
      for (const type of types) tried.add(`${typename} ${type}`);
      const failed = source.planBranches?.(typename, [...new Set(types)]);
      for (const error of failed?.values() ?? []) throw error;
    }
  }

  #lacksTypes(output: OutputNode): boolean {
    return output.kind === 'abstract' && output.branches.length < this.#possibleTypes(output).length;
  }

  #unplannedTypes(id: number): string[] {
    const output = this.plan.outputs[id];
    if (output?.kind !== 'abstract') return [];
    const planned = new Set(output.branches.map(({ type }) => type));
    const possible = this.#possibleTypes(output);
    return possible.map(({ name }) => name).filter((name) => !planned.has(name));
  }

  #possibleTypes({ type }: AbstractOutput): readonly GraphQLObjectType[] {
    const { schema } = this.linked.source;
    const abstract = schema.getType(type);
    return isAbstractType(abstract) ? schema.getPossibleTypes(abstract) : [];
  }

  /** The plan for people to read. The engine's `explain` can also run and measure it. */
  explain(format: ExplainFormat = 'text'): string {
    return explainPlan(this.plan, format, null, () => this.#runner.findPlaces(this));
  }

  /** How often it became larger. @internal */
  get growth(): number {
    return typeof this.#state === 'string' ? 0 : this.#state.growth;
  }

  /** Whether it became larger since `countAgain` was called. @internal */
  get hasGrown(): boolean {
    return this.growth !== this.#counted;
  }

  /** @internal */
  countAgain(): number {
    this.#counted = this.growth;
    return this.size;
  }

  /**
   * How many bytes the plan keeps while it runs: its document and text, the plan itself, linked, with writers for bytes and objects.
   * Measured on Node 20 (test/memory).
   */
  get size(): number {
    return this.#sizeWith(this.document.bytes);
  }

  #sizeWith(documentBytes: number): number {
    const { plan, source, generatedFields, segments, graph } = this.linked;
    const { steps, layers, outputs, places } = plan;
    // A plan that can grow keeps its planner.
    const ofStep = source.planBranches === null ? 1_200 : 3_200;
    const ofNodes = steps.length * ofStep + (layers.length + outputs.length) * 1_500 + places.length * 130;
    const ofSegments = segments?.first == null ? 0 : graph.tasks.length * 140;
    const ofCode = generatedFields * 3_400;
    return 6_500 + documentBytes + ofNodes + ofSegments + fieldsIn(outputs) * 320 + ofCode;
  }

  /** How many bytes it keeps between its first request and the second. Measured like `size`. @internal */
  get onceSize(): number {
    if (typeof this.#state === 'string') return this.#restedSize;
    const hasPlanner = this.#state.source.planBranches !== null;
    return this.#sizeWith(hasPlanner ? this.document.bytes : this.document.restingBytes);
  }

  /** How many bytes it keeps at rest, or would keep. Measured like `size`. */
  get restingSize(): number {
    if (!this.#mayRest) return this.size;
    const { steps, layers, outputs, places } = this.plan;
    const ofNodes = steps.length * 800 + (layers.length + outputs.length) * 300 + places.length * 130;
    return 2_000 + this.document.restingBytes + ofNodes + fieldsIn(outputs) * 320;
  }
}

/** Whether a plan comes back whole from its text: all params are JSON, and no field's error has a cause. */
function isText({ steps, outputs }: Plan): boolean {
  return steps.every(({ params }) => isJson(params)) && outputs.every(({ kind }) => kind !== 'error');
}

function fieldsIn(outputs: readonly OutputNode[]): number {
  return outputs.reduce((total, output) => total + (output.kind === 'object' ? output.fields.length : 0), 0);
}

function branchesTakeLong(planMs: number): RefusedError {
  const message = `Planning this operation for all object types took more than ${planMs} ms (limits.planMs).`;
  return new RefusedError('PLAN_LIMIT', message);
}

export function planTooLarge(maxBytes: number): PlanqlError {
  const remedy = 'Raise planStoreOptions.maxPlanBytes to save it.';
  return new PlanqlError('PLAN_TOO_LARGE', `A plan takes more than ${maxBytes} bytes with all its branches. ${remedy}`);
}
