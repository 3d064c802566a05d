import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import { isSignal } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan, LinkedStep } from '../link/LinkedPlan.ts';
import type { AheadLoad, LinkedAhead, SpeculationLimits } from '../link/linkAhead.ts';
import type { RunState } from '../state/RunState.ts';
import { SearchedValues } from './SearchedValues.ts';

/** So many keys tell whether it pays. */
const SAMPLE = 64;
const NOTHING: readonly unknown[] = [];
/** For how many occasions a load that did not pay starts in its turn. */
const REST = 64;

/** The parts of a run's driver that starting ahead needs. */
export interface AheadHost {
  readonly linked: LinkedPlan;
  readonly state: RunState;
  isDone(step: number): boolean;
  /** Whether the step is to run in this run, as far as that is decided. */
  isWanted(step: number): boolean;
  contextOf(step: LinkedStep): ExecuteExtra;
  readEarly(list: Iterable<unknown>): readonly unknown[];
}

/**
 * Starts loads before their turn in one run: when their keys are there, be it in values of a step that has run or of one
 * that was started ahead itself. The results are for the load steps alone. Implements spec/10-loads.md.
 */
export class AheadStarts {
  readonly #host: AheadHost;
  readonly #ahead: LinkedAhead;
  readonly #limits: SpeculationLimits;
  /** The loads that have had their turn: keys that they did not ask for are not needed. */
  readonly #begun = new Set<number>();
  /** How many keys were started for loads that have not had their turn. */
  readonly #started = new Map<number, Map<AheadLoad, number>>();
  /** The searched values, by source. */
  readonly #searched = new Map<number, SearchedValues>();
  /** The values that depend on the request alone. */
  readonly #given = new Map<number, unknown>();
  /** Values in which keys may be found when nothing else can run. */
  #pending: { readonly source: number; readonly values: readonly unknown[] }[] = [];

  constructor(host: AheadHost, ahead: LinkedAhead, limits: SpeculationLimits) {
    this.#host = host;
    this.#ahead = ahead;
    this.#limits = limits;
    if (ahead.atOnce.length > 0) this.#pending.push({ source: -1, values: [null] });
  }

  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /** A step has its turn: its early loads are needed now, or never. */
  began(step: number): void {
    this.#begun.add(step);
    const started = this.#started.get(step);
    if (started !== undefined) for (const [load, count] of started) load.started += count;
  }

