import { itemAt } from '../utils/itemAt.ts';
import { hasRowsIn, liesIn } from './layerRelations.ts';
import type {
  DependencyNode,
  FieldNode,
  LayerNode,
  OutputNode,
  Plan,
  PositionNode,
  ResponsePathNode,
  RowsNode,
  StepNode,
} from './Plan.ts';
import { verifyOutputs } from './verifyOutputs.ts';

type ListName = 'guards' | 'layers' | 'steps' | 'outputs' | 'places' | 'defers';

/** Finds wrong references between the parts of a plan, in a document of the right shape. */
export function verifyPlan(plan: Plan): string[] {
  const problems = new References(plan).check();
  // Relations are looked at where all that is referred to is there.
  return problems.length > 0 ? problems : [...verifyRelations(plan), ...verifyOutputs(plan)];
}

/** Every reference has a target, which comes first where it must. */
class References {
  readonly #plan: Plan;
  readonly #problems: string[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  check(): string[] {
    const { ahead, defers, guards, layers, outputs, places, root, steps, stream } = this.#plan;
    if (guards[0]?.kind !== 'always') this.#problems.push('The first guard of a plan always holds.');
    if (layers[0]?.kind !== 'root') this.#problems.push('The first layer of a plan is its root.');
    if (outputs[root]?.kind !== 'object') this.#problems.push('The root of a plan is an object output.');
    this.#refer(stream, 'steps', `The plan's stream`, true);
    guards.forEach((guard, id) => {
      if ('of' in guard) for (const of of [guard.of].flat()) this.#before(of, id, 'guards', `Guard ${id}`);
    });
    for (const [id, layer] of layers.entries()) this.#layer(layer, id);
    for (const [id, step] of steps.entries()) this.#step(step, id);
    places.forEach(({ parent, layer, typenames }, id) => {
      this.#before(parent, id, 'places', `Place ${id}`, true);
      this.#refer(layer, 'layers', `Place ${id}`, true);
      this.#refer(typenames, 'steps', `Place ${id}`, true);
    });
    for (const [id, output] of outputs.entries()) this.#output(output, id);
    for (const [id, { guard, parent }] of defers.entries()) {
      this.#refer(guard, 'guards', `Deferred fragment ${id}`);
      this.#before(parent, id, 'defers', `Deferred fragment ${id}`, true);
    }
    for (const [id, { step, source }] of ahead.entries()) {
      this.#refer(step, 'steps', `Start ${id} ahead`);
      // A branch that was planned later may bring keys to a load that was there before.
      this.#refer(source, 'steps', `Start ${id} ahead`, true);
    }
    return this.#problems;
  }

  #layer({ kind, parent, source, entry, contributions, stream, rows }: LayerNode, id: number): void {
    const what = `Layer ${id}`;
    if (kind !== 'root') this.#before(parent, id, 'layers', what);
    else if (id !== 0 || parent !== -1) this.#problems.push(`${what} is a root, but not the first layer.`);
    this.#refer(source, 'steps', what, ['root', 'mutation', 'event'].includes(kind));
    this.#refer(entry, 'steps', what, kind !== 'list' && kind !== 'combine');
    if (stream !== null) {
      this.#refer(stream.guard, 'guards', what);
      if (kind !== 'list') this.#problems.push(`${what} is streamed, and is no list.`);
    }
    if (kind === 'combine' && contributions === null) this.#problems.push(`${what} combines nothing.`);
    this.#rows(rows, what);
    if (kind !== 'list' && rows.kind !== 'one')
      this.#problems.push(`${what} is no list, and may have several rows for one.`);
    for (const { layer, step, rows: most } of contributions ?? []) {
      this.#rows(most, what);
      this.#refer(layer, 'layers', what);
      this.#refer(step, 'steps', what);
    }
  }

  #rows(rows: RowsNode, what: string): void {
    if ('step' in rows) this.#refer(rows.step, 'steps', what);
    if ('of' in rows) for (const of of rows.of) this.#rows(of, what);
    if (rows.kind !== 'combined') return;
    this.#refer(rows.layer, 'layers', what);
    if (this.#plan.layers[rows.layer]?.kind !== 'combine') {
      this.#problems.push(`${what} has as many rows as layer ${rows.layer} combines, which combines nothing.`);
    }
  }

  #step({ op, layer, guard, dependencies }: StepNode, id: number): void {
    const what = `Step ${id} (${op})`;
    this.#refer(layer, 'layers', what);
    this.#refer(guard, 'guards', what);
    for (const dependency of dependencies) {
      this.#before(dependency.step, id, 'steps', what);
      this.#refer(dependency.layer, 'layers', what, dependency.kind !== 'collect');
    }
  }

  #output(output: OutputNode, id: number): void {
    const what = `Output ${id}`;
    if ('layer' in output) this.#refer(output.layer, 'layers', what, true);
    switch (output.kind) {
      case 'list':
        this.#rows(output.rows, what);
        return this.#position(output.item, id, what);
      case 'object':
        for (const field of output.fields) this.#field(field, id, `${what}, field "${field.key}"`);
        for (const defer of output.defers) this.#refer(defer, 'defers', what);
        return;
      case 'abstract':
        this.#refer(output.typename, 'steps', what);
        for (const { layer, position } of output.branches) {
          this.#refer(layer, 'layers', what, true);
          this.#position(position, null, what);
        }
        return;
      default:
    }
  }

  #field(
    { guard, requires, phase, position, effects, deliveries, nodes }: FieldNode,
    output: number,
    what: string,
  ): void {
    this.#refer(guard, 'guards', what);
    this.#refer(requires, 'steps', what, true);
    this.#refer(phase, 'layers', what, true);
    this.#position(position, output, what);
    for (const effect of effects) this.#refer(effect, 'steps', what);
    for (const delivery of deliveries) {
      this.#refer(delivery.defer, 'defers', what, true);
      this.#refer(delivery.guard, 'guards', what);
    }
    for (const node of nodes) this.#refer(node.guard, 'guards', what);
  }

  /** An output comes after those it is made of, except for branches, which may be planned later. */
  #position({ read, output }: PositionNode, of: number | null, what: string): void {
    this.#refer(read.step, 'steps', what, true);
    if (of === null) this.#refer(output, 'outputs', what);
    else this.#before(output, of, 'outputs', what);
  }

  #before(id: number, than: number, list: ListName, what: string, mayBeNone = false): void {
    if ((mayBeNone && id === -1) || (id >= 0 && id < than)) return;
    this.#problems.push(`${what} refers to ${id} of ${list}, which does not come before it.`);
  }

  #refer(id: number, list: ListName, what: string, mayBeNone = false): void {
    if ((mayBeNone && id === -1) || (id >= 0 && id < this.#plan[list].length)) return;
    this.#problems.push(`${what} refers to ${id} of ${list}, which does not exist.`);
  }
}

