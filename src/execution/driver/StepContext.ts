import { liesIn } from '../../plan/layerRelations.ts';
import type { PlacedExtra, RequestFacts } from '../../step/RequestFacts.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { RowsOfName } from '../../utils/RecordDependencies.ts';
import { type ListReading, readList } from '../operators/ListReading.ts';
import type { StepCall } from '../operators/StepCall.ts';
import { RowPaths, typenameAt } from '../state/RowPaths.ts';
import type { RunState } from '../state/RunState.ts';
import { mappedRow, rowMap } from '../state/rows.ts';
import type { CancelScope } from './CancelScope.ts';

/** Takes the ids in values, by the key that these were loaded for. */
export type IdsListener = (found: (key: unknown) => unknown) => void;

const NO_TRACE = (): void => {};

/** The common facts of the calls of one run. */
export class CallFacts {
  readonly state: RunState;
  readonly scope: CancelScope;
  readonly lists: ListReading;
  #fragments: object | null = null;
  #paths: (RowPaths | undefined)[] | null = null;

  constructor(state: RunState, scope: CancelScope, lists: ListReading) {
    this.state = state;
    this.scope = scope;
    this.lists = lists;
  }

  get fragments(): object {
    const fragments: object = this.#fragments ?? Object.assign(Object.create(null), this.state.request.fragments);
    this.#fragments = fragments;
    return fragments;
  }

  pathsOf(place: number): RowPaths {
    this.#paths ??= [];
    let paths = this.#paths[place];
    if (paths === undefined) {
      const node = nodeAt(this.state.plan.places, place);
      paths = new RowPaths(this.state, node, node.parent === -1 ? null : this.pathsOf(node.parent));
      this.#paths[place] = paths;
    }
    return paths;
  }
}

/**
 * The `extra` of one call of `execute`. It belongs to that call for good: a step may use it after an
 * `await`. Costly parts are made when they are first read.
 */
export class StepContext implements PlacedExtra {
  readonly #facts: CallFacts;
  readonly #step: number;
  readonly #layer: number;
  readonly #rows: Int32Array | null;
  readonly onIds: IdsListener | null;
  /** The calls of several steps that share this one; null where it is one step's own. */
  readonly #group: readonly StepCall[] | null;
  /** The rows of the place that `pathAt` was last asked about: it is asked for row after row. */
  #rowsOf: { readonly place: number; readonly map: Int32Array | null } | null = null;

  /** A call of the step `step` (-1: none) for `rows` of `layer`; null: all of them. */
  constructor(
    facts: CallFacts,
    step: number,
    layer: number,
    rows: Int32Array | null,
    onIds: IdsListener | null,
    group: readonly StepCall[] | null = null,
  ) {
    this.#facts = facts;
    this.#step = step;
    this.#layer = layer;
    this.#rows = rows;
    this.onIds = onIds;
    this.#group = group;
  }

  // biome-ignore lint/suspicious/noExplicitAny: an application's context has the application's type
  get context(): any {
    return this.#facts.state.request.contextValue;
  }

  get rootValue(): unknown {
    return this.#facts.state.request.rootValue;
  }

  get variableValues(): unknown {
    return this.#facts.state.request.variableValues;
  }

  get request(): RequestFacts {
    return this.#facts.state.request;
  }

  get fragments(): object {
    return this.#facts.fragments;
  }

  get deadline(): number | null {
    return this.#facts.state.request.deadline;
  }

  get signal(): AbortSignal {
    return this.#facts.scope.signal;
  }

  onAbort(listener: (reason: unknown) => void): () => void {
    return this.#facts.scope.onAbort(listener);
  }

  get isOver(): boolean {
    const { state } = this.#facts;
    state.clock?.tick();
    return state.aborted !== null;
  }

  get trace(): (name: string, value: number | string) => void {
    const { observer } = this.#facts.state.request;
    if (observer === null) return NO_TRACE;
    const step = this.#step;
    return (name, value) => observer.onTrace(step, name, value);
  }

  get recordsDependencies(): boolean {
    return this.#facts.state.request.recordDependencies !== null;
  }

  get isShared(): boolean {
    return this.#group !== null;
  }

  recordDependency(key: string, row = -1): void {
    if (row === -1) return this.recordDependencies('', [key]);
    if (this.#group === null) return this.recordDependencies('', [key], () => [row]);
    const { state } = this.#facts;
    let first = 0;
    for (const { step, count, rows } of this.#group) {
      const own = row - first;
      if (own >= 0 && own < count) {
        state.request.recordDependencies?.('', [key], step.id, state, () => [mappedRow(rows, own)]);
      }
      first += count;
    }
  }

  recordDependencies(prefix: string, names: readonly string[], rowsOf: RowsOfName | null = null): void {
    const { state } = this.#facts;
    const { recordDependencies: record } = state.request;
    if (record === null) return;
    if (this.#group === null) return record(prefix, names, this.#step, state, this.#inLayer(rowsOf));
    for (const { step } of this.#group) record(prefix, names, step.id, state, null);
  }

  /** The same for rows of the layer. */
  #inLayer(rowsOf: RowsOfName | null): RowsOfName | null {
    const rows = this.#rows;
    if (rowsOf === null || rows === null) return rowsOf;
    return (at) => rowsOf(at)?.map((row) => mappedRow(rows, row)) ?? null;
  }

  shared<T>(key: unknown, create: () => T): T {
    return this.#facts.state.shared.get(key, create);
  }

  itemsOf(list: Iterable<unknown> | AsyncIterable<unknown>): readonly unknown[] | Promise<readonly unknown[]> {
    return Array.isArray(list) ? list : readList(this.#facts, list, { onItem: () => this.#facts.state.clock?.tick() });
  }

  guardHolds(guard: number): boolean {
    return this.#facts.state.holds(guard);
  }

  pathAt(place: number, row: number): unknown {
    const { state } = this.#facts;
    const callRow = mappedRow(this.#rows, row);
    const node = nodeAt(state.plan.places, place);
    // A step that was moved outwards, since all its rows are the same, has no list index.
    if (node.layer === -1 || !liesIn(state.plan, this.#layer, node.layer))
      return { prev: undefined, key: node.key, typename: typenameAt(state, node, this.#layer, callRow) };
    if (this.#rowsOf?.place !== place) this.#rowsOf = { place, map: rowMap(state, this.#layer, node.layer) };
    return this.#facts.pathsOf(place).at(mappedRow(this.#rowsOf.map, callRow));
  }
}
