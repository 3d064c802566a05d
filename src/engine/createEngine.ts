import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema, type Source } from 'graphql';
import { executePlan } from '../execution/executePlan.ts';
import type { CodegenMode } from '../execution/link/LinkedPlan.ts';
import type { ResponseForm } from '../execution/output/completeRun.ts';
import type { OutputState } from '../execution/output/OutputState.ts';
import { byteForm, decodeResponse, encodeResponse, objectForm } from '../execution/output/responseForms.ts';
import type { Request, StepObserver } from '../execution/Request.ts';
import type { Plan, ResolverMode } from '../plan/Plan.ts';
import type { PlanLimits } from '../planner/limits.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { asGraphQLError } from './asGraphQLError.ts';
import { conditionError } from './conditionError.ts';
import { DocumentCache, type DocumentCacheOptions, type DocumentOrErrors } from './DocumentCache.ts';
import { type ExplainFormat, explainPlan, Measurer } from './explain.ts';
import { type ExportOptions, exportPlan, importPlan } from './exportPlan.ts';
import { PlanCache, type PlanCacheOptions } from './PlanCache.ts';
import { type PlanRequest, type PlanRunner, PreparedPlan } from './PreparedPlan.ts';
import {
  assertUsableSchema,
  type CoercedVariables,
  coerceVariables,
  type SelectedOperation,
  selectOperation,
} from './prepareRequest.ts';
import type { RequestArgs } from './RequestArgs.ts';
import { type SubscriptionResult, subscribeToPlan } from './subscribeToPlan.ts';

export interface EngineOptions {
  readonly schema: GraphQLSchema;
  readonly planCache?: PlanCacheOptions;
  /** How `document` parses, validates and remembers. */
  readonly documents?: DocumentCacheOptions;
  readonly limits?: Partial<PlanLimits> & {
    /** How long one request may be executed, in milliseconds. What is not ready then is an error; the rest is served. */
    readonly executionMs?: number;
  };
  /**
   * Whether JavaScript is generated for what plans write: when it has proved hot (`auto`, the default), at once, or never.
   * Where a content security policy forbids it, it is not.
   */
  readonly codegen?: CodegenMode;
  /** Names of optimisation passes that must not run. For tests: plans then do more work, and give equal answers. */
  readonly disabledPasses?: readonly string[];
}

/** Why a request cannot be begun, as the response that says so. */
export interface RefusedRequest {
  readonly errors: readonly GraphQLError[];
  readonly data?: null;
}

export interface EngineStats {
  readonly planCache: {
    readonly plans: number;
    readonly bytes: number;
    readonly hits: number;
    readonly misses: number;
  };
}

export interface ExplainArgs extends RequestArgs {
  readonly format?: ExplainFormat;
  readonly analyze?: boolean;
}

/** A request whose operation was found and whose variables were coerced. */
export interface PreparedRequest {
  readonly prepared: PreparedPlan;
  readonly request: Request;
}

/** Plans and executes operations of one schema. */
export class Engine implements PlanRunner {
  readonly schema: GraphQLSchema;
  readonly codegen: CodegenMode;
  readonly #cache: PlanCache;
  readonly #documents: DocumentCache;
  readonly #options: EngineOptions;
  readonly #disabledPasses: ReadonlySet<string>;

  constructor(options: EngineOptions) {
    this.schema = options.schema;
    this.codegen = options.codegen ?? 'auto';
    this.#options = options;
    this.#cache = new PlanCache(options.planCache);
    this.#documents = new DocumentCache(options.schema, options.documents);
    this.#disabledPasses = new Set(options.disabledPasses ?? []);
    // Methods go wherever graphql-js' functions go: `createHandler({ schema, execute: engine.execute })`.
    this.execute = this.execute.bind(this);
    this.executeToBuffer = this.executeToBuffer.bind(this);
    this.executeToString = this.executeToString.bind(this);
    this.subscribe = this.subscribe.bind(this);
    this.document = this.document.bind(this);
    this.prepare = this.prepare.bind(this);
    this.explain = this.explain.bind(this);
    this.exportPlan = this.exportPlan.bind(this);
    this.importPlan = this.importPlan.bind(this);
    this.stats = this.stats.bind(this);
  }

  /** graphql-js' `execute`: synchronous when all that ran was. The promise never rejects (rules R13, R14). */
  execute(args: RequestArgs): PromiseOrValue<ExecutionResult> {
    return this.#run(args, objectForm, (response) => response) as PromiseOrValue<ExecutionResult>;
  }

  /** The same result as UTF-8 JSON: what a server writes to its socket. */
  executeToBuffer(args: RequestArgs): PromiseOrValue<Uint8Array> {
    return this.#run(args, byteForm, encodeResponse);
  }

  /** The same result as JSON text. */
  executeToString(args: RequestArgs): PromiseOrValue<string> {
    const bytes = this.executeToBuffer(args);
    return isPromiseLike(bytes) ? bytes.then(decodeResponse) : decodeResponse(bytes);
  }

  /** graphql-js' `subscribe`: a generator of results, or the result that says why there are none. */
  subscribe(args: RequestArgs): PromiseOrValue<SubscriptionResult> {
    const prepared = this.prepareRequest(args);
    if (!('prepared' in prepared)) return { errors: prepared.errors };
    return subscribeToPlan(prepared.prepared, prepared.request, () => this.#deadline(args.deadline));
  }

  /** The document of a text: parsed and validated, or why not. A text that was seen before is not looked at again. */
  document(source: string | Source): DocumentOrErrors {
    assertUsableSchema(this.schema);
    return this.#documents.get(source);
  }

  /** The plan of an operation. Throws the GraphQLError that a request for it would be answered with. */
  prepare(
    document: DocumentNode,
    operationName: string | null = null,
    resolvers: ResolverMode = NO_RESOLVERS,
  ): PreparedPlan {
    assertUsableSchema(this.schema);
    const selected = selectOperation(document, operationName);
    if (selected instanceof GraphQLError) throw selected;
    return this.#cache.get(document, variant(selected.operation.name?.value ?? null, resolvers), () => {
      const options = { limits: this.#options.limits ?? {}, disabledPasses: this.#disabledPasses };
      return PreparedPlan.make(this, document, selected, resolvers, options);
    });
  }

