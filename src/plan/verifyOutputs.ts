import { itemAt } from '../utils/itemAt.ts';
import { hasRowsIn } from './layerRelations.ts';
import type { FieldNode, OutputNode, Plan, PositionNode, ReadNode } from './Plan.ts';

/** Looks for reads and outputs that have no rows where they stand, going through the response as the output does. */
export function verifyOutputs(plan: Plan): string[] {
  const walk = new Walk(plan);
  walk.output(plan.root, 0, `Output ${plan.root}`);
  return walk.problems;
}

class Walk {
  readonly problems: string[] = [];
  readonly #plan: Plan;
  /** By output and layer: true while the output is being walked. */
  readonly #visited = new Map<string, boolean>();
  /** By the layer of a mutation field: the field's key. */
  readonly #phases = new Map<number, string>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** An output, given rows of `layer`. */
  output(id: number, layer: number, what: string): void {
    const visit = `${id} ${layer}`;
    const isOpen = this.#visited.get(visit);
    if (isOpen === true) this.problems.push(`Output ${id} contains itself.`);
    if (isOpen !== undefined) return;
    this.#visited.set(visit, true);
    this.#inside(itemAt(this.#plan.outputs, id), layer, what);
    this.#visited.set(visit, false);
  }

  #inside(output: OutputNode, layer: number, what: string): void {
    switch (output.kind) {
      case 'list':
        if (output.layer !== -1) this.#list(output.layer, layer, what);
        return this.#position(output.item, output.layer === -1 ? layer : output.layer, what);
      case 'object': {
        const own = this.#rows(output.layer, layer, what);
        for (const field of output.fields) this.#field(field, own, `${what}, field "${field.key}"`);
        return;
      }
      case 'abstract': {
        const own = this.#rows(output.layer, layer, what);
        this.#reach(this.#layerOf(output.typename), own, what);
        for (const { layer: branch, position } of output.branches) {
          this.#position(position, this.#rows(branch, own, what), what);
        }
        return;
      }
      default:
    }
  }

  #list(items: number, layer: number, what: string): void {
    const { kind, parent } = itemAt(this.#plan.layers, items);
    if (kind !== 'list') this.problems.push(`${what} has its items in layer ${items}, which is no list.`);
    else this.#reach(parent, layer, what);
  }

  #field({ key, coordinate, phase, position, requires }: FieldNode, layer: number, what: string): void {
    const { field, path } = position.read;
    // A function that is called must be the field's own.
    if (field && path[path.length - 1] !== coordinate.slice(coordinate.indexOf('.') + 1)) {
      this.problems.push(`${what} reads "${path.join('.')}" as a field, which is not ${coordinate}.`);
    }
    if (requires !== -1 && !this.#plan.layers[this.#layerOf(requires)]?.singular) {
      this.problems.push(`${what} requires step ${requires}, which has many rows.`);
    }
    if (phase !== -1) this.#phase(phase, key, what);
    this.#position(position, layer, what);
  }

  /** A mutation field's layer opens once, when it is the field's turn. Fields of one key are there by turns. */
  #phase(phase: number, key: string, what: string): void {
    if (this.#plan.layers[phase]?.kind !== 'mutation') {
      this.problems.push(`${what} waits for layer ${phase}, which is no mutation's.`);
    } else if ((this.#phases.get(phase) ?? key) !== key) {
      this.problems.push(`${what} opens layer ${phase}, as another field does.`);
    }
    this.#phases.set(phase, key);
  }

  #position({ read, output }: PositionNode, layer: number, what: string): void {
    this.#read(read, layer, what);
    this.output(output, layer, what);
  }

  #read({ step, path }: ReadNode, layer: number, what: string): void {
    if (step !== -1) this.#reach(this.#layerOf(step), layer, what);
    const chain = path.indexOf('constructor');
    if (path.includes('__proto__') || (chain !== -1 && chain < path.length - 1)) {
      this.problems.push(`${what} reads "${path.join('.')}", which no data have.`);
    }
  }

  /** The layer that something stands in, when it is given rows of `layer`. */
  #rows(own: number, layer: number, what: string): number {
    if (own === -1) return layer;
    this.#reach(own, layer, what);
    return own;
  }

  #reach(to: number, from: number, what: string): void {
    if (!hasRowsIn(this.#plan, from, to)) {
      this.problems.push(`${what} needs rows of layer ${to} for those of layer ${from}, where there are none.`);
    }
  }

  #layerOf(step: number): number {
    return this.#plan.steps[step]?.layer ?? 0;
  }
}
