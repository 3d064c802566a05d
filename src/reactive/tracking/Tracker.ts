import { AsyncLocalStorage } from 'node:async_hooks';
import type { RecordStepDependencies } from '../../execution/state/Request.ts';
import type { RunState } from '../../execution/state/RunState.ts';
import { columnIn } from '../../execution/state/rows.ts';
import type { StepNode } from '../../plan/Plan.ts';
import { isSignal } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { type DependencyKey, toKey } from '../keys/dependencyKeys.ts';
import { throttledPrefix } from '../keys/ThrottleRules.ts';
import { byKind, ColumnsByPosition, type ObjectsAtPosition, type ObjectsPart } from './ColumnsByPosition.ts';
import type { DependencyColumn, PositionColumns } from './columns.ts';
import { type FieldRules, NO_FIELD_RULES } from './FieldRules.ts';
import { ownedBy } from './ownedBy.ts';
import type { Position } from './Place.ts';
import { placesOf } from './placesOf.ts';

/** Code that runs for a request, within a step (-1: none). */
interface CodeScope {
  readonly tracker: Tracker;
  readonly step: number;
  /** Whether its reads are not recorded. */
  readonly isOff: boolean;
}

const scopes = new AsyncLocalStorage<CodeScope>();

/** The scope of the code that runs now. Code may go on behind its request: then it has none. */
function openScope(): CodeScope | undefined {
  const scope = scopes.getStore();
  return scope?.tracker.isOver === true ? undefined : scope;
}

/** The tracker of the code that runs now, where its request records its dependencies. */
export function currentTracker(): Tracker | null {
  return openScope()?.tracker ?? null;
}

/**
 * Records reads that no step records; null where dependencies were not asked for.
 *
 * @param isOfStep - whether nothing but the step that runs now depends on them.
 */
export function ambientRecorder(isOfStep = false): ((prefix: string, names: readonly string[]) => void) | null {
  const scope = openScope();
  if (scope === undefined || scope.isOff) return null;
  const { tracker, step } = scope;
  return (prefix, names) => tracker.note(prefix, names, step, isOfStep);
}

/**
 * Records, from a resolver or a function that it calls, that the response depends on a key. Does nothing where nobody
 * asked for dependencies. It may be called before the data is read, or after.
 */
export function dependsOn(key: DependencyKey): void {
  ambientRecorder()?.('', [key]);
}

/** Calls a function without recording its reads: changes of what it read are not told. Spec 11.3.8. */
export function withoutReactivity<T>(call: () => T): T {
  const scope = openScope();
  if (scope === undefined) return call();
  scope.tracker.note('', [], scope.step);
  return scopes.run({ ...scope, isOff: true }, call);
}

/** The dependencies of a response. */
export interface Dependencies {
  /** `full`: all that was read is in `groups`. `partial`: some sources recorded nothing. `overflow`: there is too much. */
  readonly status: 'full' | 'partial' | 'overflow';
  /** In the order in which they were met. Keys may be there twice. The whole operation is at `''`. */
  readonly groups: readonly PositionColumns[];
}

/** Notes the reads of one request, by step, as they are recorded: no work is done for keys, rows or cells. */
export class Tracker {
  readonly #runs = new Map<RunState, Map<number, DependencyColumn[]>>();
  /** Reads outside of loads, by resolvers say: caches of theirs may answer other fields, too. */
  readonly #anywhere = new Map<string, Set<string>>();
  /** By step: reads of planql's own privacy rules, which concern nothing else. */
  readonly #ofSteps = new Map<number, Map<string, Set<string>>>();
  readonly #notedBy = new Set<number>();
  readonly #rules: FieldRules;
  /** The response was described: nothing is recorded any more. */
  isOver = false;
  /** The keys that the request has changed. */
  readonly invalidated: Set<DependencyKey> = new Set();

  constructor(rules: FieldRules = NO_FIELD_RULES) {
    this.#rules = rules;
  }

