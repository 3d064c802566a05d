import type { Layer } from '../../step/Layer.ts';
import type { Dependency, Step } from '../../step/Step.ts';
import { ALWAYS, NEVER } from '../build/GuardTable.ts';
import type { FieldBuild, Output, Position } from '../build/OutputTree.ts';
import type { PlanDraft } from '../PlanDraft.ts';
import type { Pass } from './Pass.ts';

/**
 * Finds out which steps the response needs, and under which guard (rules R5, R6). What nobody needs is left out.
 *
 *     $1 load; $2 get $1 .name; output: $1 @include(if: $v)    ->    $1 load when $v; output: $1 @include(if: $v)
 *
 * Safe because steps have no effects, but for those that say so, and these are needed by the field that made them.
 */
export const treeShakeSteps: Pass = {
  name: 'treeShakeSteps',
  isRequired: true,
  run(draft, enabled) {
    const demand = new Demand(draft);
    demand.outputs();
    draft.needed = demand.steps();
    if (!enabled) demand.addUnneeded(draft.needed);
  },
};

type Node = Step | Layer;

class Demand {
  readonly #draft: PlanDraft;
  readonly #guards = new Map<Node, number>();

  constructor(draft: PlanDraft) {
    this.#draft = draft;
  }

  outputs(): void {
    const { roots, $stream } = this.#draft;
    if ($stream !== null) this.#need($stream, ALWAYS);
    const reached = new Map<Output, number>();
    for (const root of roots) {
      if (root.object !== null) reached.set(root.object, root.guard);
      if (root.branch !== null) {
        this.#needPosition(root.branch.position, root.guard);
        reached.set(root.branch.position.output, root.guard);
      }
    }
    for (const output of outputsInOrder([...reached.keys()])) this.#needOutput(output, reached);
  }

  /** With the pass off what nobody needs runs too: where all that it depends on does. */
  addUnneeded(needed: Map<Step, number>): void {
    const { graph, guards } = this.#draft;
    for (const step of graph.steps) {
      if (graph.isReplaced(step) || needed.has(step)) continue;
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
    for (let index = order.length - 1; index >= 0; index--) {
      const node = order[index] as Node;
      const guard = this.#guards.get(node) as number;
      for (const dependency of this.#dependenciesOf(node, false)) this.#need(dependency, guard);
    }
    const steps = new Map<Step, number>();
    for (const node of order) {
      const guard = this.#guards.get(node) as number;
      if (isStep(node) && guard !== NEVER) steps.set(node, guard);
    }
    return steps;
  }

  #needOutput(output: Output, reached: Map<Output, number>): void {
    const guard = reached.get(output) ?? NEVER;
    const pass = (position: Position, condition: number): void => {
      this.#needPosition(position, condition);
      reached.set(position.output, this.#draft.guards.or(reached.get(position.output) ?? NEVER, condition));
    };
    switch (output.kind) {
      case 'object':
        for (const field of output.fields) this.#needField(field, this.#draft.guards.and(guard, field.guard), pass);
        break;
      case 'list':
        pass(output.item, guard);
        break;
      case 'abstract':
        this.#draft.reached.set(output, this.#draft.guards.or(this.#draft.reached.get(output) ?? NEVER, guard));
        this.#need(output.$typename, guard);
        for (const branch of output.branches.values()) pass(branch.position, guard);
        break;
      default:
    }
  }

  #needField(field: FieldBuild, guard: number, pass: (position: Position, guard: number) => void): void {
    if (field.$requires !== null) this.#need(field.$requires, guard);
    for (const effect of field.effects) this.#need(effect, guard);
    if (field.position !== null) pass(field.position, guard);
  }

  #needPosition(position: Position, guard: number): void {
    this.#need(position.$value, guard);
  }

  #need(node: Node, guard: number): void {
    const resolved = isStep(node) ? this.#draft.graph.resolve(node) : node;
    this.#guards.set(resolved, this.#draft.guards.or(this.#guards.get(resolved) ?? NEVER, guard));
  }

  /** What a node needs; with `inOrder` also what must only come before it, if it comes at all. */
  #dependenciesOf(node: Node, inOrder: boolean): Node[] {
    const { graph, layers } = this.#draft;
    if (isStep(node)) {
      // What is part of the plan already has all that it needs, except for what new branches bring together in it.
      if (node.id < graph.frozen) return node.layer.kind === 'combine' ? [node.layer] : [];
      const dependencies = node.dependencies.flatMap(({ step, kind, layer }: Dependency): Node[] => {
        if (kind === 'order' && !inOrder) return [];
        return layer === null ? [graph.resolve(step)] : [graph.resolve(step), layer];
      });
      if (node.layer.parent !== null) dependencies.push(node.layer);
      return dependencies;
    }
    const dependencies: Node[] = [];
    for (const { layer, $value } of node.contributions) dependencies.push(graph.resolve($value), layer);
    if (layers.has(node)) return dependencies;
    if (node.source !== null) dependencies.push(graph.resolve(node.source));
    if (node.parent !== null && node.parent.parent !== null) dependencies.push(node.parent);
    return dependencies;
  }

  #topologicalOrder(): Node[] {
    const order: Node[] = [];
    const seen = new Set<Node>();
    // Depth first with a stack of our own: chains of steps may be longer than the call stack is deep.
    for (const start of [...this.#guards.keys()]) {
      const stack: { node: Node; pending: Node[] }[] = [];
      const push = (node: Node): void => {
        if (seen.has(node)) return;
        seen.add(node);
        stack.push({ node, pending: this.#dependenciesOf(node, true) });
      };
      push(start);
      while (stack.length > 0) {
        const top = stack[stack.length - 1] as { node: Node; pending: Node[] };
        const next = top.pending.pop();
        if (next !== undefined) push(next);
        else {
          order.push(top.node);
          stack.pop();
        }
      }
    }
    for (const node of order) if (!this.#guards.has(node)) this.#guards.set(node, NEVER);
    return order;
  }
}

function isStep(node: Node): node is Step {
  return 'dependencies' in node;
}

/** Outputs with parents before children: an output that is reached twice is looked at once, with both guards. */
export function outputsInOrder(roots: readonly Output[]): Output[] {
  const order: Output[] = [];
  const seen = new Set<Output>();
  const visit = (output: Output): void => {
    if (seen.has(output)) return;
    seen.add(output);
    switch (output.kind) {
      case 'object':
        for (const { position } of output.fields) if (position !== null) visit(position.output);
        break;
      case 'list':
        visit(output.item.output);
        break;
      case 'abstract':
        for (const branch of output.branches.values()) visit(branch.position.output);
        break;
      default:
    }
    order.push(output);
  };
  for (const root of roots) visit(root);
  return order.reverse();
}
