import type { Plan } from '../plan/Plan.ts';
import type { PlanMeasurements, StepMeasurement } from '../plan/PlanMeasurements.ts';
import type { StepObserver } from '../telemetry/channels.ts';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { itemAt } from '../utils/itemAt.ts';
import { cut } from './cut.ts';

/** What a record says of one step: all its calls, and never a row. */
export interface StepRecord {
  readonly step: number;
  readonly op: string;
  readonly coordinate: string | null;
  readonly calls: number;
  /** Over how many rows it was called, all in all. */
  readonly rows: number;
  /** When its first call began, in milliseconds after the operation. */
  readonly startMs: number;
  readonly ms: number;
  /** Whether its values came later than `execute` returned. */
  readonly waited: boolean;
  /** What it says of itself: keys that were asked for, keys that were known, calls to each store. */
  readonly notes: Readonly<Record<string, number | string>>;
}

/** Numbers of one call: step, calls, rows, start, milliseconds, whether it waited, the first step that shares it. */
const WIDTH = 7;
/** With twice as many calls noted, those of one step are added up; of so many steps at most. */
const MAX_CALLS = 2000;
/** Of so many calls, those of one step are added up at the end. */
const MANY = 300;
const MAX_NOTES = 500;
/** A list has room for half as many more. */
const NUMBER_BYTES = 12;
const MAX_NAME = 300;

/** Notes the calls of one operation as numbers. Nothing is made for a row, and nothing but numbers for a call. */
export class StepCalls implements StepObserver {
  readonly #began = performance.now();
  #numbers: number[] = [];
  #notes: Map<number, Map<string, number | string>> | null = null;
  #noteCount = 0;

  onCall(steps: readonly number[], rows: number, milliseconds: number, waited: boolean): void {
    const start = performance.now() - this.#began - milliseconds;
    const first = itemAt(steps, 0);
    for (const step of steps) this.#numbers.push(step, 1, rows, start, milliseconds, waited ? 1 : 0, first);
    if (this.#numbers.length > 2 * MAX_CALLS * WIDTH) this.#numbers = addedUp(this.#numbers);
  }

  onTrace(step: number, name: string, value: number | string): void {
    this.#notes ??= new Map();
    const notes = getOrCreate(this.#notes, step, () => new Map<string, number | string>());
    const before = notes.get(name);
    if (before === undefined && this.#noteCount++ >= MAX_NOTES) return;
    if (typeof value === 'string') notes.set(cut(name, 100), cut(value, MAX_NAME));
    else notes.set(cut(name, 100), typeof before === 'number' ? before + value : value);
  }

  /** What is kept of it when the operation is over. */
  finish(plan: Plan | null): FinishedCalls {
    const numbers = this.#numbers.length > MANY * WIDTH ? addedUp(this.#numbers) : this.#numbers;
    return new FinishedCalls(numbers, this.#notes, plan);
  }
}

/** The calls of an operation that is over. */
export class FinishedCalls {
  readonly #numbers: readonly number[];
  readonly #notes: ReadonlyMap<number, ReadonlyMap<string, number | string>> | null;
  /** By step: its op and its coordinate. */
  readonly #names = new Map<number, readonly [op: string, coordinate: string | null]>();
  readonly bytes: number;

  constructor(
    numbers: readonly number[],
    notes: ReadonlyMap<number, ReadonlyMap<string, number | string>> | null,
    plan: Plan | null,
  ) {
    this.#numbers = numbers;
    this.#notes = notes;
    let bytes = 200 + NUMBER_BYTES * numbers.length;
    for (let at = 0; at < numbers.length; at += WIDTH) {
      const step = numbers[at] ?? 0;
      const node = plan?.steps[step];
      if (node === undefined || this.#names.has(step)) continue;
      this.#names.set(step, [node.op, node.coordinate]);
      bytes += 120 + 2 * (node.op.length + (node.coordinate?.length ?? 0));
    }
    for (const one of notes?.values() ?? []) {
      bytes += 200;
      for (const [name, value] of one)
        bytes += 80 + 2 * name.length + (typeof value === 'string' ? 2 * value.length : 0);
    }
    this.bytes = bytes;
  }

  get size(): number {
    return this.#names.size;
  }

  /** By step, in the order in which they began. */
  steps(): StepRecord[] {
    const numbers = addedUp(this.#numbers);
    const steps: StepRecord[] = [];
    for (let at = 0; at < numbers.length; at += WIDTH) {
      const [step = 0, calls = 0, rows = 0, startMs = 0, ms = 0, waited = 0] = numbers.slice(at, at + WIDTH);
      const [op, coordinate] = this.#names.get(step) ?? ['?', null];
      const notes = Object.fromEntries(this.#notes?.get(step) ?? []);
      steps.push({ step, op, coordinate, calls, rows, startMs, ms, waited: waited === 1, notes });
    }
    return steps.sort((a, b) => a.startMs - b.startMs || a.step - b.step);
  }

  /** The same for pages of plans, where the plan is the one that was run; null: it is another. */
  measured(plan: Plan): PlanMeasurements | null {
    for (const [step, [op, coordinate]] of this.#names) {
      const node = plan.steps[step];
      if (node?.op !== op || node.coordinate !== coordinate) return null;
    }
    const sharing = this.#sharing();
    return new Map(
      this.steps().map(({ step, calls, rows, startMs: start, ms: milliseconds, waited, notes }) => {
        const sharedWith = [...(sharing.get(step) ?? [])].filter((other) => other !== step);
        const measurement: StepMeasurement = { calls, rows, start, milliseconds, waited, sharedWith, notes };
        return [step, measurement];
      }),
    );
  }

  /** By step, the steps that had calls in common with it. */
  #sharing(): ReadonlyMap<number, ReadonlySet<number>> {
    const byFirst = new Map<number, Set<number>>();
    const bySteps = new Map<number, Set<number>>();
    for (let at = 0; at < this.#numbers.length; at += WIDTH) {
      const [step = 0, first = 0] = [this.#numbers[at], this.#numbers[at + WIDTH - 1]];
      const group = getOrCreate(byFirst, first, () => new Set<number>());
      group.add(step);
      bySteps.set(step, group);
    }
    return bySteps;
  }
}

/** One entry a step: the sums of its calls, and the earliest start. */
function addedUp(numbers: readonly number[]): number[] {
  const places = new Map<number, number>();
  const sums: number[] = [];
  for (let at = 0; at < numbers.length; at += WIDTH) {
    const [step = 0, calls = 0, rows = 0, start = 0, ms = 0, waited = 0, first = 0] = numbers.slice(at, at + WIDTH);
    const place = places.get(step);
    if (place === undefined) {
      if (places.size === MAX_CALLS) continue;
      places.set(step, sums.length);
      sums.push(step, calls, rows, start, ms, waited, first);
      continue;
    }
    sums[place + 1] = itemAt(sums, place + 1) + calls;
    sums[place + 2] = itemAt(sums, place + 2) + rows;
    sums[place + 3] = Math.min(itemAt(sums, place + 3), start);
    sums[place + 4] = itemAt(sums, place + 4) + ms;
    sums[place + 5] = Math.max(itemAt(sums, place + 5), waited);
  }
  return sums;
}
