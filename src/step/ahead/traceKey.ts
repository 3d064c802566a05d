import type { LayerNode, StepNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { PathKey } from '../builtin/AccessStep.ts';
import type { Step } from '../Step.ts';
import type { StepOrigin } from './StepOrigin.ts';

/** The steps of a plan, as data and as instances. */
export interface StepsView {
  readonly steps: readonly StepNode[];
  readonly layers: readonly LayerNode[];
  instance(step: number): Step;
}

type Path = readonly PathKey[];

/** A key, made of values that are found on the way from a source to the items of its lists. */
export type KeyPart =
  /** At `path` in the item at `depth`; depth 0 is the source's value. */
  | { readonly kind: 'value'; readonly depth: number; readonly path: Path }
  /** At `path` in the value of a step that depends on the request alone. */
  | RequestPart
  | { readonly kind: 'parts'; readonly parts: readonly KeyPart[]; readonly names: readonly string[] | null };

interface RequestPart {
  readonly kind: 'request';
  readonly step: number;
  readonly path: Path;
}

/** How the keys of a load are found in the values of an earlier step. */
export interface KeyTrace {
  /** The step; -1: the keys depend on the request alone. */
  readonly source: number;
  /** Where the request alone has lists of keys: the step that yields them, and where in its value they begin. */
  readonly root: RequestPart | null;
  /** Where the lists are: in the source's value, in the items of that list, and so on. */
  readonly lists: readonly Path[];
  readonly key: KeyPart;
}

/** A key by one way through the branches that it may come from. */
export interface TracedWay {
  /** Null where the key cannot be traced. */
  readonly trace: KeyTrace | null;
  /** The steps of branches whose values it passes. */
  readonly contributions: readonly number[];
}

/** So many ways through branches are looked at. */
const MOST_WAYS = 16;

/**
 * Traces the key of a load back: through null checks, gates, filters, lists and branches. Where several branches bring it,
 * there is a way through each. Empty where nothing is known.
 */
export function traceKeys(view: StepsView, load: number): readonly TracedWay[] {
  const { dependencies } = nodeAt(view.steps, load);
  const key = dependencies[0];
  if (key === undefined) return [];
  for (let at = 1; at < dependencies.length; at++) {
    const { step, kind } = nodeAt(dependencies, at);
    if (kind !== 'global' || !isOfRequest(view, step)) return [];
  }
  const choices: Map<number, number>[] = [new Map()];
  const ways: TracedWay[] = [];
  for (const chosen of choices) {
    const tracer = new Tracer(view, chosen, (other) => choices.push(other));
    const trace = tracer.trace(key.step, []);
    if (choices.length > MOST_WAYS) return [];
    ways.push({ trace, contributions: tracer.contributions });
  }
  return ways;
}

/** Whether a step's value can be made from the request alone, at any time: none of its steps waits or has effects. */
function isOfRequest(view: StepsView, step: number): boolean {
  const { op, isSync, hasSideEffects, dependencies } = nodeAt(view.steps, step);
  if (op === 'entry' || !isSync || hasSideEffects || !view.instance(step).isPure) return false;
  return dependencies.every(({ step: of, kind }) => kind !== 'collect' && kind !== 'order' && isOfRequest(view, of));
}

class Tracer {
  readonly contributions: number[] = [];
  readonly #view: StepsView;
  /** By layer that combines branches, the branch to go through. */
  readonly #chosen: Map<number, number>;
  /** The contributions that are being traced. */
  readonly #under = new Set<number>();
  readonly #addChoice: (chosen: Map<number, number>) => void;

  /** `addChoice` is called with other ways, where no branch of a layer is chosen: this one goes through the first. */
  constructor(view: StepsView, chosen: Map<number, number>, addChoice: (chosen: Map<number, number>) => void) {
    this.#view = view;
    this.#chosen = chosen;
    this.#addChoice = addChoice;
  }

  /** Traces the values at `path` in a step's values. */
  trace(step: number, path: Path): KeyTrace | null {
    const view = this.#view;
    if (isOfRequest(view, step)) return { source: -1, root: null, lists: [], key: { kind: 'request', step, path } };
    const { op, dependencies, layer } = nodeAt(view.steps, step);
    const instance = view.instance(step);
    if (op === 'entry') return this.#entry(layer, path);
    const head = path[0];
    const inKey = head === undefined ? null : (instance.startsAhead?.keyPath(head) ?? null);
    if (inKey !== null) return this.trace(nodeAt(dependencies, 0).step, inKey.concat(path.slice(1)));
    const { origin } = instance;
    if (origin === null || LISTS.has(origin.kind)) return sourceOf(step, path);
    if (origin.kind === 'parts')
      return this.#parts(
        dependencies.map(({ step: of }) => of),
        origin.names,
        path,
      );
    const of = dependencies[origin.of]?.step ?? -1;
    return this.trace(of, origin.kind === 'part' ? origin.path.concat(path) : path);
  }

  #parts(of: readonly number[], names: readonly string[] | null, path: Path): KeyTrace | null {
    const [head, ...rest] = path;
    if (head !== undefined) {
      const at = names === null ? Number(head) : names.indexOf(String(head));
      const step = of[at];
      return step === undefined ? null : this.trace(step, rest);
    }
    const traces: KeyTrace[] = [];
    for (const step of of) {
      const trace = this.trace(step, []);
      if (trace === null) return null;
      traces.push(trace);
    }
    return joined(traces, names);
  }

  /** The items of a list, or the values of a branch; null for streamed lists, whose items come one by one. */
  #entry(layer: number, path: Path): KeyTrace | null {
    const { kind, source, stream, contributions } = nodeAt(this.#view.layers, layer);
    if (kind === 'list') return stream === null ? this.#items(source, path) : null;
    const { step } = contributions?.[this.#branchOf(layer, contributions.length)] ?? {};
    // A plan that was written by hand may lead back to where it began.
    if (step === undefined || this.#under.has(step)) return null;
    this.contributions.push(step);
    this.#under.add(step);
    const trace = this.trace(step, path);
    this.#under.delete(step);
    return trace;
  }

  #branchOf(layer: number, branches: number): number {
    const chosen = this.#chosen.get(layer);
    if (chosen !== undefined) return chosen;
    for (let other = 1; other < branches && other < MOST_WAYS; other++)
      this.#addChoice(new Map(this.#chosen).set(layer, other));
    this.#chosen.set(layer, 0);
    return 0;
  }

  #items(list: number, path: Path): KeyTrace | null {
    const { dependencies } = nodeAt(this.#view.steps, list);
    const { origin } = this.#view.instance(list);
    if (origin?.kind === 'collected') return this.trace(dependencies[origin.of]?.step ?? -1, path);
    if (origin?.kind === 'someItems' || origin?.kind === 'same')
      return this.#items(dependencies[origin.of]?.step ?? -1, path);
    if (origin?.kind === 'wrapped') {
      const [name, ...rest] = path;
      if (name !== origin.name) return null;
      return itemsOf(this.trace(dependencies[origin.of]?.step ?? -1, [origin.list]), rest);
    }
    return itemsOf(this.trace(list, []), path);
  }
}

