import { PlanqlError } from '../errors/PlanqlError.ts';
import type { StreamNode } from '../plan/Plan.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { version } from '../utils/version.ts';
import type { Authorization } from './Authorization.ts';
import type { StartsAhead } from './ahead/StartsAhead.ts';
import type { StepOrigin } from './ahead/StepOrigin.ts';
import { VERSION } from './copies.ts';
import { currentGraph } from './currentGraph.ts';
import type { ExecuteExtra } from './ExecuteExtra.ts';
import type { LinkContext } from './LinkContext.ts';
import { notAStep } from './notAStep.ts';
import type { PlainLoad } from './PlainLoad.ts';
import type { ParamShapes } from './paramShapes.ts';
import { ALL, FORWARDED, type ReadParts, type ReadPath, WHOLE } from './reads.ts';
import { type FieldRows, ONE_CALL, type StepLoad } from './StepLoad.ts';
import type { Exit, Failure } from './signals.ts';

/**
 * A region of the plan in which all columns have the same rows. The kinds:
 *
 * - `root`: the request itself, one row; `mutation`, `event`: one row each, run one after another;
 * - `list`: one row an item, for the lists that `source` yields in the parent's rows;
 * - `present`: the parent's rows in which `source` is neither null, failed nor exited;
 * - `type`: the parent's rows in which `source` (a step that yields type names) yields `type`;
 * - `combine`: the rows of several sibling `type` layers, brought together again.
 */
export type LayerKind = 'root' | 'mutation' | 'event' | 'list' | 'present' | 'type' | 'combine';

export interface Layer {
  readonly id: number;
  readonly kind: LayerKind;
  /** With `depth`, as long as the items of a list are planned: where the layer lies is decided then. */
  parent: Layer | null;
  depth: number;
  /** At most one row, whatever the data: its steps are global, their registers hold bare values. */
  readonly singular: boolean;
  readonly source: Step | null;
  readonly type: string | null;
  /** Of a `list` layer whose later items may be delivered later. */
  readonly stream: StreamNode | null;
  /** The step whose register is filled when the layer opens: a list's items, or the combined values. */
  entry: Step | null;
  /** Of a `list` layer: how many items a list has at most, as the field says itself; null where it says nothing. */
  rows: FieldRows | null;
  /** Of a `combine` layer: the steps whose values it brings together, each with the layer that has their rows. */
  contributions: { readonly layer: Layer; readonly $value: Step; readonly rows: FieldRows | null }[];
}

/** The graph of steps and layers that is being planned, as steps see it. `StepGraph` is the one there is. */
export interface PlanningGraph {
  readonly root: Layer;
  /** Where new steps go. */
  readonly layer: Layer;
  /** The field that is being planned. */
  readonly coordinate: string | null;
  /** The authorization rules of the schema; null where plans have no schema. */
  readonly authorization: Authorization<Step> | null;
  /** The steps that will be in the plan, once that is known, each with its guard. */
  readonly live: ReadonlyMap<Step, number>;
  /** Notes that classes of steps keep on this plan, by a key of theirs. */
  readonly notes: Map<unknown, unknown>;
  /** Whether any step so far has side effects. */
  readonly hasEffects: boolean;
  /** Whether a step is written down, in a plan to which branches are added: it may be used, not changed. */
  isWritten(step: Step): boolean;
  /** Called by the constructor of each step. Returns its number. */
  add(step: Step): number;
  /** The step that stands for `step` now: itself, or the step that it was merged into or replaced by. */
  resolve(step: Step): Step;
  /** Runs `task` with new steps going to `layer`. */
  within<T>(layer: Layer, task: () => T): T;
  /**
   * Runs `plan` in a list layer over `$list`. Returns the layer, as far outwards as all that was planned in it may lie, and
   * the step that stands for the planned one there.
   */
  planItems($list: Step, plan: (layer: Layer) => Step): { readonly layer: Layer; readonly $result: Step };
  /** Gives the steps since the last call their layers, and merges those that are equal. */
  settle(): void;
  assertGlobal($step: Step, dependent: Step): void;
  /** A text that is equal for equal params only. */
  paramsKey(params: Readonly<Record<string, unknown>>): string;
}

/**
 * How a step takes in another:
 * `list`: one entry a row; `global`: the bare value; `collect`: for each row the list of values that the other yields in
 * the rows of `layer` below it; `order`: no value, but it runs first, and where it failed this step does not run.
 */
export type DependencyKind = 'list' | 'global' | 'collect' | 'order';

export interface Dependency {
  step: Step;
  readonly kind: DependencyKind;
  /** Failed and exited entries are handed on as `Failure` and `Exit` objects instead of leaving their rows out. */
  readonly accepts: boolean;
  /** For `collect`: the list layer in which `step` runs. */
  layer: Layer | null;
}

/** One entry of the list that `execute` returns. */
export type Entry<TData> = MaybePromise<TData | Failure | Exit | Error | null | undefined>;

