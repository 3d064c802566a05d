import { AsyncLocalStorage } from 'node:async_hooks';
import type { RecordStepDependencies } from '../../execution/state/Request.ts';
import type { RunState } from '../../execution/state/RunState.ts';
import type { Plan, StepNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { DependencyKey } from '../keys/dependencyKeys.ts';
import { type Position, positionsOf } from './positionsOf.ts';

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
export function ambientRecorder(): ((prefix: string, names: readonly string[]) => void) | null {
  const scope = scopes.getStore();
  return scope === undefined ? null : (prefix, names) => scope.tracker.note(prefix, names, scope.step);
}

/**
 * Says, from a resolver or anything that it calls, that the response depends on a key. Nothing happens where nobody asked
 * for dependencies. It may be called before the data is read, or after.
 */
export function dependsOn(key: DependencyKey): void {
  ambientRecorder()?.('', [key]);
}

/** The steps of planql that read nothing themselves, though they may wait. What others read nobody else records. */
const NO_SOURCES =
  /^(entry|pent(\..+)?|authorize|visible|present|ofType|leaveOut|resolveType|isTypeOf|checkType|connection(\..+)?|node|arguments|applyInput|lambda|sideEffect|listen)$/;

/** What steps said at once: `prefix` before each name is a key. */
export interface DependencyColumn {
  readonly prefix: string;
  readonly names: Iterable<string>;
}

/** What belongs to one position of the response. */
export interface PositionColumns {
  readonly at: Position;
  readonly columns: readonly DependencyColumn[];
}

/** What a response depends on. */
export interface Dependencies {
  /** `full`: all that was read is in `groups`. `partial`: some sources recorded nothing. `overflow`: there is too much. */
  readonly status: 'full' | 'partial' | 'overflow';
  /** In the order in which they were met. Keys may be there twice. The whole operation is at `''`. */
  readonly groups: readonly PositionColumns[];
}

/** Notes what one request reads, by step, as it is told: nothing is done for keys, rows or cells. */
export class Tracker {
  readonly #runs = new Map<RunState, Map<number, DependencyColumn[]>>();
  /** What was read outside of loads, by resolvers say: caches of theirs may answer other fields, too. */
  readonly #anywhere = new Map<string, Set<string>>();
  readonly #notedBy = new Set<number>();
  /** What the request has written. */
  readonly invalidated: Set<DependencyKey> = new Set();

  readonly record: RecordStepDependencies = (prefix, names, step, run) => {
    if (names.length === 0) return;
    const bySteps = getOrCreate(this.#runs, run as RunState, () => new Map<number, DependencyColumn[]>());
    const known = bySteps.get(step);
    if (known === undefined) bySteps.set(step, [{ prefix, names }]);
    else known.push({ prefix, names });
  };

  readonly around = <T>(step: number, call: () => T): T => scopes.run({ tracker: this, step }, call);

  /** Notes keys that something in a step has read. */
  note(prefix: string, names: readonly string[], step: number): void {
    const known = getOrCreate(this.#anywhere, prefix, () => new Set<string>());
    for (const name of names) known.add(name);
    this.#notedBy.add(step);
  }

  /** Runs what belongs to the request. */
  run<T>(call: () => T): T {
    return this.around(-1, call);
  }

  dependencies(): Dependencies {
    const groups = new Map<Position, DependencyColumn[]>();
    if (this.#anywhere.size > 0)
      groups.set(
        '',
        [...this.#anywhere].map(([prefix, names]) => ({ prefix, names })),
      );
    let isFull = this.#anywhere.size > 0 || this.#runs.size > 0;
    for (const [run, bySteps] of this.#runs) {
      const positions = positionsOf(run.plan, new Set(bySteps.keys()), (guard) => run.holds(guard));
      if (positions === null) return OVERFLOW;
      for (const [step, all] of positions) {
        for (const at of all) getOrCreate(groups, at, () => []).push(...(bySteps.get(step) ?? []));
      }
      isFull &&= !this.#hasSilentSource(run, bySteps);
    }
    return { status: isFull ? 'full' : 'partial', groups: [...groups].map(([at, columns]) => ({ at, columns })) };
  }

  /** Whether something was read of which nothing was recorded. */
  #hasSilentSource(run: RunState, bySteps: ReadonlyMap<number, unknown>): boolean {
    return sourcesOf(run.plan).some(([id, step]) => hasRun(run, step) && !bySteps.has(id) && !this.#notedBy.has(id));
  }
}

const OVERFLOW: Dependencies = { status: 'overflow', groups: [] };

const sources = new WeakMap<readonly StepNode[], { readonly steps: number; readonly found: Sources }>();
type Sources = ReadonlyArray<readonly [id: number, step: StepNode]>;

/** The steps of a plan that may read something. Plans grow. */
function sourcesOf({ steps }: Plan): Sources {
  let known = sources.get(steps);
  if (known?.steps !== steps.length) {
    known = { steps: steps.length, found: [...steps.entries()].filter(([, step]) => isSource(step)) };
    sources.set(steps, known);
  }
  return known.found;
}

function isSource({ op, isSync, hasSideEffects }: StepNode): boolean {
  return !isSync && !hasSideEffects && !NO_SOURCES.test(op);
}

function hasRun(run: RunState, { layer, guard }: StepNode): boolean {
  return (run.sizes[layer] ?? 0) > 0 && run.holds(guard);
}
