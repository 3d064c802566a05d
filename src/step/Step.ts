import { PlanqlError } from '../errors/PlanqlError.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { currentGraph } from './currentGraph.ts';
import type { ExecuteExtra } from './ExecuteExtra.ts';
import type { Layer } from './Layer.ts';
import type { LinkContext } from './LinkContext.ts';
import type { ParamShapes } from './paramShapes.ts';
import { type ReadPath, WHOLE } from './reads.ts';
import type { StepGraph } from './StepGraph.ts';
import type { Exit, Failure } from './signals.ts';

/**
 * How a step takes in another:
 * `list`: one entry a row; `global`: the bare value; `collect`: for each row the list of what the other yields in the
 * rows of `layer` below it; `order`: no value, but it runs first, and where it failed this step does not run.
 */
export type DependencyKind = 'list' | 'global' | 'collect' | 'order';

export interface Dependency {
  step: Step;
  readonly kind: DependencyKind;
  /** Failed and exited entries are handed on as `Failure` and `Exit` objects instead of leaving their rows out. */
  readonly accepts: boolean;
  /** For `collect`: the list layer in which `step` runs. */
  readonly layer: Layer | null;
}

/** One entry of what `execute` returns. */
export type Entry<TData> = MaybePromise<TData | Failure | Exit | Error | null | undefined>;

/** What `execute` returns: a list with one entry a row, or a promise of it. */
export type StepResult<TData> = MaybePromise<ReadonlyArray<Entry<TData>>>;

// biome-ignore lint/suspicious/noExplicitAny: a step that does not declare its values takes any
export type AnyValues = readonly any[];

type ListEntry<TValues extends AnyValues> = TValues[number] extends infer V
  ? V extends readonly (infer E)[]
    ? E
    : never
  : never;

/** The constructor side of a step class, as the linker needs it. */
export interface StepClass {
  readonly op: string;
  readonly version?: number;
  readonly paramShapes?: ParamShapes | null;
  fromParams(params: never, link: LinkContext): Step;
}

/**
 * The base of all steps. At plan time a step *represents* a value in every row of its layer; at run time `execute`
 * *yields* those values, all rows at once.
 *
 * @typeParam TData - what it yields in one row.
 * @typeParam TValues - the tuple that `execute` gets: `readonly T[]` for each `addDependency`, `T` for each
 * `addGlobalDependency`. When given, dependencies of another type do not compile.
 */
export abstract class Step<TData = unknown, TValues extends AnyValues = AnyValues> {
  /** The step's name in plans, traces and explain: `vendor.name`. Two classes never share one. */
  static readonly op: string = '';

  /** Raised when `params` mean something else than before: plans that were exported before are then refused. */
  static readonly version: number = 1;

  /** What params it has. Null: nobody says, and imported plans may hold any. */
  static readonly paramShapes: ParamShapes | null = null;

  /** Phantom: carries `TData` through the type system. */
  declare readonly $data: TData;

  // Declared only: the constructor assigns them, and what a class defines V8 defines for each step one by one.
  declare readonly id: number;
  declare readonly graph: StepGraph;
  declare layer: Layer;
  declare dependencies: Dependency[];
  /** What it was merged into or replaced by; null while it stands for itself. The graph's business. */
  declare replacement: Step | null;
  /** The field that created it, for messages and explain. */
  declare readonly coordinate: string | null;

  /**
   * JSON data (and loaders, named functions) that `execute` needs: the only instance state that it may read, for at
   * run time it is called on an instance that `fromParams` made from this.
   */
  declare params: Readonly<Record<string, unknown>>;

  /** Promises that `execute` returns its list at once: a promise in its place is an error. Entries may still be promises. */
  declare readonly isSync: boolean;

  /** Never dropped, merged or reordered, and what is planned after it runs after it. Set it before the constructor ends. */
  declare hasSideEffects: boolean;

  static {
    // What most steps are they are by their prototype.
    Object.assign(this.prototype, { isSync: false, hasSideEffects: false });
  }

  constructor() {
    this.graph = currentGraph();
    this.dependencies = [];
    this.replacement = null;
    this.params = NO_PARAMS;
    this.layer = this.graph.layer;
    this.coordinate = this.graph.coordinate;
    this.id = this.graph.add(this as unknown as Step);
  }

  /** The step's name; see the static member. */
  get op(): string {
    return (this.constructor as unknown as StepClass).op;
  }

  /** Yields what is read off its dependencies and nothing else: it cannot tell before an effect from after it. */
  get isPure(): boolean {
    return false;
  }