/** The result of `execute`: a list with one entry a row, or a promise of it. */
export type StepResult<TData> = MaybePromise<ReadonlyArray<Entry<TData>>>;

// biome-ignore lint/suspicious/noExplicitAny: a step that does not declare its values takes any
export type AnyValues = readonly any[];

type ListEntry<TValues extends AnyValues> = TValues[number] extends infer V
  ? V extends readonly (infer E)[]
    ? E
    : never
  : never;

/**
 * How many items a list has at most, as it is known when the plan is made; null: unknown.
 *
 * - `value`: the number found at `path` of the values of a step that depends on the request alone;
 * - `length`: the length of the list found there;
 * - `combined`: that of the largest list that a `combine` layer brings together;
 * - `smallest`, `largest`: of several.
 */
export type MaxRows =
  | number
  | null
  | { readonly kind: 'value' | 'length'; readonly $step: Step; readonly path: readonly (string | number)[] }
  | { readonly kind: 'combined'; readonly layer: Layer }
  | { readonly kind: 'smallest' | 'largest'; readonly of: readonly MaxRows[] };

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
 * @typeParam TData - the value that it yields in one row.
 * @typeParam TValues - the tuple that `execute` gets: `readonly T[]` for each `addDependency`, `T` for each
 * `addGlobalDependency`. When given, dependencies of another type do not compile.
 */
export abstract class Step<out TData = unknown, out TValues extends AnyValues = AnyValues> {
  /** The step's name in plans, traces and explain: `vendor.name`. Two classes never share one. */
  static readonly op: string = '';

  /** Raised when `params` mean something else than before: plans that were exported before are then refused. */
  static readonly version: number = 1;

  /** The shapes of its params. Null: not declared, so imported plans may hold any. */
  static readonly paramShapes: ParamShapes | null = null;

  /** Phantom: carries `TData` through the type system. */
  declare readonly $data: TData;

  // Declared only: the constructor assigns them. V8 would define the fields of a class for each step one by one.
  /** Its number within the plan that is being made. */
  declare readonly stepNumber: number;
  /** The graph that it belongs to. Null where steps execute. */
  declare readonly graph: PlanningGraph;
  /** The layer whose rows it has values for. */
  declare layer: Layer;
  /** The steps that it gets values of, in the order in which they were added. */
  declare dependencies: Dependency[];
  /** The step that it was merged into or replaced by; null while it stands for itself. Only the graph writes it. */
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

  /** Never dropped, merged or reordered; steps planned after it run after it. Set it before the constructor ends. */
  declare hasSideEffects: boolean;

  static {
    // Most steps share these values: they are on the prototype.
    Object.assign(this.prototype, { isSync: false, hasSideEffects: false, [VERSION]: version });
    // Step types have no `id`. JavaScript that reads one means the value's; a class may still have a field of that name.
    Object.defineProperty(this.prototype, 'id', {
      get(this: Step): never {
        throw new PlanqlError(
          'STEP_AS_VALUE',
          `A step has no "id"${placeOf(this)}: its value is known at run time only. Use get($step, "id").`,
        );
      },
      set(this: Step, value: unknown): void {
        Object.defineProperty(this, 'id', { value, writable: true, enumerable: true, configurable: true });
      },
    });
  }

  constructor() {
    this.graph = currentGraph() as PlanningGraph;
    this.dependencies = [];
    this.replacement = null;
    this.params = NO_PARAMS;
    this.layer = this.graph.layer;
    this.coordinate = this.graph.coordinate;
    this.stepNumber = this.graph.add(this);
  }

  /** Refuses steps in texts, sums and comparisons: at plan time they have no value. */
  [Symbol.toPrimitive](): never {
    throw new PlanqlError(
      'STEP_AS_VALUE',
      `A step was used as a text or a number${placeOf(this)}. Its value is known at run time only: use lambda($step, (value) => ...).`,
    );
  }

  /** The step's name; see the static member. */
  get op(): string {
    return classOf(this).op;
  }

  /** Yields a read of its dependencies and nothing else: it yields the same before an effect and after it. */
  get isPure(): boolean {
    return false;
  }

  /** Where its values come from, as far as it is known without running it; null: unknown. */
  get origin(): StepOrigin | null {
    return null;
  }

  /** How many items a list in its values has at most, at `path`; null: unknown. For the bound of an operation's cost. */
  maxRows(_path: ReadPath): MaxRows {
    return null;
  }

  /** The calls that it makes to a store, for the bound of an operation's cost; null: none. Default: one, where it may wait. */
  get load(): StepLoad | null {
    return this.mayWait ? ONE_CALL : null;
  }

  /** Whether it may take its time, so that loads that do not depend on it gain by starting ahead of it. */
  get mayWait(): boolean {
    return !this.isSync;
  }

  /** The way in which it starts ahead of its turn; null for steps that do not. */
  get startsAhead(): StartsAhead | null {
    return null;
  }

  /** How it asks for keys that are new to the request; null for steps that are no loads, or not that plain. */
  get plainLoad(): PlainLoad | null {
    return null;
  }

