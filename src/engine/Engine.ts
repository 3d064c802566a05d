import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type Source,
  versionInfo,
} from 'graphql';
import { checkOptions } from '../errors/checkOptions.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { executeIncrementally, type IncrementalResponse } from '../execution/later/executeIncrementally.ts';
import { mayDeliverLater } from '../execution/later/mayDeliverLater.ts';
import { CodegenFailures } from '../execution/link/CodegenFailures.ts';
import type { CodegenMode } from '../execution/link/LinkedPlan.ts';
import { defaultSpeculation, type SpeculationLimits } from '../execution/link/linkAhead.ts';
import type { PositionPath } from '../execution/schedule/positionTasks.ts';
import type { AbortMode, RecordStepDependencies, Request } from '../execution/state/Request.ts';
import { type BudgetLimits, RequestBudget } from '../execution/state/RequestBudget.ts';
import type { ResponseForm } from '../execution/writer/completeRun.ts';
import { executePart } from '../execution/writer/executePart.ts';
import { executePlan } from '../execution/writer/executePlan.ts';
import { byteForm, encodeResponse, objectForm, pieceForm } from '../execution/writer/responseForms.ts';
import type { ResolverMode } from '../plan/Plan.ts';
import type { PlanDocument } from '../plan/PlanDocument.ts';
import type { PlannerOptions } from '../planner/OperationPlanner.ts';
import type { StepPlaces } from '../planner/StepPlaces.ts';
import { Definitions } from '../step/Definitions.ts';
import { type OperationMessage, operationChannel, type StepObserver } from '../telemetry/channels.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import type { ResponseObjects } from '../utils/responseObject.ts';
import { decodeUtf8 } from '../utils/utf8.ts';
import { abortedWhenClosed } from './abortedWhenClosed.ts';
import { asGraphQLError } from './asGraphQLError.ts';
import { type ChunkOptions, chunkBytesOf, chunksOf } from './chunks.ts';
import { budgetedParts } from './costs/budgetedParts.ts';
import { budgetForm } from './costs/budgetForm.ts';
import { type Admission, CostControl } from './costs/CostControl.ts';
import { type CostExtensions, extended, extendedForm } from './costs/extendedForm.ts';
import type { RequestCost } from './costs/RequestCost.ts';
import { DocumentCache, type DocumentOrErrors } from './DocumentCache.ts';
import {
  type EngineOptions,
  type EngineStats,
  type ExplainArgs,
  engineOptions,
  type PreparedRequest,
  type PrepareOptions,
  prepareOptions,
  type RefusedRequest,
} from './EngineOptions.ts';
import { errorModeOf } from './errorModeOf.ts';
import { explainPlan, Measurer } from './explain.ts';
import { type ExportOptions, exportPlan } from './exportPlan.ts';
import { withoutFragmentArguments } from './fragmentArguments.ts';
import { hasIncrementalDirectives } from './hasIncrementalDirectives.ts';
import { importPlan } from './importPlan.ts';
import { mappedForm, mappedRefusal } from './mapErrors.ts';
import { conditionsKey, hasNonBooleanCondition } from './nonBooleanConditions.ts';
import { PlanCache, planKey } from './PlanCache.ts';
import type { PlanRequest, PreparedPlan } from './PreparedPlan.ts';
import { payloadsOf } from './payloadsOf.ts';
import type { Planning, PlanTask } from './planOperation.ts';
import {
  assertUsableSchema,
  type CoercedVariables,
  coerceVariables,
  onlyOf,
  type SelectedOperation,
  selectOperation,
} from './prepareRequest.ts';
import type { RequestArgs } from './RequestArgs.ts';
import { StoredPlans, type WarmUpStats } from './StoredPlans.ts';
import { asInstalled, type SubscriptionResult, subscribeToPlan } from './subscribeToPlan.ts';
import { type DocumentParams, TrustedDocuments } from './TrustedDocuments.ts';
import { tellOperation, timedForm } from './tellOperation.ts';

