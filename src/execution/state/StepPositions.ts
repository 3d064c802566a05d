import type { AbstractOutput, LayerNode, ObjectOutput, Plan, PositionNode } from '../../plan/Plan.ts';
import type { Step } from '../../step/Step.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { type OwnReads, ownReads } from './ownReads.ts';

/** The parts of a step's values that are watched before the output reads them. */
export interface WatchedStep {
  readonly positions: readonly PositionNode[];
  /** The only properties that are looked at; null where there is more. */
  readonly keys: readonly string[] | null;
}

type InstanceOf = (step: number) => Pick<Step, 'origin' | 'startsAhead'>;

const NONE: readonly PositionNode[] = [];
const NO_STEPS: ReadonlySet<number> = new Set();

/** The op of the step that yields its value if it is of an object type. */
const CHECKS = 'isTypeOf';

/**
 * By step the positions that read from its register, and may find more there than the step's own entry. It belongs to the
 * linked plan: in a `WeakMap` by plans it would keep the nodes of each until the next full collection (decision engine-plan-cache).
 * Parts that a plan has gained are added at the next question.
 */
export class StepPositions {
  readonly plan: Plan;
  readonly #byStep = new Map<number, PositionNode[]>();
  /** By output the steps whose registers hold its values. */
  readonly #readSteps = new Map<number, Set<number>>();
  readonly #ownReads = new Map<ObjectOutput, OwnReads>();
  /** By the entry of a layer that combines: the steps of its contributions. */
  readonly #parts = new Map<number, number[]>();
  /** The abstract outputs, and how many of the branches of each were looked at. */
  readonly #abstracts = new Map<AbstractOutput, number>();
  /** By step whether no promise is in its values, as far as it is known. */
  #data: boolean[] = [];
  /** By step; filled in when it is asked for. */
  #watched: WatchedStep[] = [];
  readonly #instanceOf: InstanceOf;
  #outputs = 0;
  #isUpToDate = false;

  constructor(plan: Plan, instanceOf: InstanceOf) {
    this.plan = plan;
    this.#instanceOf = instanceOf;
  }

  of(step: number): readonly PositionNode[] {
    this.#update();
    return this.#byStep.get(step) ?? NONE;
  }

  watchedIn(step: number): WatchedStep {
    this.#update();
    const known = this.#watched[step];
    if (known !== undefined) return known;
    const positions = this.#byStep.get(step) ?? NONE;
    const watched = { positions, keys: this.#onlyKeys(positions) };
    this.#watched[step] = watched;
    return watched;
  }

  /** The keys of leaves that lie in the very values that some positions read from; null where there is more in them. */
  #onlyKeys(positions: readonly PositionNode[]): readonly string[] | null {
    const keys = new Set<string>();
    for (const { read, output } of positions) {
      const node = this.plan.outputs[output];
      if (read.path.length === 1 && node?.kind === 'leaf') keys.add(read.path[0] as string);
      else if (read.path.length > 0 || node?.kind !== 'object') return null;
      else {
        const { leaves, others } = this.ownReads(node);
        if (others.length > 0) return null;
        for (const key of leaves) keys.add(key);
      }
    }
    return [...keys];
  }

  /** The steps whose registers hold an output's values. */
  stepsOf(output: number): ReadonlySet<number> {
    this.#update();
    return this.#readSteps.get(output) ?? NO_STEPS;
  }

  /** Whether no promise is in a step's values: they come from a store, and only parts of them are taken. */
  holdsData(step: number): boolean {
    this.#update();
    const known = this.#data[step];
    if (known !== undefined) return known;
    this.#data[step] = false;
    const holds = this.#findData(step);
    this.#data[step] = holds;
    return holds;
  }

  #findData(step: number): boolean {
    const { op, dependencies, layer } = nodeAt(this.plan.steps, step);
    if (op === 'entry') {
      const { kind, source, stream, contributions } = nodeAt(this.plan.layers, layer);
      if (kind === 'list') return stream === null && this.holdsData(source);
      return contributions?.every(({ step: of }) => this.holdsData(of)) ?? false;
    }
    const { startsAhead, origin } = this.#instanceOf(step);
    if (startsAhead?.givesData === true) return true;
    if (origin === null || (origin.kind === 'same' && origin.isMade)) return false;
    if (origin.kind === 'parts') return dependencies.every(({ step: of }) => this.holdsData(of));
    const of = dependencies[origin.of]?.step ?? -1;
    return of !== -1 && this.holdsData(of);
  }

  /** The reads of an object output's fields in its own value. */
  ownReads(node: ObjectOutput): OwnReads {
    return getOrCreate(this.#ownReads, node, () => ownReads(this.plan, node));
  }

  /** The plan has grown. */
  grow(): void {
    this.#isUpToDate = false;
  }

  #update(): void {
    if (this.#isUpToDate) return;
    this.#isUpToDate = true;
    this.#data = [];
    this.#watched = [];
    const { outputs, layers } = this.plan;
    for (const { entry, contributions } of layers) if (contributions !== null) this.#addParts(entry, contributions);
    for (; this.#outputs < outputs.length; this.#outputs++) {
      const node = nodeAt(outputs, this.#outputs);
      if (node.kind === 'object') for (const { position } of node.fields) this.#add(position);
      else if (node.kind === 'list') this.#add(node.item, layers[node.layer]?.entry);
      else if (node.kind === 'abstract') this.#abstracts.set(node, 0);
    }
    for (const [node, known] of this.#abstracts) {
      for (let index = known; index < node.branches.length; index++) this.#add(nodeAt(node.branches, index).position);
      if (known < node.branches.length) this.#abstracts.set(node, node.branches.length);
    }
  }

  /** The contributions of an abstract position's types are complete when the last of them is there. */
  #addParts(entry: number, contributions: NonNullable<LayerNode['contributions']>): void {
    const parts = getOrCreate(this.#parts, entry, () => [] as number[]);
    for (let index = parts.length; index < contributions.length; index++) {
      const { step } = nodeAt(contributions, index);
      parts.push(step);
      for (const position of this.#byStep.get(entry)?.slice() ?? NONE) this.#addAt(step, position);
    }
  }

  #add(position: PositionNode, own = -1): void {
    const { path } = position.read;
    const step = position.read.step === -1 ? own : position.read.step;
    const kind = this.plan.outputs[position.output]?.kind;
    if (step === -1 || (path.length === 0 && (kind === 'leaf' || kind === 'typename' || kind === 'error'))) return;
    this.#addAt(step, position);
  }

  #addAt(step: number, position: PositionNode): void {
    getOrCreate(this.#byStep, step, () => [] as PositionNode[]).push(position);
    getOrCreate(this.#readSteps, position.output, () => new Set<number>()).add(step);
    // A step that only checks its value yields it later, or never.
    const node = nodeAt(this.plan.steps, step);
    if (node.op === CHECKS) this.#addAt(nodeAt(node.dependencies, 0).step, position);
    for (const part of this.#parts.get(step) ?? []) this.#addAt(part, position);
  }
}
