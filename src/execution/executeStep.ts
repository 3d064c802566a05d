import { PlanqlError } from '../errors/PlanqlError.ts';
import type { DependencyNode } from '../plan/Plan.ts';
import { Failure, isSignal } from '../step/signals.ts';
import { stepChannel } from '../telemetry/channels.ts';
import { counting, type TimedCall } from '../telemetry/counting.ts';
import { closeAsync, isAsyncIterable } from '../utils/asyncIterables.ts';
import { groupBy } from '../utils/groupBy.ts';
import { inspect } from '../utils/inspect.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import { Later } from '../utils/Later.ts';
import { valueKey } from '../utils/valueKey.ts';
import { columnIn, gather, mappedRow, rowMap } from './layers/rows.ts';
import type { LinkedStep } from './link/LinkedPlan.ts';
import type { Run, Waiter } from './Run.ts';
import type { RunExtra } from './RunExtra.ts';
import { SettledColumn, type Settling, settleColumn } from './settleColumn.ts';

/** One call of `execute` that is about to be made for one step. */
interface Prepared {
  readonly step: LinkedStep;
  readonly count: number;
  readonly values: readonly unknown[];
  /** The rows that take part; null for all. */
  readonly rows: Int32Array | null;
  /** For rows that do not take part, why. */
  readonly signals: readonly unknown[] | null;
}

const NO_ROWS: readonly unknown[] = [];

/** Reading this many values takes less than a look at the clock. */
const SHORT = 50;

/** Executes one step over all rows of its layer. */
export function executeStep(run: Run, step: LinkedStep): void {
  const prepared = prepare(run, step);
  if (prepared !== null) call(run, [prepared], prepared.count, prepared.values);
  else run.finish(step.task);
}

/** Executes steps that may share a call: those whose global values are equal do. */
export function executeBatch(run: Run, steps: readonly LinkedStep[]): void {
  const prepared: Prepared[] = [];
  const idle: LinkedStep[] = [];
  for (const step of steps) {
    const own = prepare(run, step);
    if (own === null) idle.push(step);
    else prepared.push(own);
  }
  const groups = steps.length === 1 ? [prepared] : groupBy(prepared, globalsKey).values();
  for (const group of groups) {
    const [only] = group;
    if (only === undefined) continue;
    if (group.length === 1) call(run, group, only.count, only.values);
    else call(run, group, sum(group), joinValues(group));
  }
  for (const step of idle) run.finish(step.task);
}

function globalsKey({ step, values }: Prepared): string {
  let key = '';
  step.inputs.forEach(({ kind }, index) => {
    if (kind === 'global') key += `${valueKey(values[index])}|`;
  });
  return key;
}

function sum(group: readonly Prepared[]): number {
  return group.reduce((total, { count }) => total + count, 0);
}

function joinValues(group: readonly Prepared[]): unknown[] {
  const first = group[0] as Prepared;
  const { inputs } = first.step;
  return first.values.map((value, index) =>
    inputs[index]?.kind === 'global' ? value : group.flatMap(({ values }) => values[index] as readonly unknown[]),
  );
}

/** Gathers what a step needs. Null when it has nothing to do: its register is then already as it should be. */
function prepare(run: Run, step: LinkedStep): Prepared | null {
  const { node, singular, inputs } = step;
  if (step.isEntry) return null;
  const size = run.sizes[node.layer] as number;
  if (size === 0 || !run.holds(node.guard)) {
    run.registers[step.id] = singular ? undefined : NO_ROWS;
    return null;
  }
  if (run.aborted !== null) {
    storeAll(run, step, size, new Failure(run.aborted.error));
    return null;
  }
  const signals = signalsOf(run, step, size);
  const values = inputs.map((dependency) => dependencyValue(run, dependency, node.layer));
  if (signals === null) return { step, count: size, values, rows: null, signals: null };
  return prepareDense(run, step, size, values, signals);
}

/** Leaves out the rows that are over (rule R11): `execute` gets shorter lists, without holes. */
function prepareDense(
  run: Run,
  step: LinkedStep,
  size: number,
  values: readonly unknown[],
  signals: readonly unknown[],
): Prepared | null {
  const kept: number[] = [];
  for (let row = 0; row < size; row++) if (signals[row] === undefined) kept.push(row);
  if (kept.length === 0) {
    run.registers[step.id] = step.singular ? signals[0] : signals;
    run.hasSignals[step.id] = true;
    run.noteLoss(step.id);
    return null;
  }
  const rows = Int32Array.from(kept);
  const dense = step.inputs.map(({ kind }, index) =>
    kind === 'global' ? values[index] : gather(values[index] as readonly unknown[], rows),
  );
  return { step, count: rows.length, values: dense, rows, signals };
}

