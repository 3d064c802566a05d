import type { Step } from '../../step/Step.ts';
import { appendAll } from '../../utils/appendAll.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import { ALWAYS, NEVER } from '../construct/GuardTable.ts';
import type { FieldBuild, Output, Position } from '../construct/OutputTree.ts';
import type { PlanDraft } from '../PlanDraft.ts';
import type { Pass } from './Pass.ts';

/**
 * Finds out which steps the response needs, and under which guard (rules R5, R6). All others are left out.
 *
 *     $1 load; $2 get $1 .name; output: $1 @include(if: $v)    ->    $1 load when $v; output: $1 @include(if: $v)
 *
 * Safe because steps have no effects, but for those that say so, and these are needed by the field that made them.
 */
export const treeShakeSteps: Pass = {
  name: 'treeShakeSteps',
  isRequired: true,
  run(draft, enabled) {
    const demand = new Liveness(draft);
    demand.outputs();
    draft.needed = demand.steps();
    if (!enabled) demand.addUnneeded(draft.needed);
  },
};

/** A step by its number, or a layer by the complement of its number. */
type NodeId = number;

class Liveness {
  readonly #draft: PlanDraft;
  /** By step and by layer: the guard under which it is needed; undefined where nothing has asked for it. */
  readonly #steps: (number | undefined)[] = [];
  readonly #layers: (number | undefined)[] = [];
  /** The nodes that the output asked for, in its order. */
  readonly #asked: NodeId[] = [];
  /** Nothing that was asked for has a condition, and no step only comes before another: all that is reached is needed. */
  #isPlain: boolean;

  constructor(draft: PlanDraft) {
    this.#draft = draft;
    this.#isPlain = !draft.graph.hasEffects && draft.graph.frozen === 0;
  }

  outputs(): void {
    const { roots, $stream, outputs } = this.#draft;
    if ($stream !== null) this.#ask($stream, ALWAYS);
    const reached = new Map<Output, number>();
    for (const root of roots) {
      if (root.object !== null) reached.set(root.object, root.guard);
      if (root.branch !== null) {
        this.#ask(root.branch.position.$value, root.guard);
        reached.set(root.branch.position.output, root.guard);
      }
    }
    for (const output of outputs) this.#needOutput(output, reached);
  }

  /** With the pass off, unneeded steps run too: where all of their dependencies do. */
  addUnneeded(needed: Map<Step, number>): void {
    const { graph, guards } = this.#draft;
    for (const step of graph.steps) {
      if (step.replacement !== null || needed.has(step)) continue;
      const dependencies = step.dependencies.map((dependency) => needed.get(graph.resolve(dependency.step)) ?? NEVER);
      needed.set(
        step,
        dependencies.reduce((all, guard) => guards.and(all, guard), ALWAYS),
      );
    }
  }

  /** Spreads need from dependents to dependencies; the result lists dependencies first. */
  steps(): Map<Step, number> {
    const order = this.#topologicalOrder();
    if (!this.#isPlain) this.#spread(order);
    const { steps } = this.#draft.graph;
    const needed = new Map<Step, number>();
    for (const node of order) {
      if (node < 0) continue;
      const guard = this.#isPlain ? ALWAYS : (this.#steps[node] ?? NEVER);
      if (guard !== NEVER) needed.set(nodeAt(steps, node), guard);
    }
    return needed;
  }

  #spread(order: readonly NodeId[]): void {
    const dependencies: NodeId[] = [];
    const captured = this.#captured();
    for (let index = order.length - 1; index >= 0; index--) {
      const node = rowAt(order, index);
      const maybe = captured.get(node);
      if (maybe !== undefined && (this.#guardOf(node) ?? NEVER) !== NEVER) this.#need(node, maybe);
      const guard = this.#guardOf(node) ?? NEVER;
      dependencies.length = 0;
      this.#addDependencies(node, false, dependencies);
      for (const dependency of dependencies) this.#need(dependency, guard);
    }
  }

  /**
   * Steps of abstract positions, each with the guard under which branches that are planned later may need it: where it is
   * needed at all, it runs then, as it is written once.
   */
  #captured(): ReadonlyMap<NodeId, number> {
    const { graph, guards, reached } = this.#draft;
    const captured = new Map<NodeId, number>();
    for (const [{ captured: steps }, guard] of reached) {
      for (const step of steps) {
        const { stepNumber: id } = graph.resolve(step);
        captured.set(id, guards.or(captured.get(id) ?? NEVER, guard));
      }
    }
    return captured;
  }

  #needOutput(output: Output, reached: Map<Output, number>): void {
    const guard = reached.get(output) ?? NEVER;
    switch (output.kind) {
      case 'object':
        for (const field of output.fields) this.#needField(field, this.#draft.guards.and(guard, field.guard), reached);
        break;
      case 'list':
        this.#needPosition(output.item, guard, reached);
        break;
      case 'abstract':
        this.#draft.reached.set(output, this.#draft.guards.or(this.#draft.reached.get(output) ?? NEVER, guard));
        this.#ask(output.$typename, guard);
        for (const branch of output.branches.values()) this.#needPosition(branch.position, guard, reached);
        break;
      default:
    }
  }

