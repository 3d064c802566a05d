import type { AheadNode } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { type KeyTrace, type StepsView, traceKeys } from './traceKey.ts';

const NOTHING: ReadonlySet<number> = new Set();

/**
 * Finds the loads that may start before their turn: those whose keys are known before all else that they would wait for.
 * Looks at the steps from `from` on, and at earlier loads that get keys from these; `known` are those found before.
 */
export function findAhead(view: StepsView, from: number, known: readonly AheadNode[]): AheadNode[] {
  let waits: Waits | null = null;
  const found: AheadNode[] = [];
  for (let id = hasNewBranch(view, from) ? 0 : from; id < view.steps.length; id++) {
    if (view.instance(id).startsAhead === null) continue;
    for (const node of nodesOf(view, id, from)) {
      if (!node.early) {
        // Mostly a load waits for the source of its keys alone.
        if (waits === null && known.length === 0 && !mayWaitForMore(view, id, node.source)) continue;
        waits ??= new Waits(view, known);
        if (waits.withSource(node.source).size >= waits.ofStep(id).size) continue;
      }
      found.push(node);
      waits ??= new Waits(view, known);
      waits.startAhead(node);
    }
  }
  return found;
}

/** Whether a new step brings values to a layer that combines branches and was there before. */
function hasNewBranch({ layers }: StepsView, from: number): boolean {
  if (from === 0) return false;
  return layers.some(({ entry, contributions }) => entry < from && contributions?.some(({ step }) => step >= from));
}

/** Where the keys of a load come from, one for each source among the steps from `from` on. */
function nodesOf(view: StepsView, step: number, from: number): Iterable<AheadNode> {
  const nodes = new Map<number, AheadNode>();
  for (const { trace, contributions } of traceKeys(view, step)) {
    if (trace === null || (step < from && !contributions.some((of) => of >= from))) continue;
    const { source } = trace;
    nodes.set(source, { step, source, early: knowsIdsEarly(view, trace) && nodes.get(source)?.early !== false });
  }
  return nodes.values();
}

/** So many steps and layers are looked at before the exact sets are made. */
const MOST_MET = 32;

/** False: on all ways back from a step only `source` may take its time. True: it is not known. */
function mayWaitForMore(view: StepsView, step: number, source: number): boolean {
  // Steps by their numbers, layers by the complements of theirs.
  const met: number[] = [step];
  const meet = (node: number): void => {
    if (node !== source && !met.includes(node)) met.push(node);
  };
  for (let at = 0; at < met.length; at++) {
    const node = itemAt(met, at);
    if (at === MOST_MET) return true;
    if (node < 0) {
      const { parent, source: of, contributions } = nodeAt(view.layers, ~node);
      if (contributions !== null) return true;
      if (parent !== -1) meet(~parent);
      if (of !== -1) meet(of);
      continue;
    }
    if (at > 0 && view.instance(node).mayWait) return true;
    const { dependencies, layer } = nodeAt(view.steps, node);
    meet(~layer);
    for (const { step: of, layer: below } of dependencies) {
      meet(of);
      if (below !== -1) meet(~below);
    }
  }
  return false;
}

/** Whether keys are ids that their source knows before it has the objects. */
function knowsIdsEarly(view: StepsView, { source, lists, key }: KeyTrace): boolean {
  if (source === -1 || lists.length > 1) return false;
  const idsOf = view.instance(source).startsAhead?.idsOf ?? null;
  if (idsOf === null || (lists[0] !== undefined && lists[0].join() !== idsOf)) return false;
  const isId = (part: KeyTrace['key']): boolean => {
    if (part.kind === 'parts') return part.parts.every(isId);
    if (part.kind === 'request') return true;
    const [list, index, name] = part.depth === 1 ? [idsOf, 0, part.path.join()] : part.path;
    return list === idsOf && typeof index === 'number' && name === 'id';
  };
  return isId(key);
}

/** The steps that a step waits for, of those that may take their time. */
class Waits {
  readonly #view: StepsView;
  readonly #steps = new Map<number, ReadonlySet<number>>();
  readonly #layers = new Map<number, ReadonlySet<number>>();
  readonly #ahead = new Map<number, ReadonlySet<number>>();

  constructor(view: StepsView, known: readonly AheadNode[]) {
    this.#view = view;
    for (const node of known) this.startAhead(node);
  }

  ofStep(id: number): ReadonlySet<number> {
    let waits = this.#steps.get(id);
    if (waits !== undefined) return waits;
    const { dependencies, layer } = nodeAt(this.#view.steps, id);
    waits = this.#ofLayer(layer);
    for (const { step, layer: below } of dependencies) {
      waits = union(waits, this.#with(step));
      if (below !== -1) waits = union(waits, this.#ofLayer(below));
    }
    this.#steps.set(id, waits);
    return waits;
  }

  /** The steps before a source's values, and the source itself; it may have been started ahead. */
  withSource(source: number): ReadonlySet<number> {
    if (source === -1) return NOTHING;
    const before = this.#ahead.get(source) ?? this.ofStep(source);
    return this.#view.instance(source).mayWait ? union(before, new Set([source])) : before;
  }

  startAhead({ step, source }: AheadNode): void {
    this.#ahead.set(step, union(this.#ahead.get(step) ?? NOTHING, this.withSource(source)));
  }

  #with(step: number): ReadonlySet<number> {
    const before = this.ofStep(step);
    return this.#view.instance(step).mayWait ? union(before, new Set([step])) : before;
  }

  #ofLayer(id: number): ReadonlySet<number> {
    let waits = this.#layers.get(id);
    if (waits !== undefined) return waits;
    const { parent, source, contributions } = nodeAt(this.#view.layers, id);
    waits = parent === -1 ? NOTHING : this.#ofLayer(parent);
    if (source !== -1) waits = union(waits, this.#with(source));
    for (const { step } of contributions ?? []) waits = union(waits, this.#with(step));
    this.#layers.set(id, waits);
    return waits;
  }
}

/** One of the two where it holds the other: mostly nothing is made. */
function union(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const id of small) if (!large.has(id)) return new Set([...large, ...small]);
  return large;
}
