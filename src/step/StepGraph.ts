import { PlanqlError } from '../errors/PlanqlError.ts';
import { RefusedError } from '../errors/RefusedError.ts';
import type { StreamNode } from '../plan/Plan.ts';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { nodeAt } from '../utils/nodeAt.ts';
import { stableKey } from '../utils/stableKey.ts';
import type { Authorization } from './Authorization.ts';
import { commonLayer, isWithin } from './Layer.ts';
import { type PlannedItems, planItemsApart } from './planItems.ts';
import { ALL, PLACE, type ReadParts } from './reads.ts';
import { isReferenceable } from './references.ts';
import { type Dependency, type Layer, type LayerKind, type PlanningGraph, Step } from './Step.ts';

interface StepGraphLimits {
  readonly maxSteps: number;
}

export interface StepGraphOptions extends StepGraphLimits {
  /** Names of passes that must not run, not even while the graph is built. */
  readonly disabledPasses: ReadonlySet<string>;
  /** Refuses a step whose name means something else in the engine that plans. */
  readonly definitions: { note(step: Step): void };
  /** Called with each new step. */
  readonly onAdd?: ((step: Step) => void) | null;
}

/**
 * A part of an operation that may run later than its parent. Steps outside of it do not wait for its effects.
 */
export class DeferScope {
  readonly outer: DeferScope | null;
  /** By scope (the root, a mutation field, an event) the last step with a side effect. */
  readonly effects: Map<Layer, Step> = new Map();

  constructor(outer: DeferScope | null) {
    this.outer = outer;
  }
}

/** The steps and layers of one operation while it is planned. The only thing that changes them. */
export class StepGraph implements PlanningGraph {
  readonly steps: Step[] = [];
  readonly layers: Layer[] = [];
  readonly root: Layer;
  /** The number of steps when the plan was written last: they have their places, but not all of them are written. */
  frozen = 0;
  /** Knows which steps are part of a plan already. */
  writer: { isWritten(step: Step): boolean } | null = null;
  /** Which of the steps that are part of a plan already may stand for new ones that are equal. */
  mayReuse: (step: Step) => boolean = () => true;
  /** The steps that will be in the plan, once that is known. */
  live: ReadonlyMap<Step, number> = new Map();
  /** Notes that step classes keep for this plan, each under a key of its own. */
  readonly notes: Map<unknown, unknown> = new Map();
  /** Where new steps go. */
  layer: Layer;
  /** The field that is being planned. */
  coordinate: string | null = null;
  /** The authorization rules of the schema; null where plans have no schema. */
  authorization: Authorization<Step> | null = null;
  /** The part of the operation that is being planned. */
  deferScope: DeferScope = new DeferScope(null);
  /** Whether any step so far has side effects. Where none has, no step has an `order` dependency. */
  hasEffects = false;

  readonly #options: StepGraphOptions;
  /** By the hash of `#shape`: a step, or where there are several, each by its key. */
  readonly #peers = new Map<number, Step | Map<string, Step>>();
  readonly #layers = new Map<string, Layer>();
  #references: Map<unknown, number> | null = null;
  #replacements = 0;
  #settled = 0;
  #improved: Step | null = null;

  constructor(options: StepGraphOptions) {
    this.#options = options;
    this.root = this.addLayer('root', null, null, null);
    this.layer = this.root;
  }

  /** Called by the constructor of each step. Returns its number. */
  add(step: Step): number {
    if (this.steps.length >= this.#options.maxSteps) {
      throw new RefusedError(
        'MAX_STEPS',
        `The plan of this operation needs more than ${this.#options.maxSteps} steps (limits.maxSteps).`,
      );
    }
    this.#options.onAdd?.(step);
    return this.steps.push(step) - 1;
  }