function dependencyValue(run: Run, dependency: DependencyNode, layer: number): unknown {
  switch (dependency.kind) {
    case 'global':
      return run.registers[dependency.step];
    case 'collect':
      return collect(run, dependency, layer);
    default:
      return columnIn(run, dependency.step, layer);
  }
}

/** For each row the list of what a step yields in the rows of a list layer below; a `Failure` where there is no list. */
function collect(run: Run, { step, layer: below }: DependencyNode, layer: number): unknown[] {
  const column = columnIn(run, step, below);
  const offsets = run.offsets[below] as Int32Array;
  const parent = run.linked.plan.layers[below]?.parent as number;
  const map = rowMap(run, layer, parent);
  const size = run.sizes[layer] as number;
  const lists = new Array<unknown>(size);
  // A list that threw while it was read has no rows: its failure stands in its place.
  const source = run.linked.plan.layers[below]?.source as number;
  const sources = run.listFailures === null ? null : columnIn(run, source, parent);
  for (let row = 0; row < size; row++) {
    const parentRow = mappedRow(map, row);
    lists[row] = column.slice(offsets[parentRow], offsets[parentRow + 1]);
    if (sources !== null) lists[row] = run.listFailures?.get(sources[parentRow] as object) ?? lists[row];
  }
  return lists;
}

/** For each row the first failure or exit among its dependencies; null when there is none at all. */
function signalsOf(run: Run, step: LinkedStep, size: number): unknown[] | null {
  let signals: unknown[] | null = null;
  for (const dependency of step.node.dependencies) {
    if (dependency.accepts || run.hasSignals[dependency.step] !== true) continue;
    const column = columnIn(run, dependency.step, step.node.layer);
    for (let row = 0; row < size; row++) {
      const value = column[row];
      if (!isSignal(value)) continue;
      signals ??= new Array<unknown>(size).fill(undefined);
      signals[row] ??= value;
    }
  }
  return signals;
}

function call(run: Run, group: readonly Prepared[], count: number, values: readonly unknown[]): void {
  const first = group[0] as Prepared;
  const { extra } = run;
  extra.callLayer = first.step.node.layer;
  extra.callRows = first.rows;
  extra.callStep = first.step.id;
  const { isSync } = first.step.node;
  const timed = run.request.observer !== null || (counting.isOn && !isSync) ? counting.begin() : null;
  if (timed === null && counting.isOn && (count > SHORT || !first.step.instance.isPure)) counting.forgetTime();
  let result: unknown;
  try {
    // What computes in memory is not told of: telling would cost more than it does.
    const isTold = stepChannel.isHeard && !isSync;
    result = isTold ? traceCall(run, group, count, values) : execute(first, count, values, extra);
  } catch (error) {
    if (timed !== null) failTimed(run, group, count, timed);
    return store(run, group, failed(count, error));
  }
  if (timed !== null) counting.called(timed);
  if (Array.isArray(result) && result.length === count) {
    const settled = first.step.instance.isGiven ? new SettledColumn(result, false) : settleColumn(result);
    if (!(settled instanceof Later)) {
      if (timed !== null) endTimed(run, group, count, timed);
      return store(run, group, settled);
    }
    return run.wait(settled, new PendingCall(run, group, count, timed));
  }
  if (isPromiseLike(result)) {
    if (!isSync) {
      const later = result instanceof Later ? result : Promise.resolve(result);
      return run.wait(later, new PendingCall(run, group, count, timed));
    }
    result.then(undefined, () => undefined); // nobody waits for it
  }
  if (timed !== null) endTimed(run, group, count, timed);
  store(run, group, failed(count, malformed(first.step, count, result)));
}

function execute({ step }: Prepared, count: number, values: readonly unknown[], extra: RunExtra): unknown {
  return step.instance.execute(count, values as never, extra);
}

function traceCall(run: Run, group: readonly Prepared[], count: number, values: readonly unknown[]): unknown {
  const first = group[0] as Prepared;
  const { op, coordinate } = first.step.node;
  const { operationName } = run.linked.plan;
  const message = { op, coordinate, operationName, rows: count, steps: group.length };
  return stepChannel.trace(message, () => execute(first, count, values, run.extra));
}

/** A call is over that somebody times: who counts, or who looks at this request. */
function endTimed(run: Run, group: readonly Prepared[], count: number, timed: TimedCall): void {
  const { op, isSync } = (group[0] as Prepared).step.node;
  const milliseconds = counting.end(timed, isSync ? null : op, count);
  const { observer } = run.request;
  if (observer === null) return;
  const steps = group.map(({ step }) => step.id);
  observer.onCall(steps, count, milliseconds);
}