/** Rows of one layer are found from those of another only where the two are related. */
function verifyRelations(plan: Plan): string[] {
  const layerOf = (step: number): number => itemAt(plan.steps, step).layer;
  const problems = [
    ...plan.layers.flatMap((layer, id) => layerProblems(plan, layer, id, layerOf)),
    ...plan.places.flatMap((place, id) => placeProblems(plan, place, id, layerOf)),
  ];
  plan.steps.forEach(({ op, layer, dependencies }, id) => {
    const what = `Step ${id} (${op})`;
    if (op === 'entry' && plan.layers[layer]?.entry !== id) problems.push(`${what} is not the entry of its layer.`);
    for (const dependency of dependencies) {
      if (isReachable(plan, layer, dependency, layerOf(dependency.step))) continue;
      problems.push(`${what} takes in ${dependency.step}, which has no rows for those of layer ${layer}.`);
    }
  });
  return problems;
}

function layerProblems(
  plan: Plan,
  { kind, parent, singular, source, entry, contributions }: LayerNode,
  id: number,
  layerOf: (step: number) => number,
): string[] {
  const problems: string[] = [];
  const outer = plan.layers[parent];
  if (singular ? kind === 'list' || outer?.singular === false : kind === 'root') {
    problems.push(`Layer ${id} is wrong about its number of rows.`);
  }
  if (source !== -1 && !liesIn(plan, parent, layerOf(source))) {
    problems.push(`Layer ${id} has its rows from step ${source}, which does not run above it.`);
  }
  if (entry !== -1 && (layerOf(entry) !== id || plan.steps[entry]?.op !== 'entry')) {
    problems.push(`Layer ${id} has step ${entry} as entry, which is none of its own.`);
  }
  for (const { layer, step } of contributions ?? []) {
    if (liesIn(plan, layer, parent) && liesIn(plan, layer, layerOf(step))) continue;
    problems.push(`Layer ${id} combines layer ${layer} and step ${step}, which do not belong together.`);
  }
  return problems;
}

/** A place has rows only where those above it have them. */
function placeProblems(
  plan: Plan,
  { parent, layer, typenames }: ResponsePathNode,
  id: number,
  layerOf: (step: number) => number,
): string[] {
  if (layer === -1) return [];
  const problems: string[] = [];
  const above = plan.places[parent]?.layer ?? 0;
  if (above === -1 || !liesIn(plan, layer, above)) {
    problems.push(`Place ${id} has the rows of layer ${layer}, which does not lie in that of place ${parent}.`);
  }
  if (typenames !== -1 && !liesIn(plan, layer, layerOf(typenames))) {
    problems.push(`Place ${id} has its types from step ${typenames}, which has no rows for those of layer ${layer}.`);
  }
  return problems;
}

function isReachable(plan: Plan, layer: number, { kind, accepts, layer: below }: DependencyNode, of: number): boolean {
  // What runs first, whether it fails or not, may be an effect for the items of a list of the step's own.
  if (kind === 'order' && accepts) return true;
  if (kind !== 'collect') return liesIn(plan, layer, of) && (kind !== 'global' || plan.layers[of]?.singular === true);
  const collected = itemAt(plan.layers, below);
  return collected.kind === 'list' && liesIn(plan, layer, collected.parent) && hasRowsIn(plan, below, of);
}