  /** Runs where it was planned, in each of its rows, even if all rows would give the same: it stands for a place. */
  get isPinned(): boolean {
    return false;
  }

  /** Yields what the request brought, which is handed on whatever it is: an `Error` or a promise is a value there. */
  get isGiven(): boolean {
    return false;
  }

  /** Hands reads of its own values on to its dependencies (see `noteRead`), instead of reading these whole. */
  protected get forwardsReads(): boolean {
    return false;
  }

  /** Remakes a step for execution from the params in a plan. Dependencies and layers are the plan's business. */
  static fromParams(params: Readonly<Record<string, unknown>>, _link: LinkContext): Step {
    const step = Object.create(this.prototype) as { params: unknown };
    step.params = params;
    return step as unknown as Step;
  }

  /** Takes in `$step`: `values` gets a list with exactly one entry a row. Returns the place in `values`. */
  protected addDependency($step: Step<ListEntry<TValues>>): number {
    return this.#depend($step, 'list', false, null);
  }

  /** Takes in a global `$step`: `values` gets the bare value. Refused when the step may differ from row to row. */
  protected addGlobalDependency($step: Step<TValues[number]>): number {
    this.graph.assertGlobal($step as Step, this as unknown as Step);
    return this.#depend($step, 'global', false, null);
  }

  /** Like `addDependency`, but failed and exited rows come too, as `Failure` and `Exit` objects. */
  protected addTrappedDependency($step: Step): number {
    return this.#depend($step, 'list', true, null);
  }

  /** For each row, the list of what `$step` yields in the rows of the list layer `layer` below it. */
  protected addCollectedDependency($step: Step, layer: Layer): number {
    return this.#depend($step, 'collect', true, layer);
  }

  #depend($step: Step, kind: DependencyKind, accepts: boolean, layer: Layer | null): number {
    if (!($step instanceof Step)) {
      throw new PlanqlError('NOT_A_STEP', `${this.op} was given ${describe($step)} where it needs a step.`);
    }
    if ($step.graph !== this.graph) {
      throw new PlanqlError('FOREIGN_STEP', `${this.op} was given a step of another plan. Steps must not be kept.`);
    }
    const dependency = { step: $step, kind, accepts, layer };
    // Most have one: a list that is made with it needs no more room.
    if (this.dependencies.length === 0) this.dependencies = [dependency];
    else this.dependencies.push(dependency);
    if (!this.forwardsReads) this.graph.resolve($step).readFreely();
    return this.dependencies.length - 1;
  }

  /** The step at a place of `values`, as it is now. For `optimize`. */
  dependency(index: number): Step {
    const dependency = this.dependencies[index];
    if (dependency === undefined) {
      throw new PlanqlError('NO_DEPENDENCY', `${this.op} has no dependency ${index}.`);
    }
    return this.graph.resolve(dependency.step);
  }

  /**
   * Yields: one entry for each of `count` rows. See `spec/5-step-contract.md`.
   *
   * @throws whatever it likes: the rows of this call fail with it.
   */
  abstract execute(count: number, values: TValues, extra: ExecuteExtra): StepResult<TData>;

  /** Steps with equal `op`, `peerKey` and dependencies are one step. `null` keeps this step apart from all others. */
  peerKey(): string | null {
    return this.graph.paramsKey(this.params);
  }

  /** Called on a step that is about to be replaced by its equal `peer`: hand over what was asked of this one only. */
  deduplicatedWith(_peer: Step): void {}

  /** Dependents come first. May return a replacement, and may push needs into dependencies. */
  optimize(): Step {
    return this as unknown as Step;
  }

  /** Called once, when the plan is about to be written down: the last moment to set `params`. */
  finalize(): void {}

  /**
   * Told of each part of its values that the response or another step reads. Steps that only pass values on tell the
   * step that has them; steps that fetch attributes remember which. Call it on `graph.resolve(step)`.
   */
  noteRead(_path: ReadPath): void {}

  /** This step's values will be read in ways that nobody can foresee at plan time. */
  readFreely(): void {
    this.noteRead(WHOLE);
  }

  /**
   * Steps that return the same non-null key, with equal global values, become one `execute` call when they become
   * ready together: counts are added up, lists are joined (rule R9). Asked of the instance that executes.
   */
  batchKey(): string | null {
    return null;
  }
}

const NO_PARAMS: Readonly<Record<string, unknown>> = {};

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return 'then' in value ? 'a promise' : 'an object';
}