  /** Takes back the step that was added last: its maker found that it needs none. */
  retract(step: Step): void {
    if (this.steps.length > this.#settled && this.steps[this.steps.length - 1] === step) this.steps.pop();
  }

  /** Runs `task` with new steps going to `layer`. */
  within<T>(layer: Layer, task: () => T): T {
    const previous = this.layer;
    this.layer = layer;
    try {
      return task();
    } finally {
      this.layer = previous;
    }
  }

  /** Runs `task` with new steps belonging to `deferScope`. */
  inDeferScope<T>(part: DeferScope, task: () => T): T {
    const previous = this.deferScope;
    this.deferScope = part;
    try {
      return task();
    } finally {
      this.deferScope = previous;
    }
  }

  addLayer(
    kind: LayerKind,
    parent: Layer | null,
    source: Step | null,
    type: string | null,
    stream: StreamNode | null = null,
  ): Layer {
    const singular = parent === null || (kind !== 'list' && parent.singular);
    const layer: Layer = {
      id: this.layers.length,
      kind,
      parent,
      depth: parent === null ? 0 : parent.depth + 1,
      singular,
      source,
      type,
      stream,
      entry: null,
      rows: null,
      contributions: [],
    };
    this.layers.push(layer);
    // Its rows depend on the source: on what stands there, or on the very value.
    if (source !== null) for (const path of readOf(kind)) this.resolve(source).noteRead(path);
    return layer;
  }

  /** The layer of this kind over `source`: made when first asked for, shared after. */
  sharedLayer(kind: LayerKind, parent: Layer, source: Step, type: string | null = null): Layer {
    const key = this.#layerKey(kind, parent, source, type);
    let layer = this.#layers.get(key);
    if (layer === undefined) {
      layer = this.addLayer(kind, parent, source, type);
      this.#layers.set(key, layer);
    }
    return layer;
  }

  /** The shared layer in the place of `layer`: from now on `layer` itself, if there is none. */
  share(layer: Layer): Layer {
    const { kind, parent, source, type } = layer;
    if (parent === null || source === null) return layer;
    return getOrCreate(this.#layers, this.#layerKey(kind, parent, this.resolve(source), type), () => layer);
  }

  #layerKey(kind: LayerKind, parent: Layer, source: Step, type: string | null): string {
    const effect = this.hasEffects ? this.#lastEffect(scopeOf(parent)) : null;
    return `${kind}:${parent.id}:${source.stepNumber}:${effect?.stepNumber ?? ''}:${type ?? ''}`;
  }

  planItems($list: Step, plan: (layer: Layer) => Step): PlannedItems {
    if (this.outwards(this.layer, $list.layer) !== this.layer) return planItemsApart(this, $list, plan);
    // The list lies where its items are planned: all that they may use lies around both.
    const layer = this.sharedLayer('list', this.layer, $list);
    return { layer, $result: this.planIn(layer, plan) };
  }

  /** The step that stands for the one that is planned in `layer`. */
  planIn(layer: Layer, plan: (layer: Layer) => Step): Step {
    const $planned = this.within(layer, () => plan(layer));
    this.settle();
    return this.resolve($planned);
  }

  /** The step that stands for `step` now: itself, or the step that it was merged into or replaced by. */
  resolve(step: Step): Step {
    let current = step;
    while (current.replacement !== null) current = current.replacement;
    return current;
  }

  replace(step: Step, replacement: Step): void {
    const target = this.resolve(replacement);
    if (target === step) return;
    if (step.replacement === null) this.#replacements++;
    step.replacement = target;
  }

  /** How often steps were replaced up to now. */
  get replacements(): number {
    return this.#replacements;
  }

  /** Whether a step has one value for the whole request: all that it depends on is global. `known`: steps that are. */
  isGlobal(step: Step, known: Set<Step> = new Set()): boolean {
    const $step = this.resolve(step);
    if (known.has($step) || this.home($step).singular) return true;
    if ($step.stepNumber < this.#settled || this.staysInPlace($step)) return false;
    // Its dependencies are not where they will be, either.
    const isGlobal = $step.dependencies.every(({ step, layer }) => layer === null && this.isGlobal(step, known));
    if (isGlobal) known.add($step);
    return isGlobal;
  }

  assertGlobal($step: Step, dependent: Step): void {
    if (!this.isGlobal($step)) throw this.#notGlobal($step, dependent);
  }

  #notGlobal({ op, dependencies }: Step, dependent: Step): PlanqlError {
    const effect = dependencies.find(({ kind }) => kind === 'order')?.step;
    const place = this.coordinate === null ? '' : ` in the plan of "${this.coordinate}"`;
    const why =
      effect === undefined
        ? 'but that step may differ from row to row. Use addDependency, or derive it from arguments and context only.'
        : `but ${op} runs in each row, after the effect of ${effect.op}. Plan ${op} before that effect.`;
    return new PlanqlError('NOT_GLOBAL', `${dependent.op} takes a global dependency on ${op}${place}, ${why}`);
  }

  /**
   * The outermost layer where `step` may run: above every list layer that none of its dependencies needs, yet inside
   * the boundaries between there and its dependencies, so that it never runs for a skipped, null or other-typed value.
   */
  home(step: Step): Layer {
    return this.staysInPlace(step) ? step.layer : this.hoistTarget(step.layer, step.dependencies);
  }

  /** Whether a step runs in the layer where it was planned. */
  staysInPlace(step: Step): boolean {
    if (step.hasSideEffects || step.isPinned || step.stepNumber < this.frozen) return true;
    // A step that waits for an effect stays where it was planned, unless it has one value for the whole request.
    const waits = this.hasEffects && step.dependencies.some(({ kind }) => kind === 'order');
    return waits && !this.hoistTarget(step.layer, step.dependencies).singular;
  }

  hoistTarget(from: Layer, dependencies: ReadonlyArray<Dependency>): Layer {
    let deepest = this.root;
    for (const dependency of dependencies) {
      // Nothing moves across an effect, in whatever layer that lies.
      const own = this.layerOf(dependency);
      const layer = dependency.kind === 'order' ? commonLayer(from, own) : own;
      if (layer.depth > deepest.depth) deepest = layer;
    }
    return this.outwards(from, deepest);
  }

  /** The outermost layer for a step or layer of `from` that needs nothing from below `deepest`. */
  outwards(from: Layer, deepest: Layer): Layer {
    let result = from;
    let current = from;
    while (current !== deepest && current.depth > deepest.depth && current.parent !== null) {
      if (current.kind === 'mutation' || current.kind === 'event') break;
      const crossesList = current.kind === 'list';
      current = current.parent;
      if (crossesList) result = current;
    }
    return result;
  }

  /** The layer of the rows of a dependency's entries. From here on the dependency is the step that stands for it now. */
  layerOf(dependency: Dependency): Layer {
    if (dependency.step.replacement !== null) dependency.step = this.resolve(dependency.step);
    return dependency.layer?.parent ?? dependency.step.layer;
  }

  /**
   * Moves and merges the steps that were added since the last call. Called after each plan resolver, so that selections
   * on equal steps are planned once (rule R2).
   */
  settle(): void {
    for (; this.#settled < this.steps.length; this.#settled++) {
      const step = this.steps[this.#settled];
      if (step !== undefined) this.settleStep(step);
    }
  }

  /** Gives up the steps that a failed plan resolver left behind: nothing will need them. */
  settleFailed(from: number): void {
    for (let index = from; index < this.steps.length; index++) nodeAt(this.steps, index).hasSideEffects = false;
    this.#settled = this.steps.length;
  }

  settleStep(step: Step): void {
    this.#options.definitions.note(step);
    if (this.hasEffects || step.hasSideEffects) this.#orderAfterSideEffects(step);
    for (const dependency of step.dependencies) {
      const layer = this.layerOf(dependency);
      const isElsewhere = layer !== step.layer || dependency.layer !== null;
      if (isElsewhere && dependency.kind !== 'order') assertReachable(step, dependency, layer);
      if (dependency.kind === 'global' && !layer.singular) throw this.#notGlobal(dependency.step, step);
    }
    const home = this.home(step);
    if (this.maySettleIn(home)) step.layer = home;
    this.mergeWithPeer(step);
  }

  /** Whether a step may be moved outwards to `layer`: without the pass only where it has one value for the whole request. */
  maySettleIn(layer: Layer): boolean {
    return layer.singular || !this.#options.disabledPasses.has('hoistSteps');
  }

  /** Settles the steps that improving `step` made: they run when it would have run, after the same effects. */
  settleReplacement(step: Step): void {
    this.#improved = step;
    this.settle();
    this.#improved = null;
  }

  /** A step that was planned after a side effect runs after it (rule R5), unless it only reads values that are there. */
  #orderAfterSideEffects(step: Step): void {
    const scope = scopeOf(step.layer);
    const effect = this.#improved === null ? this.#lastEffect(scope) : this.#effectBefore(this.#improved);
    if (step.hasSideEffects) {
      this.deferScope.effects.set(scope, step);
      this.hasEffects = true;
    }
    if (effect === null || effect === step || (step.isPure && !step.hasSideEffects)) return;
    // In a mutation field an effect that failed ends the field. In a query fields do not know of each other.
    const isOtherField = scope.kind !== 'mutation' && effect.coordinate !== step.coordinate;
    const accepts = isOtherField || !isWithin(step.layer, effect.layer);
    step.dependencies.push({ step: effect, kind: 'order', accepts, layer: null });
  }

  #lastEffect(scope: Layer): Step | null {
    for (let part: DeferScope | null = this.deferScope; part !== null; part = part.outer) {
      const effect = part.effects.get(scope);
      // Else given up with the plan resolver that made it.
      if (effect?.hasSideEffects) return effect;
    }
    return null;
  }

