import type { Plan } from '../plan/Plan.ts';
import type { PlanMeasurements, StepMeasurement } from '../plan/PlanMeasurements.ts';
import type { StepObserver } from '../telemetry/channels.ts';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { itemAt } from '../utils/itemAt.ts';
import { cut } from './cut.ts';
import { type StepNames, stepNamesOf } from './StepNames.ts';

/** The record of one step: all its calls, and never a row. */
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
  /** Its own notes: keys that were asked for, keys that were known, calls to each store. */
  readonly notes: Readonly<Record<string, number | string>>;
}

/** Numbers of one call: step, calls, rows, start, milliseconds, whether it waited, the first step that shares it. */
const WIDTH = 7;
/** With twice as many calls noted, those of one step are added up; of so many steps at most. */
const MAX_CALLS = 2000;
/** Of so many calls, those of one step are added up at the end. */
const MANY = 300;
/** With twice as many noted, notes of one name are added up; of so many names at most. */
const MAX_NOTES = 500;
/** A list has room for half as many more. */
const NUMBER_BYTES = 12;
const NOTE_BYTES = 3 * NUMBER_BYTES;
const MAX_NAME = 300;

/** The notes of steps, of each step and name once or more: three entries a note. */
type Notes = (number | string)[];

/**
 * The calls of one operation, as numbers in the order in which they came. Nothing is made for a row, and no object for a call:
 * records are made of it when a page asks for them.
 */
export class StepCalls implements StepObserver {
  readonly #began: number;
  #numbers: number[] = [];
  #notes: Notes = [];
  #names: StepNames = stepNamesOf(null);

  constructor(began: number = performance.now()) {
    this.#began = began;
  }

  onCall(steps: readonly number[], rows: number, milliseconds: number, waited: boolean, started: number): void {
    const first = itemAt(steps, 0);
    const start = started - this.#began;
    for (const step of steps) this.#numbers.push(step, 1, rows, start, milliseconds, waited ? 1 : 0, first);
    if (this.#numbers.length > 2 * MAX_CALLS * WIDTH) this.#numbers = addedUp(this.#numbers);
  }

  onTrace(step: number, name: string, value: number | string): void {
    this.#notes.push(step, cut(name, 100), typeof value === 'string' ? cut(value, MAX_NAME) : value);
    if (this.#notes.length > 2 * MAX_NOTES * 3) this.#notes = notesAddedUp(this.#notes);
  }

  /** The operation is over: returns how many bytes it keeps. */
  finish(plan: Plan | null): number {
    this.#names = stepNamesOf(plan);
    if (this.#numbers.length > MANY * WIDTH) this.#numbers = addedUp(this.#numbers);
    if (this.#notes.length > MAX_NOTES * 3) this.#notes = notesAddedUp(this.#notes);
    let bytes = 300 + NUMBER_BYTES * this.#numbers.length + this.#names.bytes;
    for (let at = 0; at < this.#notes.length; at += 3) {
      const [name, value] = [this.#notes[at + 1], this.#notes[at + 2]];
      bytes += NOTE_BYTES + 2 * lengthOf(name) + 2 * lengthOf(value);
    }
    return bytes;
  }

  /** How many steps were called. */
  get size(): number {
    return addedUp(this.#numbers).length / WIDTH;
  }

  /** By step, in the order in which they began. */
  steps(): StepRecord[] {
    const numbers = addedUp(this.#numbers);
    const notesOf = byStep(this.#notes);
    const steps: StepRecord[] = [];
    for (let at = 0; at < numbers.length; at += WIDTH) {
      const [step = 0, calls = 0, rows = 0, startMs = 0, ms = 0, waited = 0] = numbers.slice(at, at + WIDTH);
      const [op, coordinate] = [this.#names.op(step), this.#names.coordinate(step)];
      const notes = Object.fromEntries(notesOf.get(step) ?? []);
      steps.push({ step, op, coordinate, calls, rows, startMs, ms, waited: waited === 1, notes });
    }
    return steps.sort((a, b) => a.startMs - b.startMs || a.step - b.step);
  }

  /** The same for pages of plans, where the plan is the one that was run; null: it is another. */
  measured(plan: Plan): PlanMeasurements | null {
    const steps = this.steps();
    for (const { step, op, coordinate } of steps) {
      const node = plan.steps[step];
      if (this.#names.has(step) && (node?.op !== op || node.coordinate !== coordinate)) return null;
    }
    const sharing = this.#sharing();
    return new Map(
      steps.map(({ step, calls, rows, startMs: start, ms: milliseconds, waited, notes }) => {
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

function lengthOf(value: number | string | undefined): number {
  return typeof value === 'string' ? value.length : 0;
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

/** By step and name: the sum of the numbers, or the last text. */
function byStep(notes: Notes): ReadonlyMap<number, ReadonlyMap<string, number | string>> {
  const steps = new Map<number, Map<string, number | string>>();
  let count = 0;
  for (let at = 0; at < notes.length; at += 3) {
    const [step, name, value] = [Number(notes[at]), String(notes[at + 1]), notes[at + 2] ?? 0];
    const own = getOrCreate(steps, step, () => new Map<string, number | string>());
    const before = own.get(name);
    if (before === undefined && count++ >= MAX_NOTES) continue;
    own.set(name, typeof value === 'number' && typeof before === 'number' ? before + value : value);
  }
  return steps;
}

function notesAddedUp(notes: Notes): Notes {
  return [...byStep(notes)].flatMap(([step, own]) => [...own].flatMap(([name, value]) => [step, name, value]));
}