  readonly record: RecordStepDependencies = (prefix, names, step, run, rowsOf) => {
    if (this.isOver) return;
    const bySteps = getOrCreate(this.#runs, run as RunState, () => new Map<number, DependencyColumn[]>());
    const known = bySteps.get(step);
    // No names: the step says that it has read nothing.
    if (known === undefined) bySteps.set(step, names.length === 0 ? [] : [{ prefix, names, rowsOf }]);
    else if (names.length > 0) known.push({ prefix, names, rowsOf });
  };

  readonly around = <T>(step: number, call: () => T): T => scopes.run({ tracker: this, step, isOff: false }, call);

  /** Notes keys that something in a step has read. `isOfStep`: nothing but the step depends on them. */
  note(prefix: string, names: readonly string[], step: number, isOfStep = false): void {
    if (this.isOver) return;
    const place = isOfStep ? getOrCreate(this.#ofSteps, step, () => new Map<string, Set<string>>()) : this.#anywhere;
    const known = getOrCreate(place, prefix, () => new Set<string>());
    for (const name of names) known.add(name);
    this.#notedBy.add(step);
  }

  /** Runs code of the request. */
  run<T>(call: () => T): T {
    return this.around(-1, call);
  }

  /** The arguments that an engine must be given. */
  get args(): { readonly recordDependencies: RecordStepDependencies; readonly around: Tracker['around'] } {
    return { recordDependencies: this.record, around: this.around };
  }

  /**
   * The dependencies of the response. It is asked once: later reads do not concern the response. `objectsAt` gives the objects
   * that it has at a position, which are told apart by their ids; `place` maps positions of the run operation to those of the
   * response. `part`: the wanted objects of a position.
   */
  dependencies(
    objectsAt: ObjectsAtPosition,
    place: (at: Position) => Position = itself,
    part: ObjectsPart | null = null,
  ): Dependencies {
    const all = this.#dependencies(objectsAt, place, part, false);
    // Promises and timers of the request hold the tracker, some for longer than the request takes: not its data, too.
    this.isOver = true;
    this.#runs.clear();
    this.#forgetNotes();
    return all;
  }

  /** The same for notes since the last call: a response of several parts describes each part. */
  nextDependencies(objectsAt: ObjectsAtPosition): Dependencies {
    const taken = this.#dependencies(objectsAt, itself, null, true);
    this.#forgetNotes();
    for (const bySteps of this.#runs.values()) for (const columns of bySteps.values()) columns.length = 0;
    return taken;
  }

  #dependencies(
    objectsAt: ObjectsAtPosition,
    place: (at: Position) => Position,
    part: ObjectsPart | null,
    isPart: boolean,
  ): Dependencies {
    const groups = new ColumnsByPosition(place);
    const hiding = this.#hidingSteps();
    for (const [prefix, names] of this.#anywhere) groups.add('', { prefix, names });
    for (const [step, notes] of this.#ofSteps) {
      if (!hiding.has(step)) for (const [prefix, names] of notes) groups.add('', { prefix, names });
    }
    let isFull = this.#notedBy.size > 0 || this.#runs.size > 0;
    for (const [run, bySteps] of this.#runs) {
      const steps: number[] = [];
      for (const [step, columns] of bySteps) if (columns.length > 0) steps.push(step);
      for (const step of hiding) if (!steps.includes(step)) steps.push(step);
      const { places, sources } = placesOf(run, steps, this.#rules);
      if (places === null) return OVERFLOW;
      for (const [step, ofStep] of places) {
        const columns = byKind(bySteps.get(step) ?? []);
        for (const { at, everyMs, shown, owner, secrecy } of ofStep) {
          for (const column of columns) {
            if (everyMs > 0) groups.add(at, throttled(column, everyMs));
            else groups.add(at, column, shown, isPart ? null : ownedBy(run, step, owner, column), secrecy);
          }
          if (!hiding.has(step)) continue;
          // Where an object is shown or not, all that is there is concerned.
          for (const [prefix, names] of this.#ofSteps.get(step) ?? []) {
            groups.add(at, everyMs > 0 ? throttled({ prefix, names }, everyMs) : { prefix, names });
          }
        }
      }
      isFull &&= !this.#hasSilentSource(run, sources, isPart);
    }
    return { status: isFull ? 'full' : 'partial', groups: groups.finish(objectsAt, part) };
  }

  /** The steps that may hide objects, and have read something to decide that. Empty after several runs: a read does not tell its run. */
  #hidingSteps(): ReadonlySet<number> {
    const [run, ...others] = this.#runs.keys();
    if (run === undefined || others.length > 0) return new Set();
    const { steps } = run.plan;
    return new Set([...this.#ofSteps.keys()].filter((step) => step !== -1 && HIDES.test(itemAt(steps, step).op)));
  }

  #forgetNotes(): void {
    this.#anywhere.clear();
    this.#ofSteps.clear();
  }

  /** Whether something was read and not recorded. `isPart`: some of the layers may wait for their steps. */
  #hasSilentSource(run: RunState, sources: readonly number[], isPart: boolean): boolean {
    return sources.some((id) => {
      const node = itemAt(run.plan.steps, id);
      return (
        hasRun(run, node) &&
        !(isPart && run.registers[id] === undefined) &&
        !this.#notedBy.has(id) &&
        !this.#hasRecorded(id) &&
        !isWithoutKeys(run, node)
      );
    });
  }

  /** All runs of a tracker are of one plan. */
  #hasRecorded(step: number): boolean {
    for (const bySteps of this.#runs.values()) if (bySteps.has(step)) return true;
    return false;
  }
}

/** Throttled fields have names of their own for their keys. */
function throttled({ prefix, names }: DependencyColumn, everyMs: number): DependencyColumn {
  const start = throttledPrefix(everyMs);
  return prefix === '' ? { prefix: start, names: Array.from(names, toKey) } : { prefix: start + prefix, names };
}

/** Steps of planql that decide whether the viewer sees objects. */
const HIDES = /^pent(\.(visible|page|count|methodPage))?$/;

const LOADS = /^load(One|Many)$/;

const itself = (at: Position): Position => at;

const OVERFLOW: Dependencies = { status: 'overflow', groups: [] };

/** Whether a load had nothing to load: none of the objects has the link, say. */
function isWithoutKeys(run: RunState, { op, dependencies: [key], layer }: StepNode): boolean {
  if (!LOADS.test(op) || key === undefined) return false;
  if (run.registers[key.step] === undefined) return true; // where positions are read, not all steps run
  return columnIn(run, key.step, layer).every((value) => value === null || value === undefined || isSignal(value));
}

function hasRun(run: RunState, { layer, guard }: StepNode): boolean {
  return (run.sizes[layer] ?? 0) > 0 && run.holds(guard);
}