/** Plans and executes operations of one schema: what `createEngine` makes. Its caches belong to it alone. */
export class Engine {
  /** The schema whose operations it plans and executes. */
  readonly schema: GraphQLSchema;
  /** The loaders, functions and step classes that names of plans stand for. Spec 3.8.3. */
  readonly definitions: Definitions;
  /** The option `codegen`. */
  readonly codegen: CodegenMode;
  /** Plans for which no code could be generated. */
  readonly codegenFailures: CodegenFailures = new CodegenFailures();
  /** The option `responseObjects`. */
  readonly responseObjects: ResponseObjects;
  /** The option `limits.speculation`; null: no load starts ahead. */
  readonly speculation: SpeculationLimits | null;
  readonly #cache: PlanCache;
  readonly #documents: DocumentCache;
  readonly #options: EngineOptions;
  readonly #disabledPasses: ReadonlySet<string>;

  readonly #stored: StoredPlans | null;
  readonly #trusted: TrustedDocuments;
  readonly #costs: CostControl;
  readonly #budget: BudgetLimits | null;
  readonly #planning: Planning | null;

  /** @internal */
  constructor(options: EngineOptions, planning: Planning | null) {
    checkOptions(planning === null ? 'createExecutor' : 'createEngine', options, engineOptions);
    this.#planning = planning;
    this.schema = options.schema;
    this.definitions = options.names === undefined ? Definitions.of(options.schema) : new Definitions(options.names);
    this.codegen = options.codegen ?? 'auto';
    this.responseObjects = options.responseObjects ?? 'ordinary';
    const { speculation } = options.limits ?? {};
    this.speculation = speculation === false ? null : { ...defaultSpeculation, ...speculation };
    this.#options = options;
    this.#cache = new PlanCache(options.planCache, (key) => {
      if (!key.includes(' ')) this.#stored?.saves.came(key); // not those of decided conditions
    });
    this.#documents = new DocumentCache(options.schema, options.documents, this);
    const { store = null, onlyKnown = false } = options.documents ?? {};
    this.#trusted = new TrustedDocuments(store, onlyKnown);
    this.#disabledPasses = new Set(options.disabledPasses ?? []);
    this.#costs = new CostControl(options);
    this.#budget = budgetOf(options);
    const { planStore, planStoreOptions = {} } = options;
    const take = (json: unknown): void => {
      this.importPlan(json);
    };
    this.#stored = planStore === undefined ? null : new StoredPlans(planStore, this.#cache, take, planStoreOptions);
    // Methods go wherever graphql-js' functions go: `createHandler({ schema, execute: engine.execute })`.
    this.execute = this.execute.bind(this);
    this.executePositions = this.executePositions.bind(this);
    this.executeIncrementally = this.executeIncrementally.bind(this);
    this.executeToPayloads = this.executeToPayloads.bind(this);
    this.executeToBuffer = this.executeToBuffer.bind(this);
    this.executeToChunks = this.executeToChunks.bind(this);
    this.executeToString = this.executeToString.bind(this);
    this.subscribe = this.subscribe.bind(this);
    this.document = this.document.bind(this);
    this.sourceOf = this.sourceOf.bind(this);
    this.documentOf = this.documentOf.bind(this);
    this.prepare = this.prepare.bind(this);
    this.explain = this.explain.bind(this);
    this.cost = this.cost.bind(this);
    this.exportPlan = this.exportPlan.bind(this);
    this.importPlan = this.importPlan.bind(this);
    this.warmUp = this.warmUp.bind(this);
    this.stats = this.stats.bind(this);
  }

  /** graphql-js' `execute`: synchronous when all that ran was. The promise never rejects (rules R13, R14). */
  execute(args: RequestArgs): PromiseOrValue<ExecutionResult> {
    return this.#run(args, objectForm, (response) => response);
  }

  /**
   * Runs only the steps that some positions of a query's response need, and answers with these. A position is the list of
   * its response keys, without list indexes: it stands for all items of the lists in it. The objects on the way have their
   * `id` and `__typename`, where the operation selects them.
   *
   * @throws PlanqlError `UNKNOWN_POSITION`, `PARTIAL_MUTATION`, `PARTIAL_SUBSCRIPTION`.
   */
  executePositions(args: RequestArgs, positions: readonly PositionPath[]): PromiseOrValue<ExecutionResult> {
    return this.#withStored(args, () =>
      this.#told('positions', args, null, (prepared) => {
        if (!('prepared' in prepared)) return prepared;
        return this.#admitted(
          prepared,
          ({ errors }) => ({ errors }),
          () => executePart(prepared.prepared.linked, prepared.request, positions),
        );
      }),
    );
  }

  /**
   * graphql-js 17's `experimentalExecuteIncrementally`: like `execute`, with the data of `@defer` and `@stream` later,
   * in `subsequentResults`. Where nothing is left for later the result is an ordinary one.
   */
  executeIncrementally(args: RequestArgs): PromiseOrValue<ExecutionResult | IncrementalResponse> {
    return this.#withStored(args, () => this.#deliver(args));
  }

  /**
   * The payloads of `executeIncrementally`, or the events of `subscribe`, as UTF-8 JSON, one after another. Nothing runs
   * before the first is asked for; closing the generator aborts the run at once.
   */
  executeToPayloads(args: RequestArgs): AsyncGenerator<Uint8Array, void, void> {
    return payloadsOf(args, this);
  }

  #deliver(args: RequestArgs): PromiseOrValue<ExecutionResult | IncrementalResponse> {
    return this.#told<ExecutionResult | IncrementalResponse>('incremental', args, null, (prepared, told) => {
      if (!('prepared' in prepared)) return prepared;
      return this.#admitted<ExecutionResult | IncrementalResponse>(
        prepared,
        ({ errors }) => ({ errors }),
        (extensions) => this.#runIncrementally(args, prepared, extensions, told),
      );
    });
  }

  #runIncrementally(
    { document, incrementalFormat: format = 'current', enableEarlyExecution }: RequestArgs,
    prepared: PreparedRequest,
    extensions: CostExtensions | null,
    told: OperationMessage | null,
  ): PromiseOrValue<ExecutionResult | IncrementalResponse> {
    const { plan, linked } = prepared.prepared;
    if (plan.operation === 'subscription' || !hasIncrementalDirectives(document)) {
      return this.runPrepared(prepared, extendedForm(timedForm(objectForm, told), extensions));
    }
    const { budget } = prepared.request;
    const response = executeIncrementally(linked, prepared.request, { format, isEarly: enableEarlyExecution === true });
    const extend = (given: ExecutionResult | IncrementalResponse): ExecutionResult | IncrementalResponse =>
      extended(budget === null ? given : budgetedParts(given, budget, format), extensions);
    return isPromiseLike(response) ? response.then(extend) : extend(response);
  }

  /** The same result as UTF-8 JSON, for the socket of a server. */
  executeToBuffer(args: RequestArgs): PromiseOrValue<Uint8Array> {
    return this.#run(args, byteForm, encodeResponse);
  }

  /**
   * The same bytes in chunks of at most `chunkBytes`, for responses that should be neither copied nor one string: give it
   * to `Readable.from` or `ReadableStream.from`, which ask for the next chunk when there is room for it. The first chunk
   * comes when all data is there; for an earlier one use `@defer` or `@stream`. Closing it aborts the request.
   */
  executeToChunks(args: RequestArgs, options: ChunkOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    return abortedWhenClosed(args.abortSignal ?? null, async (abortSignal) => {
      const chunkBytes = chunkBytesOf(options);
      const pieces = await this.#run({ ...args, abortSignal }, pieceForm, (response) => [encodeResponse(response)]);
      return chunksOf(pieces, chunkBytes);
    });
  }

  /** The same result as JSON text. */
  executeToString(args: RequestArgs): PromiseOrValue<string> {
    const bytes = this.executeToBuffer(args);
    return isPromiseLike(bytes) ? bytes.then(decodeUtf8) : decodeUtf8(bytes);
  }

  /** graphql-js' `subscribe`: a generator of results, or a result with errors. */
  subscribe(args: RequestArgs): PromiseOrValue<SubscriptionResult> {
    return asInstalled(() =>
      this.#withStored(args, () =>
        this.#told<SubscriptionResult>('subscribe', args, null, (prepared) => {
          if (!('prepared' in prepared)) return { errors: prepared.errors };
          return this.#admitted<SubscriptionResult>(
            prepared,
            ({ errors }) => ({ errors }),
            () => subscribeToPlan(prepared.prepared, prepared.request, () => this.#deadline(args.deadline)),
          );
        }),
      ),
    );
  }

  /** The document of a text: parsed and validated, or its errors. A text that was seen before is not looked at again. */
  document(source: string | Source): DocumentOrErrors {
    assertUsableSchema(this.schema);
    if (!this.#trusted.onlyKnown) return this.#documents.get(source);
    const refusal = this.#trusted.refusalOfText(typeof source === 'string' ? source : source.body);
    return refusal === null ? this.#documents.get(source) : [refusal];
  }

  /**
   * The text of the document that a request asks for, by its text or by an id: or the error to answer it with. Nothing is
   * parsed.
   */
  sourceOf(params: DocumentParams): string | GraphQLError {
    return this.#trusted.sourceOf(params);
  }

  /** The document that a request asks for, by its text or by an id; or the errors to answer it with. */
  documentOf(params: DocumentParams): DocumentOrErrors {
    const source = this.sourceOf(params);
    return typeof source === 'string' ? this.document(source) : [source];
  }

  /** Whether all documents are refused that are not in the store of documents. */
  get onlyKnownDocuments(): boolean {
    return this.#trusted.onlyKnown;
  }

  /** Lets the engine run a document that planql has derived from a known one. @internal */
  trustDocument(document: DocumentNode): void {
    this.#trusted.trust(document);
  }

  /** The plan of an operation. Throws the GraphQLError that a request for it would be answered with. */
  prepare(given: DocumentNode, operationName: string | null = null, options: PrepareOptions = {}): PreparedPlan {
    checkOptions('prepare', options, prepareOptions);
    assertUsableSchema(this.schema);
    const refusal = this.#trusted.refusalOf(given);
    if (refusal !== null) throw refusal;
    const document = withoutFragmentArguments(given, null);
    if (document instanceof GraphQLError) throw document;
    const selected = selectOperation(document, operationName);
    if (selected instanceof GraphQLError) throw selected;
    const resolvers = { field: options.field ?? false, type: options.type ?? false };
    const prepared = this.#prepare(document, operationName, selected, resolvers);
    if (options.branches === 'all') prepared.planAllBranches();
    return prepared;
  }

  #prepare(
    document: DocumentNode,
    operationName: string | null,
    selected: SelectedOperation,
    resolvers: ResolverMode,
  ): PreparedPlan {
    const key = this.#cache.key(document, operationName, resolvers, nameOf(selected));
    return this.#cache.get(key, document, () => this.#plan({ document, selected, resolvers, variables: null }));
  }

  /** The plan for requests whose conditions have these values, one of them no boolean (2.2.11). */
  #prepareDecided(task: PlanTask, operationName: string | null, variables: CoercedVariables): PreparedPlan {
    const { document, selected, resolvers } = task;
    const { conditions } = selected;
    const make = (): PreparedPlan => this.#plan({ ...task, variables: onlyOf(variables, conditions.all) });
    // The error of an invalid condition is not always in the text of the document.
    if (conditions.isInvalid) return this.#cache.missed(make);
    const key = this.#cache.key(document, operationName, resolvers, nameOf(selected));
    return this.#cache.get(`${key} ${conditionsKey(conditions, variables.byName)}`, document, make);
  }

  #plan(task: PlanTask): PreparedPlan {
    if (this.#planning === null) throw notPlanned(task);
    return this.#planning.planOperation(this, task, this.#plannerOptions);
  }

  get #plannerOptions(): PlannerOptions {
    return { limits: this.#options.limits ?? {}, disabledPasses: this.#disabledPasses };
  }

  /** The lines of code that made the steps of a plan. @internal */
  findPlaces({ document, plan, selected }: PreparedPlan): StepPlaces | null {
    const task = { document: document.node, selected, resolvers: plan.resolvers, variables: null };
    return this.#planning?.findPlaces(this, task, this.#plannerOptions) ?? null;
  }

  /**
   * What a request costs at most: calls, keys, rows and leaves, before anything runs (docs/cost.md). Plans the branches of all
   * object types. Of a subscription: the cost of one event, with the stream of events.
   *
   * @throws the GraphQLError that the request would be answered with.
   */
  cost(args: RequestArgs): PromiseOrValue<RequestCost> {
    return this.#withStored(args, () => {
      const prepared = this.prepareRequest(args);
      if (!('prepared' in prepared)) throw prepared.errors[0];
      return this.#costs.costOf(prepared);
    });
  }

  /** Runs a request unless its cost is too high. `refuse` makes the response of one that does not run. */
  #admitted<T>(
    prepared: PreparedRequest,
    refuse: (refused: RefusedRequest) => T,
    run: (extensions: CostExtensions | null) => PromiseOrValue<T>,
  ): PromiseOrValue<T> {
    if (!this.#costs.isAsked) return run(null);
    const admission = this.#costs.admit(prepared);
    const go = (given: Admission): PromiseOrValue<T> => {
      if ('errors' in given) return refuse(given);
      return run(given.cost === null ? null : { cost: given.cost });
    };
    return isPromiseLike(admission) ? admission.then(go) : go(admission);
  }

  /**
   * The plan of an operation for people to read. With `analyze` the operation is run, effects and all, and each step
   * shows its calls, rows and time.
   */
  explain(args: ExplainArgs): PromiseOrValue<string> {
    return this.#withStored(args, () => this.#explainNow(args));
  }

  #explainNow(args: ExplainArgs): PromiseOrValue<string> {
    const { format = 'text', analyze = false, onErrors, cost: tellsCost = false } = args;
    const measurer = new Measurer();
    const prepared = this.prepareRequest(args, null, measurer);
    if (!('prepared' in prepared)) throw prepared.errors[0];
    const { plan } = prepared.prepared;
    const findPlaces = (): StepPlaces | null => this.findPlaces(prepared.prepared);
    const cost = tellsCost ? this.#costs.costOf(prepared) : null;
    if (!analyze) return explainPlan(plan, format, null, findPlaces, cost);
    const response = this.#admitted<ExecutionResult>(
      prepared,
      ({ errors }) => ({ errors }),
      () => this.runPrepared(prepared, objectForm),
    );
    const explain = ({ errors }: ExecutionResult): string => {
      if (errors !== undefined && errors.length > 0) onErrors?.(errors);
      return explainPlan(plan, format, measurer.measured, findPlaces, cost);
    };
    return isPromiseLike(response) ? response.then(explain) : explain(response);
  }

  /** A plan as JSON; see `exportPlan`. */
  exportPlan(plan: PreparedPlan, options?: ExportOptions): PlanDocument {
    return exportPlan(plan, options);
  }

  /** Takes in an exported plan: requests for its operation run it, and plan nothing. */
  importPlan(json: unknown): PreparedPlan {
    const prepared = importPlan(this, json);
    const { operationName, resolvers } = prepared.plan;
    this.#cache.set(planKey(prepared.plan.document, operationName, resolvers), prepared);
    return prepared;
  }

  /** Takes in all plans of the plan store, before the first request comes. Reports unusable plans to `onError`. */
  async warmUp(): Promise<WarmUpStats> {
    if (this.#stored === null) throw new PlanqlError('NO_PLAN_STORE', 'warmUp() needs an engine with a "planStore".');
    return this.#stored.warmUp();
  }

  /** Saves at once all plans that wait for it; done when they are in the plan store. For the end of a process. */
  async saved(): Promise<void> {
    await this.#stored?.saves.saved();
  }

  /** Counters since it was made: cached plans, the plan store, failures of generated code. */
  stats(): EngineStats {
    const { plans, bytes, hits, misses } = this.#cache;
    const planStore = this.#stored === null ? null : { ...this.#stored.stats };
    const codegen = { failures: this.codegenFailures.count };
    return { planCache: { plans, bytes, hits, misses }, planStore, codegen };
  }

  #run<TResponse>(
    args: RequestArgs,
    form: ResponseForm<TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse> {
    if (this.#stored === null) return this.#answer(args, null, form, refuse); // without a closure: most requests
    return this.#withStored(args, () => this.#answer(args, null, form, refuse));
  }

  /** Answers a request in some form, by a plan that is there or one that is to be found. */
  #answer<TResponse>(
    args: RequestArgs,
    plan: PreparedPlan | null,
    form: ResponseForm<TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse> {
    const { mapError } = args;
    return this.#told('execute', args, plan, (prepared, told) => {
      if (!('prepared' in prepared)) return refuse(mappedRefusal(prepared, mapError));
      if (plan === null) refuseSeveralPayloads(prepared);
      if (!this.#costs.isAsked) return this.runPrepared(prepared, timedForm(mappedForm(form, mapError), told));
      return this.#admitted<TResponse>(
        prepared,
        (refused) => refuse(mappedRefusal(refused, mapError)),
        (extensions) =>
          this.runPrepared(prepared, extendedForm(timedForm(mappedForm(form, mapError), told), extensions)),
      );
    });
  }

  /** Prepares a request and runs it; where the channel of operations has listeners, it is published. */
  #told<T>(
    kind: OperationMessage['kind'],
    args: RequestArgs,
    plan: PreparedPlan | null,
    run: (prepared: PreparedRequest | RefusedRequest, told: OperationMessage | null) => PromiseOrValue<T>,
  ): PromiseOrValue<T> {
    if (!operationChannel.isHeard) return run(this.prepareRequest(args, plan), null);
    const preparing = {
      misses: () => this.#cache.misses,
      prepare: (own: RequestArgs, observer: StepObserver | null) => this.prepareRequest(own, plan, observer),
    };
    return tellOperation(this, kind, args, preparing, run);
  }

  /** Goes on when the plan store was asked, where it has to be. */
  #withStored<T>(args: RequestArgs, task: () => PromiseOrValue<T>): PromiseOrValue<T> {
    const finding = this.#stored === null ? null : this.#findStored(this.#stored, args);
    return finding === null ? task() : finding.then(task);
  }

  /** Asks the plan store for an operation that is not planned yet. Null: there is nothing to ask. */
  #findStored(stored: StoredPlans, args: RequestArgs): Promise<void> | null {
    const { operationName, fieldResolver, typeResolver } = args;
    assertUsableSchema(this.schema);
    if (this.#trusted.refusalOf(args.document) !== null) return null;
    const document = withoutFragmentArguments(args.document, args.variableValues ?? {});
    if (document instanceof GraphQLError) return null;
    const selected = selectOperation(document, operationName ?? null);
    if (selected instanceof GraphQLError) return null;
    const resolvers = { field: fieldResolver != null, type: typeResolver != null };
    const key = this.#cache.key(document, operationName ?? null, resolvers, nameOf(selected));
    if (this.#cache.has(key)) return null;
    return stored.lookUp(key);
  }

  /** Runs a plan that is there already; see `PreparedPlan.execute`. @internal */
  runPlan<TResponse>(
    plan: PreparedPlan,
    request: PlanRequest,
    form: ResponseForm<TResponse>,
    refuse: (response: ExecutionResult) => TResponse,
  ): PromiseOrValue<TResponse> {
    return this.#answer({ ...request, document: plan.document.node }, plan, form, refuse);
  }

  /** Runs a prepared request. `execute` on a subscription treats the root value as one event, as graphql-js does. @internal */
  runPrepared<TResponse>(
    { prepared, request }: PreparedRequest,
    form: ResponseForm<TResponse>,
  ): PromiseOrValue<TResponse> {
    const stage = prepared.plan.operation === 'subscription' ? 'event' : 'all';
    const measured = budgetForm(form, request.budget);
    return executePlan(prepared.linked, request, measured, stage, request.rootValue);
  }

  /** Finds the operation, coerces variables and plans: all that can refuse a request before anything runs. */
  prepareRequest(
    args: RequestArgs,
    plan: PreparedPlan | null = null,
    observer: StepObserver | null = null,
  ): PreparedRequest | RefusedRequest {
    assertUsableSchema(this.schema);
    const refusal = plan === null ? this.#trusted.refusalOf(args.document) : null;
    if (refusal !== null) return { errors: [refusal] };
    const operationName = args.operationName ?? null;
    const document = plan === null ? withoutFragmentArguments(args.document, args.variableValues ?? {}) : args.document;
    if (document instanceof GraphQLError) return { errors: [document] };
    const resolvers = { field: args.fieldResolver != null, type: args.typeResolver != null };
    const known = plan ?? this.#cache.known(document, operationName, resolvers);
    const selected = known?.selectedIn(document, operationName) ?? selectOperation(document, operationName);
    if (selected instanceof GraphQLError) return { errors: [selected] };
    const variables = coerceVariables(this.schema, selected.operation, args.variableValues, args);
    if (!('byName' in variables)) return { errors: variables };
    try {
      const prepared = hasNonBooleanCondition(selected.conditions, variables.byName)
        ? this.#prepareDecided({ document, selected, resolvers, variables: null }, operationName, variables)
        : (plan ?? this.#prepare(document, operationName, selected, resolvers));
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
      onAbort: args.onAbort ?? DEFAULT_ON_ABORT,
      deadline: this.#deadline(args.deadline),
      budget: this.#budget === null ? null : new RequestBudget(this.#budget),
      onError: args.onError ?? errorModeOf(selected.operation),
      observer,
      recordDependencies: args.recordDependencies ?? recordEach(args.recordDependency),
      around: args.around ?? null,
    };
  }

  #deadline(given: number | undefined): number | null {
    const { executionMs } = this.#options.limits ?? {};
    if (executionMs === undefined) return given ?? null;
    return Math.min(given ?? Number.POSITIVE_INFINITY, Date.now() + executionMs);
  }
}