function failTimed(run: Run, group: readonly Prepared[], count: number, timed: TimedCall): void {
  const { op, isSync } = (group[0] as Prepared).step.node;
  counting.called(timed);
  if (!isSync) counting.failure('step', op);
  endTimed(run, group, count, timed);
}

/** What a step's promise gave: a list of values, of which some may be promises. */
function settleList(step: LinkedStep, count: number, list: unknown): Settling {
  if (Array.isArray(list) && list.length === count) return settleColumn(list);
  return failed(count, malformed(step, count, list));
}

function failed(count: number, error: unknown): SettledColumn {
  return new SettledColumn(new Array<unknown>(count).fill(new Failure(error)), true);
}

function malformed({ node }: LinkedStep, count: number, result: unknown): PlanqlError {
  const place = node.coordinate === null ? '' : ` (planned for ${node.coordinate})`;
  const rows = `${count} ${count === 1 ? 'row' : 'rows'}`;
  const [seen, remedy] = isPromiseLike(result)
    ? ['a promise', 'says isSync: it must return its list at once']
    : [
        Array.isArray(result) ? `a list of ${result.length}` : inspect(result),
        'must return a list with one entry a row',
      ];
  return new PlanqlError('MALFORMED_RESULT', `Step ${node.op}${place} returned ${seen} for ${rows}. It ${remedy}.`);
}

/**
 * A call that is under way: it ends when its values are there, or when the run is aborted, whichever comes first. One
 * promise a call, that of the step, unless there are promises in its list.
 */
class PendingCall implements Waiter<unknown> {
  readonly #run: Run;
  readonly #group: readonly Prepared[];
  readonly #count: number;
  readonly #timed: TimedCall | null;

  constructor(run: Run, group: readonly Prepared[], count: number, timed: TimedCall | null) {
    this.#run = run;
    this.#group = group;
    this.#count = count;
    this.#timed = timed;
  }

  onValue(list: unknown): void {
    const settled = this.#settle(list);
    if (settled instanceof SettledColumn) return this.#end(settled);
    this.#run.wait(settled, this);
    this.#run.end(null);
  }

  onError(error: unknown): void {
    if (this.#timed !== null) counting.failure('step', (this.#group[0] as Prepared).step.node.op);
    this.#end(failed(this.#count, error));
  }

  onLate(list: unknown): void {
    const settled = this.#settle(list);
    if (settled instanceof SettledColumn) closeIterators(settled);
    else settled.whenThere(closeIterators);
  }

  #settle(list: unknown): Settling {
    if (list instanceof SettledColumn) return list;
    return settleList((this.#group[0] as Prepared).step, this.#count, list);
  }

  #end(column: SettledColumn): void {
    if (this.#timed !== null) endTimed(this.#run, this.#group, this.#count, this.#timed);
    scatter(this.#run, this.#group, column);
    this.#run.endMany(this.#group);
    // The next turn has its own time.
    counting.forgetTime();
  }
}

/** Values that come after the run was aborted are nobody's: what they hold open is closed. */
function closeIterators({ column }: SettledColumn): void {
  for (const value of column) if (isAsyncIterable(value)) closeAsync(value);
}

function store(run: Run, group: readonly Prepared[], column: SettledColumn): void {
  scatter(run, group, column);
  for (const { step } of group) run.finish(step.task);
}

/** Puts results back to their steps and rows. */
function scatter(run: Run, group: readonly Prepared[], { column, hasSignals, hasNulls }: SettledColumn): void {
  let start = 0;
  // What was loaded before an effect may have been changed by it (rule R19).
  if (group[0]?.step.node.hasSideEffects) run.extra.forgetShared();
  for (const { step, count, rows, signals } of group) {
    const own = group.length === 1 ? column : column.slice(start, start + count);
    start += count;
    if (hasSignals || hasNulls || signals !== null) run.noteLoss(step.id);
    if (rows === null || signals === null) {
      run.registers[step.id] = step.singular ? own[0] : own;
      if (hasSignals) run.hasSignals[step.id] = true;
      continue;
    }
    const full = signals.slice();
    for (let row = 0; row < count; row++) full[rows[row] as number] = own[row];
    run.registers[step.id] = full;
    run.hasSignals[step.id] = true;
  }
}

/** Puts the same value in all rows of a step. */
export function storeAll(run: Run, step: LinkedStep, size: number, value: unknown): void {
  run.registers[step.id] = step.singular ? value : new Array<unknown>(size).fill(value);
  run.hasSignals[step.id] = true;
}