const LISTS: ReadonlySet<StepOrigin['kind']> = new Set(['someItems', 'collected', 'wrapped']);

/** Traces the values at `path` in the items of a traced list. */
function itemsOf(found: KeyTrace | null, path: Path): KeyTrace | null {
  if (found === null || found.key.kind === 'parts') return null;
  const { source, key } = found;
  if (key.kind === 'request') return { source, root: key, lists: [[]], key: { kind: 'value', depth: 1, path } };
  const lists = [...found.lists.slice(0, key.depth), key.path];
  return { source, root: found.root, lists, key: { kind: 'value', depth: lists.length, path } };
}

function sourceOf(step: number, path: Path): KeyTrace {
  return { source: step, root: null, lists: [], key: { kind: 'value', depth: 0, path } };
}

/** A tuple of values on one way: the deepest of them is found last, the others are passed. */
function joined(traces: readonly KeyTrace[], names: readonly string[] | null): KeyTrace | null {
  let way: KeyTrace | null = null;
  for (const trace of traces) {
    if (trace.source === -1 && trace.root === null) continue;
    if (way !== null && !isSameStart(way, trace)) return null;
    const isLonger: boolean = way === null || trace.lists.length > way.lists.length;
    const known = way?.lists ?? [];
    const [short, long] = isLonger ? [known, trace.lists] : [trace.lists, known];
    if (!short.every((path, at) => JSON.stringify(path) === JSON.stringify(long[at]))) return null;
    if (isLonger) way = trace;
  }
  const { source, root, lists } = way ?? { source: -1, root: null, lists: [] };
  return { source, root, lists, key: { kind: 'parts', parts: traces.map(({ key }) => key), names } };
}

function isSameStart(one: KeyTrace, other: KeyTrace): boolean {
  return one.source === other.source && JSON.stringify(one.root) === JSON.stringify(other.root);
}