function budgetOf({ limits: { maxRows, maxBytes } = {} }: EngineOptions): BudgetLimits | null {
  if (maxRows === undefined && maxBytes === undefined) return null;
  return { maxRows: maxRows ?? Number.POSITIVE_INFINITY, maxBytes: maxBytes ?? Number.POSITIVE_INFINITY };
}

/** Records many keys, by a function that records one. */
function recordEach(record: RequestArgs['recordDependency']): RecordStepDependencies | null {
  if (record === undefined) return null;
  return (prefix, names, step, run) => {
    for (const name of names) record(prefix + name, step, run);
  };
}

/** graphql-js 16 does not know `@defer` and `@stream` and answers in one part; 17 refuses, and so does planql then. */
function refuseSeveralPayloads({ prepared: { plan }, request }: PreparedRequest): void {
  if (versionInfo.major < 17 || plan.operation === 'subscription' || !mayDeliverLater(plan, request.conditions)) return;
  throw new Error(
    'Executing this GraphQL operation would unexpectedly produce multiple payloads (due to @defer or @stream directive)',
  );
}

/** As the installed graphql-js does; that of 16 knows no abort. */
const DEFAULT_ON_ABORT: AbortMode = versionInfo.major < 17 ? 'RESPOND' : 'REJECT';

function nameOf({ operation }: SelectedOperation): string | null {
  return operation.name?.value ?? null;
}

/** Why an executor cannot run something. Requests that no plan for all requests can serve bring their variables. */
function notPlanned({ selected, variables }: PlanTask): GraphQLError {
  const name = selected.operation.name?.value;
  const operation = name === undefined ? 'this operation' : `operation "${name}"`;
  const what =
    variables === null
      ? `has no plan for ${operation}`
      : `has no plan for ${operation} where a condition of @skip or @include is no boolean`;
  return new GraphQLError(`This executor ${what}, and does not plan.`, { extensions: { code: 'PLAN_NOT_IMPORTED' } });
}
