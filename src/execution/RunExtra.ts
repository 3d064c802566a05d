import { liesIn } from '../plan/layerRelations.ts';
import type { PlaceNode } from '../plan/Plan.ts';
import type { PlacedExtra, RequestFacts } from '../step/RequestFacts.ts';
import { mappedRow, rowMap } from './layers/rows.ts';
import { RowPaths } from './RowPaths.ts';
import type { Run } from './Run.ts';

const NO_TRACE = (): void => {};

/** What steps of a run are given beside their values. Parts that cost something are made when first asked for. */
export class RunExtra implements PlacedExtra {
  readonly #run: Run;
  #controller: AbortController | null = null;
  #shared: Map<unknown, unknown> | null = null;
  /** By place. */
  #paths: (RowPaths | undefined)[] | null = null;
  /** The layer and the rows of the call that is being made: valid until `execute` returns. */
  callLayer = 0;
  callRows: Int32Array | null = null;
  callStep = -1;

  constructor(run: Run) {
    this.#run = run;
  }

  // biome-ignore lint/suspicious/noExplicitAny: an application's context has the application's type
  get context(): any {
    return this.#run.request.contextValue;
  }

  get rootValue(): unknown {
    return this.#run.request.rootValue;
  }

  get variableValues(): unknown {
    return this.#run.request.variableValues;
  }

  get request(): RequestFacts {
    return this.#run.request;
  }

  get deadline(): number | null {
    return this.#run.request.deadline;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#run.aborted !== null) this.#controller.abort(this.#run.aborted.error);
    }
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#run.aborted !== null;
  }

  abortSignal(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  get trace(): (name: string, value: number | string) => void {
    const { observer } = this.#run.request;
    if (observer === null) return NO_TRACE;
    const step = this.callStep;
    return (name, value) => observer.onTrace(step, name, value);
  }

  get recordsDependencies(): boolean {
    return this.#run.request.recordDependency !== null;
  }

  recordDependency(key: string): void {
    this.#run.request.recordDependency?.(key);
  }

  shared<T>(key: unknown, create: () => T): T {
    const { outer } = this.#run;
    if (outer !== null) return outer.extra.shared(key, create);
    this.#shared ??= new Map();
    let value = this.#shared.get(key);
    if (value === undefined) {
      value = create();
      this.#shared.set(key, value);
    }
    return value as T;
  }

  /** The next mutation field reads afresh: what was loaded before it may have changed (rule R19). */
  forgetShared(): void {
    this.#run.outer?.extra.forgetShared();
    this.#shared = null;
  }

  guardHolds(guard: number): boolean {
    return this.#run.holds(guard);
  }

  pathAt(place: number, row: number): unknown {
    const callRow = mappedRow(this.callRows, row);
    const node = this.#run.linked.plan.places[place] as PlaceNode;
    // What was moved out of its place, since it is the same in all its rows, has no list index to tell.
    if (node.layer === -1 || !liesIn(this.#run.linked.plan, this.callLayer, node.layer))
      return { prev: undefined, key: node.key, typename: node.typename };
    const map = rowMap(this.#run, this.callLayer, node.layer);
    return this.#pathsOf(place).at(mappedRow(map, callRow));
  }

  #pathsOf(place: number): RowPaths {
    this.#paths ??= [];
    let paths = this.#paths[place];
    if (paths === undefined) {
      const node = this.#run.linked.plan.places[place] as PlaceNode;
      paths = new RowPaths(this.#run, node, node.parent === -1 ? null : this.#pathsOf(node.parent));
      this.#paths[place] = paths;
    }
    return paths;
  }
}