  /** The values of a step are there. */
  settled(step: number): void {
    if (!this.#ahead.bySource.has(step)) return;
    const { registers } = this.#host.state;
    const column = registers[step];
    const isList = this.#host.linked.steps[step]?.singular === false;
    this.#pending.push({ source: step, values: isList ? (column as readonly unknown[]) : [column] });
  }

  /** Whether loads wait for the ids in a step's values before these are there. */
  wantsIds(step: number): boolean {
    return this.#ahead.bySource.get(step)?.some(({ early }) => early) === true;
  }

  /** The ids in a step's values are known. */
  foundIds(step: number, values: readonly unknown[]): void {
    const searched = this.#searchedOf(step);
    searched.toldIds(values, nodeAt(this.#host.linked.steps, step).instance.startsAhead?.idsOf ?? null);
    for (const load of this.#loadsFrom(step)) {
      if (load.early && !this.#begin(load, values)) searched.leaveOut(load);
    }
  }

  drop(): void {
    this.#pending = [];
  }

  /** Starts all loads whose keys are there. */
  flush(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { source, values } of pending) this.#startFrom(source, values);
  }

  /** Mostly values come twice, when a load that was started ahead ends and in its turn: each is searched once. */
  #startFrom(source: number, values: readonly unknown[]): void {
    const loads = this.#loadsFrom(source);
    if (source === -1) {
      for (const load of loads) this.#begin(load, values);
      return;
    }
    if (loads.length === 0) return;
    const searched = this.#searchedOf(source);
    const others = searched.others(values);
    for (const load of loads) {
      const own = searched.hasLeftOut(load) ? values : others;
      if (own.length === 0 || (load.early && searched.knowsIdsIn(load, own))) continue;
      if (!this.#begin(load, own)) searched.leaveOut(load);
    }
  }

  /** The loads whose keys are in the values of a step. Where answers come at once, nothing is gained by starting them. */
  #loadsFrom(source: number): readonly AheadLoad[] {
    const loads = source === -1 ? this.#ahead.atOnce : (this.#ahead.bySource.get(source) ?? []);
    const { contextValue } = this.#host.state.request;
    return loads.filter(({ starts }) => !starts.answersAtOnce(contextValue));
  }

  #searchedOf(source: number): SearchedValues {
    return getOrCreate(this.#searched, source, () => new SearchedValues());
  }

  /** False: it did not look for keys, and may do so another time. */
  #begin(load: AheadLoad, values: readonly unknown[]): boolean {
    const { state } = this.#host;
    const { step } = load;
    const budget = state.shared.get(AheadStarts, () => ({ left: this.#limits.maxKeys }));
    if (state.aborted !== null || budget.left <= 0 || this.#begun.has(step.id)) return false;
    if (!this.#host.isWanted(step.id) || !state.holds(step.node.guard) || !this.#pays(load)) return false;
    const keys = this.#search(() => load.keysIn(values, (of) => this.#requestValue(of)), NOTHING);
    if (keys.length === 0) return true;
    const globals = this.#search(() => load.globals.map((of) => this.#requestValue(of)), null);
    if (globals === null || globals.some(isSignal)) return false;
    const extra = this.#host.contextOf(step);
    const isSource = this.#ahead.bySource.has(step.id);
    const onIds =
      isSource && this.wantsIds(step.id) ? (some: readonly unknown[]) => this.foundIds(step.id, some) : null;
    const readEarly = (list: Iterable<unknown>): readonly unknown[] => this.#host.readEarly(list);
    const started = load.starts.start({ keys, globals, extra, owner: load, limit: budget.left, onIds, readEarly });
    budget.left -= started.count;
    const counts = getOrCreate(this.#started, step.id, () => new Map<AheadLoad, number>());
    counts.set(load, (counts.get(load) ?? 0) + started.count);
    if (started.isAtOnce && started.count > 0) load.rest = REST;
    if (!isSource) return true;
    if (isPromiseLike(started.values)) void started.values.then((found) => this.#startFrom(step.id, found));
    else this.#startFrom(step.id, started.values);
    return true;
  }

  /** An error is found out by the step itself, in its turn. */
  #search<T, TNone>(run: () => T, none: TNone): T | TNone {
    try {
      return run();
    } catch {
      return none;
    }
  }

  /** Whether enough of its recent early loads were needed. Learnt for the plan, over all requests. */
  #pays(load: AheadLoad): boolean {
    if (load.rest > 0) {
      load.rest--;
      return false;
    }
    if (load.started < SAMPLE) return true;
    const wasted = 1 - load.used / load.started;
    load.started = load.used = 0;
    if (wasted <= this.#limits.maxWaste) return true;
    load.rest = REST;
    return false;
  }

  /** The value of a step that depends on the request alone, though it may not have had its turn. */
  #requestValue(step: number): unknown {
    const { linked, state } = this.#host;
    const { instance, node, singular } = nodeAt(linked.steps, step);
    if (singular && this.#host.isDone(step)) return state.registers[step];
    if (this.#given.has(step)) return this.#given.get(step);
    const values = node.dependencies.map(({ kind, step: of }) => {
      const value = this.#requestValue(of);
      return kind === 'global' ? value : [value];
    });
    const signal = values.flat().find(isSignal);
    const [value] =
      signal === undefined
        ? (instance.execute(1, values, this.#host.contextOf(nodeAt(linked.steps, step))) as readonly unknown[])
        : [signal];
    this.#given.set(step, value);
    return value;
  }
}