  #effectBefore(step: Step): Step | null {
    return step.dependencies.find(({ kind }) => kind === 'order')?.step ?? null;
  }

  /** Replaces `step` by an equal one, if there is. Returns whether it did. */
  mergeWithPeer(step: Step): boolean {
    if (step.hasSideEffects || this.#options.disabledPasses.has('deduplicateSteps')) return false;
    const shape = this.#shapeOf(step);
    const like = this.#peers.get(shape);
    if (like === undefined) {
      this.#peers.set(shape, step);
      return false;
    }
    if (like === step) return false;
    const byKey = like instanceof Map ? like : this.#byKey(like);
    if (byKey !== like) this.#peers.set(shape, byKey);
    const key = this.#keyOf(step);
    if (key === null) return false;
    const peer = byKey.get(key);
    if (peer === undefined || peer.replacement !== null || !this.#maySurvive(step, peer)) {
      byKey.set(key, step);
      return false;
    }
    if (peer === step) return false;
    step.deduplicatedWith(peer);
    this.replace(step, peer);
    return true;
  }

  isWritten(step: Step): boolean {
    return this.writer?.isWritten(step) ?? false;
  }

  /** A step that is part of a plan already takes over no needs any more: its params are written down. */
  #maySurvive({ deduplicatedWith }: Step, peer: Step): boolean {
    if (!this.isWritten(peer)) return true;
    return deduplicatedWith === Step.prototype.deduplicatedWith && this.mayReuse(peer);
  }

  #byKey(step: Step): Map<string, Step> {
    const key = this.#keyOf(step);
    return new Map(key === null ? [] : [[key, step]]);
  }

  /** Equal for peers, mostly different for others, and found without a text. */
  #shapeOf({ op, layer, dependencies }: Step): number {
    let shape = Math.imul(Math.imul(op.length, 31) + op.charCodeAt(0), 31) + layer.id;
    for (let index = 0; index < dependencies.length; index++) {
      const { step } = nodeAt(dependencies, index);
      const { stepNumber } = step.replacement === null ? step : this.resolve(step);
      shape = (Math.imul(shape, 31) + stepNumber) | 0;
    }
    return shape;
  }

  /** Equal for peers only; null where there can be none. */
  #keyOf(step: Step): string | null {
    const own = step.peerKey();
    if (own === null) return null;
    let key = `${step.op}|${step.layer.id}|${own}`;
    for (const { step: $dependency, kind, accepts, layer } of step.dependencies) {
      key += `|${kind}${accepts ? '!' : ''}${layer === null ? '' : layer.id}:${this.resolve($dependency).stepNumber}`;
    }
    return key;
  }

  /** A text that is equal for equal params. Functions, loaders and other references count by identity. */
  paramsKey(params: Readonly<Record<string, unknown>>): string {
    let key = '';
    for (const name in params) {
      const value = params[name];
      key += `${name}=${typeof value !== 'string' && isReferenceable(value) ? `#${this.#referenceNumber(value)}` : stableKey(value)};`;
    }
    return key;
  }

  #referenceNumber(value: unknown): number {
    this.#references ??= new Map();
    let number = this.#references.get(value);
    if (number === undefined) {
      number = this.#references.size;
      this.#references.set(value, number);
    }
    return number;
  }
}

/** A callback such as that of `each()` may use outer steps; nothing outside of a list may use the steps inside. */
function assertReachable(step: Step, dependency: Dependency, layer: Layer): void {
  const isReachable = dependency.layer === null || isWithin(dependency.layer, dependency.step.layer);
  if (isReachable && isWithin(step.layer, layer)) return;
  throw new PlanqlError(
    'UNREACHABLE_STEP',
    `${step.op} depends on ${dependency.step.op}, a step from inside a list or a branch that ${step.op} is outside of. Return it from the callback instead.`,
  );
}

/** The layer within which effects are ordered: fields of a mutation are ordered anyway. */
function scopeOf(layer: Layer): Layer {
  let scope = layer;
  while (scope.kind !== 'mutation' && scope.kind !== 'event' && scope.parent !== null) scope = scope.parent;
  return scope;
}

/** What decides about the rows of a layer of its source's value. */
function readOf(kind: LayerKind): ReadParts {
  return kind === 'list' || kind === 'present' ? PLACE : ALL;
}
