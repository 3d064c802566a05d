import { assertObjectType, GraphQLError, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { PLAN_VERSION, type Plan } from '../plan/Plan.ts';
import { documentText } from '../schema/documentText.ts';
import { findAhead } from '../step/ahead/findAhead.ts';
import { withGraph } from '../step/currentGraph.ts';
import type { Definitions, NamesOfPlan } from '../step/Definitions.ts';
import { StepGraph } from '../step/StepGraph.ts';
import { appendAll } from '../utils/appendAll.ts';
import { itemAt } from '../utils/itemAt.ts';
import { ALWAYS, NEVER } from './construct/GuardTable.ts';
import { OperationBuilder } from './construct/OperationBuilder.ts';
import type { OperationSource } from './construct/OperationSource.ts';
import type { AbstractBuild } from './construct/OutputTree.ts';
import { Budget, defaultLimits, LimitError, type PlanLimits } from './limits.ts';
import { PlanWriter } from './lower/PlanWriter.ts';
import { outputsInOrder } from './outputsInOrder.ts';
import type { DraftRoot, PlanDraft } from './PlanDraft.ts';
import { type PassObserver, runPasses } from './runPasses.ts';
import type { StepPlaces } from './StepPlaces.ts';

export interface PlannerOptions {
  readonly limits?: Partial<PlanLimits>;
  readonly disabledPasses?: ReadonlySet<string>;
  /** The meaning of names in the engine that plans. Without it any name will do. */
  readonly definitions?: Definitions;
  readonly observe?: PassObserver;
  /** Notes which lines of the user's code make steps. */
  readonly places?: StepPlaces;
}

const ANY_NAMES: NamesOfPlan = { note() {} };

/** The parts of a planned operation that a planner keeps. */
interface PlannerParts {
  readonly plan: Plan;
  readonly schema: GraphQLSchema;
  readonly graph: StepGraph;
  readonly builder: OperationBuilder;
  readonly writer: PlanWriter;
  readonly draft: PlanDraft;
  readonly options: PlannerOptions;
  readonly limits: PlanLimits;
}

/** Plans one operation, and later the branches of its abstract positions, into one growing plan. */
export class OperationPlanner {
  readonly plan: Plan;
  /** Functions of the plan that are not JSON: `{ $ref, local }` in params refers to them. */
  readonly locals: readonly unknown[];
  readonly #graph: StepGraph;
  readonly #builder: OperationBuilder;
  readonly #writer: PlanWriter;
  readonly #draft: PlanDraft;
  readonly #options: PlannerOptions;
  readonly #limits: PlanLimits;
  readonly #schema: GraphQLSchema;
  #branches = 0;

  private constructor(parts: PlannerParts) {
    this.plan = parts.plan;
    this.locals = parts.writer.parts.locals;
    this.#graph = parts.graph;
    this.#builder = parts.builder;
    this.#writer = parts.writer;
    this.#draft = parts.draft;
    this.#options = parts.options;
    this.#limits = parts.limits;
    this.#schema = parts.schema;
  }

  /**
   * Plans an operation.
   *
   * @throws `LimitError` when the plan exceeds a limit; the errors of the operation itself otherwise.
   */
  static plan(source: OperationSource, options: PlannerOptions = {}): OperationPlanner {
    const limits = { ...defaultLimits, ...options.limits };
    const graph = new StepGraph({
      maxSteps: limits.maxSteps,
      disabledPasses: options.disabledPasses ?? new Set(),
      definitions: options.definitions?.ofPlan() ?? ANY_NAMES,
      onAdd: options.places?.note ?? null,
    });
    const builder = new OperationBuilder(graph, source, new Budget(limits));
    const built = withGraph(graph, () => builder.build(rootType(source)));
    const writer = new PlanWriter();
    graph.writer = writer;
    const draft: PlanDraft = {
      graph,
      guards: builder.guards,
      roots: [{ object: built.root, branch: null, guard: ALWAYS }],
      outputs: outputsInOrder([built.root]),
      $stream: built.$stream,
      needed: new Map(),
      reached: new Map(),
      columns: new Set(),
      layers: new Set([graph.root]),
    };
    lowerDraft(draft, builder, writer, options);
    const { steps, layers, outputs, places, defers, ahead } = writer.parts;
    const plan: Plan = {
      version: PLAN_VERSION,
      operation: source.operation.operation,
      operationName: source.operation.name?.value ?? null,
      document: documentText(source.document),
      resolvers: source.resolvers,
      guards: builder.guards.nodes,
      steps,
      layers,
      outputs,
      places,
      defers,
      ahead,
      root: writer.outputId(built.root),
      stream: built.$stream === null ? -1 : writer.stepId(built.$stream),
    };
    return new OperationPlanner({ plan, schema: source.schema, graph, builder, writer, draft, options, limits });
  }

  /**
   * Plans the branches of all positions whose types the step `typename` yields, for types met for the first time.
   * Returns the types for which that failed, and why.
   */
  planBranches(typename: number, types: Iterable<string>): Map<string, unknown> {
    const positions = this.#writer.abstracts.filter(({ build }) => this.#writer.stepId(build.$typename) === typename);
    this.#builder.forget();
    this.#builder.renew(new Budget(this.#limits));
    const { guards } = this.#builder;
    const guard = positions.reduce((any, { build }) => guards.or(any, this.#draft.reached.get(build) ?? NEVER), NEVER);
    // A step that runs less often than the branch is reached cannot serve it.
    this.#graph.mayReuse = (step) => guards.implies(guard, this.#writer.guardOf(step));
    const failed = new Map<string, unknown>();
    const roots: DraftRoot[] = [];
    for (const type of types) {
      const objectType = assertObjectType(this.#schema.getType(type));
      const firstStep = this.#graph.steps.length;
      try {
        this.#spendBranches(positions.filter(({ build }) => !build.branches.has(type)).length);
        const planned = positions.map(({ build }) => this.#planBranch(build, objectType));
        appendAll(roots, planned);
      } catch (error) {
        this.#graph.settleFailed(firstStep);
        failed.set(type, error);
      }
    }
    const outputs = outputsInOrder(roots.flatMap(({ branch }) => (branch === null ? [] : [branch.position.output])));
    const draft = { ...this.#draft, roots, outputs, $stream: null };
    lowerDraft(draft, this.#builder, this.#writer, this.#options);
    this.#draft.columns = draft.columns;
    this.#draft.layers = draft.layers;
    return failed;
  }

  #spendBranches(count: number): void {
    const { maxBranches } = this.#limits;
    if (this.#branches + count > maxBranches) {
      throw new LimitError('maxBranches', `This operation meets more than ${maxBranches} object types`);
    }
    this.#branches += count;
  }

  #planBranch(abstract: AbstractBuild, type: GraphQLObjectType): DraftRoot {
    const branch = withGraph(this.#graph, () => abstract.planBranch(type));
    const guard = this.#draft.reached.get(abstract) ?? NEVER;
    return { object: null, branch: { abstract, position: branch.position }, guard };
  }
}

/** Runs the passes over a draft and writes it into the plan. */
function lowerDraft(
  draft: PlanDraft,
  builder: OperationBuilder,
  writer: PlanWriter,
  { disabledPasses, observe, places }: PlannerOptions,
): void {
  const { graph } = draft;
  withGraph(graph, () => runPasses(draft, disabledPasses ?? new Set(), observe ?? null));
  const before = writer.parts.steps.length;
  writer.write(draft, builder.places, builder.usages);
  places?.noteWritten(graph, writer.written, writer.parts.steps);
  if (disabledPasses?.has('startAhead') !== true) writeAhead(writer, before, graph.hasEffects);
  graph.frozen = graph.steps.length;
}

/** Notes which of the steps from `from` on may start before their turn: none where something has effects (rule R24). */
function writeAhead({ parts, written }: PlanWriter, from: number, hasEffects: boolean): void {
  const { steps, layers, ahead } = parts;
  if (hasEffects || layers.some(({ kind }) => kind === 'mutation' || kind === 'event')) return;
  const view = { steps, layers, instance: (step: number) => itemAt(written, step) };
  appendAll(ahead, findAhead(view, from, ahead));
}

function rootType({ schema, operation }: OperationSource): GraphQLObjectType {
  const type = schema.getRootType(operation.operation);
  if (type == null) {
    throw new GraphQLError(`Schema is not configured to execute ${operation.operation} operation.`, {
      nodes: operation,
    });
  }
  return type;
}
