import { GraphQLError, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { PLAN_VERSION, type Plan } from '../plan/Plan.ts';
import { documentText } from '../schema/documentText.ts';
import { withGraph } from '../step/currentGraph.ts';
import type { StepClass } from '../step/Step.ts';
import { StepGraph } from '../step/StepGraph.ts';
import { registerSteps } from '../step/stepClasses.ts';
import { ALWAYS, NEVER } from './build/GuardTable.ts';
import { OperationBuilder } from './build/OperationBuilder.ts';
import type { OperationSource } from './build/OperationSource.ts';
import type { AbstractBuild } from './build/OutputTree.ts';
import { Budget, defaultLimits, LimitError, type PlanLimits } from './limits.ts';
import { PlanWriter } from './lower/PlanWriter.ts';
import { outputsInOrder } from './outputsInOrder.ts';
import type { DraftRoot, PlanDraft } from './PlanDraft.ts';
import { type PassObserver, runPasses } from './runPasses.ts';

export interface PlannerOptions {
  readonly limits?: Partial<PlanLimits>;
  readonly disabledPasses?: ReadonlySet<string>;
  readonly observe?: PassObserver;
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

  constructor(source: OperationSource, options: PlannerOptions = {}) {
    this.#options = options;
    this.#schema = source.schema;
    this.#limits = { ...defaultLimits, ...options.limits };
    const disabledPasses = options.disabledPasses ?? new Set();
    this.#graph = new StepGraph({ maxSteps: this.#limits.maxSteps, disabledPasses });
    this.#builder = new OperationBuilder(this.#graph, source, new Budget(this.#limits));
    const built = withGraph(this.#graph, () => this.#builder.build(rootType(source)));
    this.#writer = new PlanWriter();
    this.#draft = {
      graph: this.#graph,
      guards: this.#builder.guards,
      roots: [{ object: built.root, branch: null, guard: ALWAYS }],
      outputs: outputsInOrder([built.root]),
      $stream: built.$stream,
      needed: new Map(),
      reached: new Map(),
      columns: new Set(),
      layers: new Set([this.#graph.root]),
    };
    this.#writeDown(this.#draft);
    const { steps, layers, outputs, places, defers, locals } = this.#writer.parts;
    this.locals = locals;
    this.plan = {
      version: PLAN_VERSION,
      operation: source.operation.operation,
      operationName: source.operation.name?.value ?? null,
      document: documentText(source.document),
      resolvers: source.resolvers,
      guards: this.#builder.guards.nodes,
      steps,
      layers,
      outputs,
      places,
      defers,
      root: this.#writer.outputId(built.root),
      stream: built.$stream === null ? -1 : this.#writer.stepId(built.$stream),
    };
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
      const objectType = this.#schema.getType(type) as GraphQLObjectType;
      const firstStep = this.#graph.steps.length;
      try {
        this.#spendBranches(positions.filter(({ build }) => !build.branches.has(type)).length);
        roots.push(...positions.map(({ build }) => this.#planBranch(build, objectType)));
      } catch (error) {
        this.#graph.settleFailed(firstStep);
        failed.set(type, error);
      }
    }
    const outputs = outputsInOrder(
      roots.map(({ branch }) => (branch as NonNullable<DraftRoot['branch']>).position.output),
    );
    this.#writeDown({ ...this.#draft, roots, outputs, $stream: null });
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

  #writeDown(draft: PlanDraft): void {
    for (const step of this.#graph.steps.slice(this.#graph.frozen))
      registerSteps(step.constructor as unknown as StepClass);
    withGraph(this.#graph, () =>
      runPasses(draft, this.#options.disabledPasses ?? new Set(), this.#options.observe ?? null),
    );
    this.#writer.write(draft, this.#builder.places, this.#builder.usages);
    this.#draft.columns = draft.columns;
    this.#draft.layers = draft.layers;
    this.#graph.frozen = this.#graph.steps.length;
  }
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
