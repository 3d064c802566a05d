import type { Plan } from '../../plan/Plan.ts';
import { afterMicrotasks } from '../../utils/afterMicrotasks.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { watchNested, watchPromise } from '../../utils/watchPromise.ts';
import { OwnLeaves, SAMPLES, watchData } from './OwnLeaves.ts';
import type { StepPositions, WatchedStep } from './StepPositions.ts';
import { type ReadList, ValueWatch } from './watchValue.ts';

/**
 * The values of a run that the output has not read. A promise in them would have no handler as long as the run waits for
 * something else, so they are watched when the microtasks of the turn in which they came are done (rule R27). A run that
 * is written within that turn pays nothing.
 *
 * Noted are steps whose registers were filled (`#filled` of them: an emptied list loses its room), columns that are no registers,
 * each after its step, and values, each after the output that will write it. It is armed when the run has waited for something,
 * or something in it bubbled up; then it waits in a list to be watched. `turn` counts how often values were watched, or turned
 * out to be read.
 */
export class Unwatched {
  readonly #plan: Plan;
  readonly #positions: StepPositions;
  readonly #registers: readonly unknown[];
  readonly #readList: ReadList;
  readonly #steps: number[] = [];
  #filled = 0;
  #columns: unknown[] | null = null;
  #values: unknown[] | null = null;
  #isArmed = false;
  turn = 0;
  #list: (Unwatched | null)[] | null = null;
  #place = 0;
  #wake: ((alike: AlikeRows | null) => void) | null = null;

  constructor(positions: StepPositions, registers: readonly unknown[], readList: ReadList) {
    this.#plan = positions.plan;
    this.#positions = positions;
    this.#registers = registers;
    this.#readList = readList;
  }

  step(step: number): void {
    changes++;
    this.#steps[this.#filled++] = step;
    if (this.#isArmed) this.#watchSoon();
  }

  /** Values of a step came that are not in its register, or are not yet: those that a function gives then. */
  column(step: number, values: readonly unknown[] | (() => readonly unknown[])): void {
    changes++;
    if (this.#columns === null) this.#columns = [step, values];
    else this.#columns.push(step, values);
    if (this.#isArmed) this.#watchSoon();
  }

  /** More reads of an output are known: its values are looked at again. */
  output(output: number): void {
    if (!this.#isArmed) return;
    for (const step of this.#positions.stepsOf(output)) if (this.#registers[step] !== undefined) this.step(step);
  }

  value(output: number, value: unknown): void {
    if (output === -1 || typeof value !== 'object' || value === null) return;
    changes++;
    if (this.#values === null) this.#values = [output, value];
    else this.#values.push(output, value);
    if (this.#isArmed) this.#watchSoon();
  }

  /** The output may not read all that there is, or not in this turn. */
  arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    if (this.#filled > 0 || this.#columns !== null || this.#values !== null) this.#watchSoon();
  }

  /** The output has read all that there is. */
  clear(): void {
    this.#filled = 0;
    this.#columns = null;
    this.#values = null;
    this.#leaveList();
  }

  #leaveList(): void {
    this.turn++;
    if (this.#list === null) return;
    this.#list[this.#place] = null; // a finished run is held by nobody
    while (this.#list.length > 0 && this.#list[this.#list.length - 1] === null) this.#list.pop();
    this.#list = null;
  }

  #watchSoon(): void {
    if (this.#list !== null) return;
    this.#list = waiting;
    this.#place = waiting.push(this) - 1;
    // Reading a list may run code of the application: the promise keeps the async context of this run for it.
    new Promise<AlikeRows | null>((resolve) => {
      this.#wake = resolve;
    }).then((alike) => this.#watch(alike));
    if (willWatch) return;
    willWatch = true;
    afterMicrotasks(watchWaiting);
  }

  wake(alike: AlikeRows | null): void {
    this.#wake?.(alike);
  }

  #watch(alike: AlikeRows | null): void {
    const columns = this.#columns;
    const values = this.#values;
    this.#columns = null;
    this.#values = null;
    this.#leaveList();
    const positions = this.#positions;
    const watch = new ValueWatch(positions, this.#registers, this.#readList);
    if (values !== null) {
      for (let at = 0; at < values.length; at += 2) watch.value(values[at] as number, values[at + 1]);
    }
    if (columns !== null) this.#watchColumns(columns);
    for (let at = 0; at < this.#filled; at++) {
      const step = itemAt(this.#steps, at);
      if (!positions.holdsData(step)) this.#watchColumn(watch, step, this.#columnOf(step), alike);
    }
    this.#filled = 0;
  }

  #watchColumns(columns: readonly unknown[]): void {
    const watch = new ValueWatch(this.#positions, null, this.#readList);
    for (let at = 0; at < columns.length; at += 2) {
      const step = columns[at] as number;
      const given = columns[at + 1];
      const column = (typeof given === 'function' ? given() : given) as readonly unknown[];
      if (!this.#positions.holdsData(step)) this.#watchColumn(watch, step, column, null);
    }
  }

  #columnOf(step: number): readonly unknown[] {
    const { layer } = nodeAt(this.#plan.steps, step);
    const register = this.#registers[step];
    if (nodeAt(this.#plan.layers, layer).singular) return [register];
    return Array.isArray(register) ? register : [];
  }

  #watchColumn(watch: ValueWatch, step: number, column: readonly unknown[], alike: AlikeRows | null): void {
    const watched = this.#positions.watchedIn(step);
    const { positions, keys } = watched;
    const few = column.length > SAMPLES ? null : keys;
    const leaves = few === null || alike === null ? null : getOrCreate(alike, watched, () => new OwnLeaves(few));
    for (let row = 0; row < column.length; row++) {
      const value = column[row];
      if (typeof value !== 'object' || value === null) continue;
      const isPromise = watchPromise(value, watchNested);
      if (few === null || isPromise) for (const position of positions) watch.source(position, value);
      else if (leaves === null) watchData(value, few);
    }
    leaves?.watchAll(column, null);
  }
}

/**
 * Runs whose values are to be watched; one task of the runtime serves them all. A list that is begun anew each turn: a
 * `Set` that is filled and emptied all the time leaves a chain of old tables, which keeps finished runs alive.
 */
let waiting: (Unwatched | null)[] = [];
let willWatch = false;

/** Rows of several runs of a plan that came in one turn, mostly of one call of a loader: the first of them are samples of all. */
type AlikeRows = Map<WatchedStep, OwnLeaves>;

/** The number of values that were noted, now and at the last look. */
let changes = 0;
let seen = 0;
const settled = Promise.resolve();
const lookAgain = (): void => afterMicrotasks(watchWaiting);

/**
 * Runs that have gone on may do so again in this turn, and read the values: the runtime reports no rejections as long as
 * tasks of it wait.
 */
function watchWaiting(): void {
  if (seen !== changes) {
    seen = changes;
    settled.then(lookAgain);
    return;
  }
  willWatch = false;
  const runs = waiting;
  waiting = [];
  const alike: AlikeRows | null = runs.length > 1 ? new Map() : null;
  for (const run of runs) run?.wake(alike);
}
