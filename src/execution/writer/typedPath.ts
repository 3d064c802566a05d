import type { AbstractOutput, BranchNode, ListOutput, OutputNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { RunState } from '../state/RunState.ts';
import { compileRead } from './reads.ts';
import { rowMapper } from './rowMappers.ts';

/** The path in a resolver's `info`. */
export interface TypedPath {
  readonly prev: TypedPath | undefined;
  readonly key: string | number;
  /** The object type that a field belongs to; undefined for an item of a list. */
  readonly typename: string | undefined;
}

/**
 * A path of the response with the types of its objects. Few readers need the types, so writing does not track them: they are
 * found by walking down the outputs, row by row.
 */
export function typedPath(
  linked: LinkedPlan,
  state: RunState,
  keys: readonly (string | number)[],
): TypedPath | undefined {
  const walk = new Walk(linked, state);
  let path: TypedPath | undefined;
  for (const key of keys) path = { prev: path, key, typename: walk.enter(key) };
  return path;
}

class Walk {
  readonly #linked: LinkedPlan;
  readonly #state: RunState;
  #output: OutputNode | undefined;
  #layer = 0;
  #row = 0;

  constructor(linked: LinkedPlan, state: RunState) {
    this.#linked = linked;
    this.#state = state;
    this.#goTo(linked.plan.root);
  }

  /** Moves to a field of the current object, or to an item of the current list. Returns the object's type. */
  enter(key: string | number): string | undefined {
    this.#resolve();
    const output = this.#output;
    if (output?.kind === 'list') {
      this.#enterItem(output, key as number);
      return undefined;
    }
    if (output?.kind !== 'object') return undefined;
    this.#moveTo(output.layer);
    const field = output.fields.find((known) => known.key === key && this.#state.holds(known.guard));
    this.#goTo(field?.position.output);
    return output.type;
  }

  #goTo(output: number | undefined): void {
    this.#output = output === undefined ? undefined : this.#linked.plan.outputs[output];
  }

  #resolve(): void {
    while (this.#output?.kind === 'abstract') {
      this.#moveTo(this.#output.layer);
      const branch = this.#branchOf(this.#output);
      this.#moveTo(branch?.layer ?? -1);
      this.#goTo(branch?.position.output);
    }
  }

  #branchOf({ typename, branches }: AbstractOutput): BranchNode | undefined {
    const read = compileRead(this.#linked, { step: typename, path: [], field: false }, this.#layer);
    const name = read(this.#state, undefined, this.#row);
    return branches.find(({ type }) => type === name);
  }

  #enterItem({ layer, item }: ListOutput, index: number): void {
    if (layer !== -1) {
      const { plan } = this.#linked;
      this.#moveTo(nodeAt(plan.layers, layer).parent);
      this.#row = this.#itemRow(layer, index);
      this.#layer = layer;
    }
    this.#goTo(item.output);
  }

  #itemRow(layer: number, index: number): number {
    const indexes = this.#state.itemIndexes[layer];
    if (indexes === undefined) return (this.#state.offsets[layer]?.[this.#row] ?? 0) + index;
    const parentRows = this.#state.parentRows[layer];
    return indexes.findIndex((known, row) => known === index && parentRows?.[row] === this.#row);
  }

  #moveTo(layer: number): void {
    if (layer === -1) return;
    const map = rowMapper(this.#linked.plan, this.#layer, layer);
    if (map !== null) this.#row = map(this.#state, this.#row);
    this.#layer = layer;
  }
}