  /**
   * The plan of an operation for people to read. With `analyze` the operation is run, effects and all, and each step
   * shows its calls, rows and time.
   */
  explain(args: ExplainArgs): PromiseOrValue<string> {
    const { format = 'text', analyze = false } = args;
    const measurer = new Measurer();
    const prepared = this.prepareRequest(args, null, measurer);
    if (!('prepared' in prepared)) throw prepared.errors[0];
    const { plan } = prepared.prepared;
    if (!analyze) return explainPlan(plan, format, null);
    const response = this.runPrepared(prepared, objectForm);
    const explain = (): string => explainPlan(plan, format, measurer.measured);
    return isPromiseLike(response) ? response.then(explain) : explain();
  }

  /** A plan as JSON; see `exportPlan`. */
  exportPlan(plan: PreparedPlan, options?: ExportOptions): Plan {
    return exportPlan(plan, options);
  }

  /** Takes in an exported plan: requests for its operation run it, and plan nothing. */
  importPlan(json: Plan): PreparedPlan {
    const prepared = importPlan(this, json);
    this.#cache.set(prepared.document, variant(json.operationName, json.resolvers), prepared);
    return prepared;
  }

  stats(): EngineStats {
    const { plans, bytes, hits, misses } = this.#cache;
    return { planCache: { plans, bytes, hits, misses } };
  }

  #run<TState extends OutputState, TResponse>(
    args: RequestArgs,
    form: ResponseForm<TState, TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse> {
    const prepared = this.prepareRequest(args);
    if (!('prepared' in prepared)) return refuse(prepared);
    return this.runPrepared(prepared, form);
  }

  /** Runs a plan that is there already; see `PreparedPlan.execute`. */
  runPlan<TState extends OutputState, TResponse>(
    plan: PreparedPlan,
    request: PlanRequest,
    form: ResponseForm<TState, TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse> {
    const prepared = this.prepareRequest({ ...request, document: plan.document }, plan);
    return 'prepared' in prepared ? this.runPrepared(prepared, form) : refuse(prepared);
  }

  /** Runs a prepared request. `execute` on a subscription treats the root value as one event, as graphql-js does. */
  runPrepared<TState extends OutputState, TResponse>(
    { prepared, request }: PreparedRequest,
    form: ResponseForm<TState, TResponse>,
  ): PromiseOrValue<TResponse> {
    const stage = prepared.plan.operation === 'subscription' ? 'event' : 'all';
    return executePlan(prepared.linked, request, form, stage, request.rootValue);
  }

  /** Finds the operation, coerces variables and plans: all that can refuse a request before anything runs. */
  prepareRequest(
    args: RequestArgs,
    plan: PreparedPlan | null = null,
    observer: StepObserver | null = null,
  ): PreparedRequest | RefusedRequest {
    assertUsableSchema(this.schema);
    const operationName = args.operationName ?? null;
    const selected = plan === null ? selectOperation(args.document, operationName) : plan.selected;
    if (selected instanceof GraphQLError) return { errors: [selected] };
    const variables = coerceVariables(this.schema, selected.operation, args.variableValues, {
      maxErrors: args.options?.maxCoercionErrors ?? 50,
      ...(args.hideSuggestions == null ? null : { hideSuggestions: args.hideSuggestions }),
    });
    if (!('byName' in variables)) return { errors: variables };
    try {
      const resolvers = { field: args.fieldResolver != null, type: args.typeResolver != null };
      const prepared = plan ?? this.prepare(args.document, operationName, resolvers);
      const refused = conditionError(prepared.plan, prepared.document, variables);
      if (refused !== null) return { errors: [refused], data: null };
      return { prepared, request: this.#request(args, selected, variables, observer) };
    } catch (error) {
      return { errors: [asGraphQLError(error)], data: null };
    }
  }

  #request(
    args: RequestArgs,
    selected: SelectedOperation,
    variables: CoercedVariables,
    observer: StepObserver | null,
  ): Request {
    return {
      schema: this.schema,
      operation: selected.operation,
      fragments: selected.fragments,
      rootValue: args.rootValue,
      contextValue: args.contextValue,
      variableValues: variables.forResolvers,
      conditions: variables.byName,
      fieldResolver: args.fieldResolver ?? null,
      typeResolver: args.typeResolver ?? null,
      subscribeFieldResolver: args.subscribeFieldResolver ?? null,
      abortSignal: args.abortSignal ?? null,
      deadline: this.#deadline(args.deadline),
      onError: args.onError ?? 'PROPAGATE',
      observer,
      recordDependency: args.recordDependency ?? null,
    };
  }

  #deadline(given: number | undefined): number | null {
    const { executionMs } = this.#options.limits ?? {};
    if (executionMs === undefined) return given ?? null;
    return Math.min(given ?? Number.POSITIVE_INFINITY, Date.now() + executionMs);
  }
}

const NO_RESOLVERS: ResolverMode = { field: false, type: false };

function variant(operationName: string | null, { field, type }: ResolverMode): string {
  return `${operationName ?? ''} ${field ? 'f' : ''}${type ? 't' : ''}`;
}

/** An engine with its own plan cache, limits and settings. */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}
