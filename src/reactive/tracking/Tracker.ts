import { AsyncLocalStorage } from 'node:async_hooks';
import type { RecordDependency } from '../../execution/state/Request.ts';
import type { RunState } from '../../execution/state/RunState.ts';
import type { StepNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { type DependencyKey, toKey } from '../keys/dependencyKeys.ts';
import { type Position, positionsOf } from './positionsOf.ts';

/** What a part of a response depends on. */
export interface Dependencies {
  /** `full`: all that was read is in `groups`. `partial`: some sources recorded nothing. `overflow`: there is too much. */
  readonly status: 'full' | 'partial' | 'overflow';
  /** By position, in the order in which they were met; the whole operation is at `''`. */
  readonly groups: ReadonlyMap<Position, ReadonlySet<DependencyKey>>;
}

/** Code that runs for a request, within a step (-1: none). */
interface Scope {
  readonly tracker: Tracker;
  readonly step: number;
}

const scopes = new AsyncLocalStorage<Scope>();

/** The scope of the code that runs now, where its request records what it depends on. */
export function currentTracker(): Tracker | null {
  return scopes.getStore()?.tracker ?? null;
}

/** Takes what is read where no step records it; null where nobody asked. */
export function ambientRecorder(): ((key: string) => void) | null {
  const scope = scopes.getStore();
  return scope === undefined ? null : (key) => scope.tracker.note(toKey(key), scope.step);
}

/**
 * Says, from a resolver or anything that it calls, that the response depends on a key. Nothing happens where nobody asked
 * for dependencies. It may be called before the data is read, or after.
 */
export function dependsOn(key: DependencyKey): void {
  ambientRecorder()?.(key);
}

/** The steps of planql that read nothing themselves, though they may wait. What others read nobody else records. */
const NO_SOURCES =
  /^(entry|pent(\..+)?|authorize|visible|present|ofType|leaveOut|resolveType|isTypeOf|checkType|connection(\..+)?|node|arguments|applyInput|lambda|sideEffect|listen)$/;

/** Notes what one request reads, by step: nothing is done for rows or cells. */
export class Tracker {
  readonly #maxKeys: number;
  readonly #runs = new Map<RunState, Map<number, Set<DependencyKey>>>();
  /** What was read outside of loads, by resolvers say: caches of theirs may answer other fields, too. */
  readonly #anywhere = new Set<DependencyKey>();
  readonly #notedBy = new Set<number>();
  readonly #all = new Set<DependencyKey>();
  /** What the request has written. */
  readonly invalidated: Set<DependencyKey> = new Set();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get keys(): ReadonlySet<DependencyKey> {
    return this.#all;
  }

  readonly record: RecordDependency = (recorded, step, _row, run) => {
    const key = toKey(recorded);
    this.#all.add(key);
    const bySteps = getOrCreate(this.#runs, run as RunState, () => new Map<number, Set<DependencyKey>>());
    const known = bySteps.get(step);
    if (known === undefined) bySteps.set(step, new Set([key]));
    else known.add(key);
  };

  readonly around = <T>(step: number, call: () => T): T => scopes.run({ tracker: this, step }, call);

  /** Notes a key that something in a step has read. */
  note(key: DependencyKey, step: number): void {
    this.#all.add(key);
    this.#anywhere.add(key);
    this.#notedBy.add(step);
  }

  /** Runs what belongs to the request. */
  run<T>(call: () => T): T {
    return this.around(-1, call);
  }

  dependencies(): Dependencies {
    if (this.#all.size > this.#maxKeys) return OVERFLOW;
    const groups = new Map<Position, Set<DependencyKey>>();
    const put = (at: Position, keys: Iterable<DependencyKey>): void => {
      const known = groups.get(at) ?? new Set();
      groups.set(at, known);
      for (const key of keys) known.add(key);
    };
    if (this.#anywhere.size > 0) put('', this.#anywhere);
    let status: Dependencies['status'] = this.#all.size === 0 ? 'partial' : 'full';
    for (const [run, bySteps] of this.#runs) {
      const positions = positionsOf(run.plan, new Set(bySteps.keys()), (guard) => run.holds(guard));
      if (positions === null) return OVERFLOW;
      for (const [step, all] of positions) for (const at of all) put(at, bySteps.get(step) ?? []);
      if (this.#hasSilentSource(run, bySteps)) status = 'partial';
    }
    return { status, groups: below(groups) };
  }

  /** Whether something was read of which nothing was recorded. */
  #hasSilentSource(run: RunState, bySteps: ReadonlyMap<number, unknown>): boolean {
    return run.plan.steps.some(
      (step, id) => isSource(step) && hasRun(run, step) && !bySteps.has(id) && !this.#notedBy.has(id),
    );
  }
}

const OVERFLOW: Dependencies = { status: 'overflow', groups: new Map() };

function isSource({ op, isSync, hasSideEffects }: StepNode): boolean {
  return !isSync && !hasSideEffects && !NO_SOURCES.test(op);
}

function hasRun(run: RunState, { layer, guard }: StepNode): boolean {
  return (run.sizes[layer] ?? 0) > 0 && run.holds(guard);
}

/** A key that is at a position is not repeated at positions below it. */
function below(groups: ReadonlyMap<Position, Set<DependencyKey>>): ReadonlyMap<Position, ReadonlySet<DependencyKey>> {
  const kept = new Map<Position, ReadonlySet<DependencyKey>>();
  for (const [at, keys] of groups) {
    const own = new Set([...keys].filter((key) => !above(at).some((higher) => groups.get(higher)?.has(key))));
    if (own.size > 0) kept.set(at, own);
  }
  return kept;
}

function above(at: Position): readonly Position[] {
  if (at === '') return [];
  const parts = at.split('.');
  return parts.map((_, length) => parts.slice(0, length).join('.'));
}