  /** Runs where it was planned, in each of its rows, even if all rows would give the same: it stands for a place. */
  get isPinned(): boolean {
    return false;
  }

  /** Yields a value of the request, which is handed on as it is: an `Error` or a promise is a value there. */
  get isGiven(): boolean {
    return false;
  }

  /**
   * Yields values of its dependencies as they are: whether they are errors was asked when they came, and is not asked
   * again. graphql-js looks for errors before it asks for a type, and values may tell another prototype after that.
   */
  get passesValues(): boolean {
    return false;
  }

  /** Whether the attributes of its values are steps (see `get`) and no properties. */
  get hasPlannedParts(): boolean {
    return false;
  }

  /** Remakes a step for execution from the params in a plan. Dependencies and layers are the plan's business. */
  static fromParams(params: Readonly<Record<string, unknown>>, _link: LinkContext): Step {
    return remake(this, params);
  }

  /**
   * Takes in `$step`: `values` gets a list with exactly one entry a row. Returns the place in `values`.
   *
   * @param parts - what `execute` reads of each entry; all of it unless given. `FORWARDED`: it passes entries on, and
   * `noteRead` tells the dependency what is read of them.
   */
  protected addDependency($step: Step<ListEntry<TValues>>, parts: ReadParts = ALL): number {
    return this.#depend($step, 'list', parts, false, null);
  }

  /** Takes in a global `$step`: `values` gets the bare value. Refused when the step may differ from row to row. */
  protected addGlobalDependency($step: Step<TValues[number]>): number {
    this.graph.assertGlobal($step, this);
    return this.#depend($step, 'global', ALL, false, null);
  }

  /** Like `addDependency`, but failed and exited rows come too, as `Failure` and `Exit` objects. */
  protected addTrappedDependency($step: Step, parts: ReadParts = ALL): number {
    return this.#depend($step, 'list', parts, true, null);
  }

  /** For each row, the list of values that `$step` yields in the rows of the list layer `layer` below it. */
  protected addCollectedDependency($step: Step, layer: Layer, parts: ReadParts = ALL): number {
    return this.#depend($step, 'collect', parts, true, layer);
  }

  #depend($step: Step, kind: DependencyKind, parts: ReadParts, accepts: boolean, layer: Layer | null): number {
    if (!($step instanceof Step)) {
      throw notAStep(this.op, $step);
    }
    if ($step.graph !== this.graph) {
      throw new PlanqlError('FOREIGN_STEP', `${this.op} was given a step of another plan. Steps must not be kept.`);
    }
    const dependency = { step: $step, kind, accepts, layer };
    // Most have one: a list that is made with it needs no more room.
    if (this.dependencies.length === 0) this.dependencies = [dependency];
    else this.dependencies.push(dependency);
    // Nobody would tell what is read of it.
    const isUntold = parts === FORWARDED && this.noteRead === Step.prototype.noteRead;
    const $taken = this.graph.resolve($step);
    for (const path of isUntold ? ALL : parts) $taken.noteRead(path);
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
   * @throws any error: the rows of this call fail with it.
   */
  abstract execute(count: number, values: TValues, extra: ExecuteExtra): StepResult<TData>;

  /** Steps with equal `op`, `peerKey` and dependencies are one step. `null` keeps this step apart from all others. */
  peerKey(): string | null {
    return this.isPinned ? null : this.graph.paramsKey(this.params);
  }

  /** Called on a step that is about to be replaced by its equal `peer`: hand over the needs of this one only. */
  deduplicatedWith(_peer: Step): void {}

  /** Dependents come first. May return a replacement, and may push needs into dependencies. */
  optimize(): Step {
    return this;
  }

  /**
   * The names of the object types as which the value at a path was authorized already: positions of these types need no
   * further check. Null where there was none.
   */
  authorizedAs(_path: ReadPath): ReadonlySet<string> | null {
    return null;
  }

  /** Called once, when the plan is about to be written down: the last moment to set `params`. */
  finalize(): void {}

  /**
   * Called with each part of its values that the response or another step reads. Steps that only pass values on tell the
   * step that has them; steps that fetch attributes remember which. Call it on `graph.resolve(step)`.
   */
  noteRead(_path: ReadPath): void {}

  /** All of this step's values is read. */
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

function placeOf({ coordinate }: Step): string {
  return coordinate === null ? '' : ` in the plan resolver of ${coordinate}`;
}

const NO_PARAMS: Readonly<Record<string, unknown>> = {};

/** A step of a class with params alone, as execution needs it: `fromParams` of classes that add to it begins with this. */
export function remake<TStep extends Step>(stepClass: { readonly prototype: TStep }, params: TStep['params']): TStep {
  const step: TStep = Object.create(stepClass.prototype);
  step.params = params;
  return step;
}

/** The class of a step. */
export function classOf(step: Step): StepClass & { readonly name: string } {
  return step.constructor as unknown as StepClass & { readonly name: string };
}