  #needField(field: FieldBuild, guard: number, reached: Map<Output, number>): void {
    if (field.$requires !== null) this.#ask(field.$requires, guard);
    for (const effect of field.effects) this.#ask(effect, guard);
    if (field.position !== null) this.#needPosition(field.position, guard, reached);
  }

  #needPosition({ $value, output }: Position, guard: number, reached: Map<Output, number>): void {
    this.#ask($value, guard);
    if (output.kind === 'leaf') return;
    const before = reached.get(output) ?? NEVER;
    if (before !== ALWAYS) reached.set(output, this.#draft.guards.or(before, guard));
  }

  #ask($step: Step, guard: number): void {
    const { stepNumber: id } = this.#draft.graph.resolve($step);
    if (guard !== ALWAYS) this.#isPlain = false;
    const before = this.#steps[id];
    if (before === undefined) this.#asked.push(id);
    if (before !== ALWAYS) this.#need(id, guard);
  }

  #guardOf(node: NodeId): number | undefined {
    return node >= 0 ? this.#steps[node] : this.#layers[~node];
  }

  #need(node: NodeId, guard: number): void {
    const before = this.#guardOf(node);
    const needed = before === undefined ? guard : this.#draft.guards.or(before, guard);
    if (node >= 0) this.#steps[node] = needed;
    else this.#layers[~node] = needed;
  }

  /** The needs of a node; with `inOrder` also the steps that must only come before it, if they run at all. */
  #addDependencies(node: NodeId, inOrder: boolean, to: NodeId[]): void {
    const { graph, layers } = this.#draft;
    if (node >= 0) {
      const step = nodeAt(graph.steps, node);
      // A written step has all its needs already, except for the values that new branches bring together in it.
      if (graph.isWritten(step)) {
        if (step.layer.kind === 'combine') to.push(~step.layer.id);
        return;
      }
      for (const dependency of step.dependencies) {
        if (dependency.kind === 'order' && !inOrder) continue;
        to.push(graph.resolve(dependency.step).stepNumber);
        if (dependency.layer !== null) to.push(~dependency.layer.id);
      }
      if (step.layer.parent !== null) to.push(~step.layer.id);
      return;
    }
    const layer = nodeAt(graph.layers, ~node);
    for (const { layer: from, $value } of layer.contributions) to.push(graph.resolve($value).stepNumber, ~from.id);
    if (layers.has(layer)) return;
    if (layer.source !== null) to.push(graph.resolve(layer.source).stepNumber);
    if (layer.parent !== null && layer.parent.parent !== null) to.push(~layer.parent.id);
  }

  /** Depth first with a stack of our own: chains of steps may be longer than the call stack is deep. */
  #topologicalOrder(): NodeId[] {
    const order: NodeId[] = [];
    const seenSteps: boolean[] = [];
    const seenLayers: boolean[] = [];
    // The nodes that are open, and for each where its dependencies begin among those that are still to be looked at.
    const open: NodeId[] = [];
    const begins: number[] = [];
    const pending: NodeId[] = [];
    const push = (node: NodeId): void => {
      const seen = node >= 0 ? seenSteps : seenLayers;
      const at = node >= 0 ? node : ~node;
      if (seen[at] === true) return;
      seen[at] = true;
      open.push(node);
      begins.push(pending.length);
      this.#addDependencies(node, true, pending);
    };
    for (const start of this.#asked) {
      push(start);
      while (open.length > 0) {
        const next = pending.length > rowAt(begins, begins.length - 1) ? pending.pop() : undefined;
        if (next !== undefined) push(next);
        else {
          appendAll(order, open.splice(-1));
          begins.pop();
        }
      }
    }
    return order;
  }
}
