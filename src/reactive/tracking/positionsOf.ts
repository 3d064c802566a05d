import type { FieldNode, ObjectOutput, OutputNode, Plan, PositionNode, ReadNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { FieldRules } from './FieldRules.ts';
import { isId } from './objectsOf.ts';
import type { Owner, Place, Position } from './Place.ts';

/** More positions than this are not looked for: the whole operation stands for them. */
const MAX_VISITS = 20_000;

/**
 * The positions where the values of some steps belong: the topmost ones that need them. A need of a position below
 * is in the subtree of these. Null: there are too many. A step that no position needs is at the root; one that only
 * fields need that are `off` is nowhere.
 */
export function positionsOf(
  plan: Plan,
  steps: ReadonlySet<number>,
  holds: (guard: number) => boolean,
  rules: FieldRules,
): ReadonlyMap<number, readonly Place[]> | null {
  const walk = new PositionWalk(plan, steps, holds, rules);
  if (!walk.run()) return null;
  for (const step of steps) if (!walk.found.has(step)) walk.found.set(step, [NOWHERE]);
  return walk.found;
}

const NOWHERE: Place = { at: '', output: -1, read: -1, everyMs: 0, owner: null };

/** The rows of a position's values. */
interface Rows {
  /** The step that the position reads; -1: none. */
  readonly read: number;
  /** Where its values are read; null: of no step. */
  readonly from: ReadNode | null;
  readonly layer: number;
}

class PositionWalk {
  readonly found = new Map<number, Place[]>();
  readonly #plan: Plan;
  readonly #wanted: ReadonlySet<number>;
  readonly #holds: (guard: number) => boolean;
  /** The steps that the positions above need, with all that these need. */
  readonly #above = new Set<number>();
  /** By output: whether a wanted step belongs to it or to an output below. */
  readonly #matters = new Map<number, boolean>();
  readonly #needsWanted = new Map<number, boolean>();
  #visits = 0;
  readonly #rules: FieldRules;
  /** In how many fields that are no positions the walk is. */
  #depthOff = 0;
  /** The longest throttle of the fields that it is in. */
  #everyMs = 0;
  /** The nearest objects above that have ids. */
  #owner: Owner | null = null;

  constructor(plan: Plan, wanted: ReadonlySet<number>, holds: (guard: number) => boolean, rules: FieldRules) {
    this.#plan = plan;
    this.#wanted = wanted;
    this.#holds = holds;
    this.#rules = rules;
  }

  /** False: there were too many positions. */
  run(): boolean {
    this.#visit(this.#plan.root, '', [], { read: -1, from: null, layer: 0 });
    return this.#visits <= MAX_VISITS;
  }

  /** A position that needs some steps itself, and its output. */
  #visit(id: number, at: Position, own: readonly number[], rows: Rows): void {
    if (++this.#visits > MAX_VISITS) return;
    const output = itemAt(this.#plan.outputs, id);
    const { read } = rows;
    const place: Place = { at, output: id, read, everyMs: this.#everyMs, owner: this.#owner };
    const added = this.#take([...own, ...this.#ownSteps(output)], place);
    if (this.#isWantedBelow(id)) this.#visitBelow(output, at, rows);
    for (const step of added) this.#above.delete(step);
  }

  #visitBelow(output: OutputNode, at: Position, { from, layer }: Rows): void {
    const rowsOf = ({ read }: PositionNode, given: ReadNode | null, own: number): Rows => {
      return { read: read.step, from: readBelow(given, read), layer: own };
    };
    switch (output.kind) {
      case 'object': {
        const above = this.#owner;
        const own = output.layer === -1 ? layer : output.layer;
        this.#owner = this.#ownerAt(output, at, from, own) ?? above;
        for (const field of output.fields) {
          if (!this.#holds(field.guard)) continue;
          const below = at === '' ? field.key : `${at}.${field.key}`;
          const isOff = this.#rules.off.has(field.coordinate);
          const everyMs = this.#everyMs;
          if (isOff) this.#depthOff++;
          this.#everyMs = Math.max(everyMs, this.#rules.everyMs.get(field.coordinate) ?? 0);
          this.#visit(field.position.output, below, stepsOfField(field), rowsOf(field.position, from, own));
          if (isOff) this.#depthOff--;
          this.#everyMs = everyMs;
        }
        this.#owner = above;
        return;
      }
      case 'list': {
        const { item } = output;
        // Where nothing runs for the items, they have no rows.
        const { layer: own } = output;
        const entry = own === -1 ? -1 : itemAt(this.#plan.layers, own).entry;
        const rows = rowsOf(
          item,
          entry === -1 ? null : { step: entry, path: [], field: false },
          own === -1 ? layer : own,
        );
        return this.#visit(item.output, at === '' ? '*' : `${at}.*`, stepsOfRead(item), rows);
      }
      case 'abstract':
        for (const { layer: own, position } of output.branches) {
          const steps = [...stepsOfRead(position), ...this.#layerSteps(own)];
          this.#visit(position.output, at, steps, rowsOf(position, from, own));
        }
        return;
      default:
    }
  }

  /** The objects at a position, if they have ids. */
  #ownerAt({ fields }: ObjectOutput, at: Position, from: ReadNode | null, layer: number): Owner | null {
    const field = fields.find((one) => isId(this.#plan, one) && this.#holds(one.guard));
    if (field === undefined) return null;
    const id = readBelow(from, field.position.read);
    return id === null ? null : { at, layer, id, key: field.key };
  }

  /** Notes the needs of a position that the positions above do not have. Returns the steps that are new. */
  #take(steps: readonly number[], place: Place): readonly number[] {
    const added = steps.filter((step) => !this.#above.has(step));
    // Grows while it is read: the needs of a needed step are needed.
    for (const step of added) {
      if (this.#above.has(step)) continue;
      this.#above.add(step);
      if (this.#wanted.has(step)) this.#note(step, place);
      for (const needed of this.#needs(step)) if (!this.#above.has(needed)) added.push(needed);
    }
    return added;
  }

  #note(step: number, place: Place): void {
    const known = getOrCreate(this.found, step, () => []);
    if (this.#depthOff > 0) return;
    if (!known.some(({ at, output }) => at === place.at && output === place.output)) known.push(place);
  }

  /** The steps that a step waits for: its dependencies, and those that decide on its rows. */
  #needs(id: number): readonly number[] {
    const { dependencies, layer } = itemAt(this.#plan.steps, id);
    return [...dependencies.map(({ step }) => step), ...this.#layerSteps(layer)];
  }

  #layerSteps(layer: number): readonly number[] {
    const steps: number[] = [];
    for (let id = layer; id > 0; id = itemAt(this.#plan.layers, id).parent) {
      const { source, contributions } = itemAt(this.#plan.layers, id);
      if (source !== -1) steps.push(source);
      for (const { step } of contributions ?? []) if (step !== -1) steps.push(step);
    }
    return steps;
  }

  #ownSteps(output: OutputNode): readonly number[] {
    switch (output.kind) {
      case 'object':
      case 'list':
        return this.#layerSteps(output.layer);
      case 'abstract':
        return [output.typename, ...this.#layerSteps(output.layer)];
      default:
        return [];
    }
  }

  #isWantedBelow(id: number): boolean {
    let matters = this.#matters.get(id);
    if (matters === undefined) {
      matters = this.#below(itemAt(this.#plan.outputs, id)).some(
        ({ steps, output }) => steps.some((step) => this.#isWanted(step)) || this.#isWantedBelow(output),
      );
      this.#matters.set(id, matters);
    }
    return matters;
  }

  #below(output: OutputNode): readonly { readonly steps: readonly number[]; readonly output: number }[] {
    const at = (steps: readonly number[], id: number) => {
      return { output: id, steps: [...steps, ...this.#ownSteps(itemAt(this.#plan.outputs, id))] };
    };
    switch (output.kind) {
      case 'object':
        return output.fields.map((field) => at(stepsOfField(field), field.position.output));
      case 'list':
        return [at(stepsOfRead(output.item), output.item.output)];
      case 'abstract':
        return output.branches.map(({ layer, position }) =>
          at([...stepsOfRead(position), ...this.#layerSteps(layer)], position.output),
        );
      default:
        return [];
    }
  }

  #isWanted(step: number): boolean {
    let isWanted = this.#needsWanted.get(step);
    if (isWanted === undefined) {
      this.#needsWanted.set(step, false); // a step in a circle of layers is looked at once
      isWanted = this.#wanted.has(step) || this.#needs(step).some((needed) => this.#isWanted(needed));
      this.#needsWanted.set(step, isWanted);
    }
    return isWanted;
  }
}

function stepsOfField({ position, requires, effects }: FieldNode): readonly number[] {
  return [...stepsOfRead(position), ...effects, ...(requires === -1 ? [] : [requires])];
}

function stepsOfRead({ read }: PositionNode): readonly number[] {
  return read.step === -1 ? [] : [read.step];
}

/** Where a value is read that is read from another one. */
function readBelow(above: ReadNode | null, read: ReadNode): ReadNode | null {
  if (read.step !== -1) return read;
  return above === null ? null : { ...read, step: above.step, path: [...above.path, ...read.path] };
}
