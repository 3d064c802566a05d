import type { LinkedPlan } from '../../execution/link/LinkedPlan.ts';
import type { Request } from '../../execution/state/Request.ts';
import type { LayerNode, OutputNode, Plan, RowsNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import type { CostWeights, RequestCost } from './RequestCost.ts';
import { NO_BOUND, type RequestAnswers, RequestValues } from './RequestValues.ts';

/** The cost of one row, and of all that lies below it. */
interface BelowRow {
  readonly keys: number;
  readonly rows: number;
}

/** The cost of one value of an output. */
interface BelowValue {
  readonly leaves: number;
  readonly rows: number;
  /** The cost of its leaves and of lists without a layer, as far as the next list with one. */
  readonly own: number;
  /** The list without a layer that has most of it. */
  readonly list: FieldCost | null;
}

interface FieldCost {
  readonly coordinate: string;
  readonly cost: number;
}

const NOTHING: BelowValue = { leaves: 0, rows: 0, own: 0, list: null };

/**
 * What an operation costs at most with the variables of a request. Implements spec/13-cost.md: the formula is the plan, each of
 * whose layers, lists and steps says its part. All branches must be planned. The request gives it
 * conditions and sizes. With equal ones the cost is equal, so the last request's are kept together with its cost.
 */
export class CostFormula {
  readonly #linked: LinkedPlan;
  readonly #weights: CostWeights;
  #last: { readonly answers: RequestAnswers; readonly cost: RequestCost } | null = null;

  constructor(linked: LinkedPlan, weights: CostWeights) {
    this.#linked = linked;
    this.#weights = weights;
  }

  costOf(request: Request): RequestCost {
    const values = new RequestValues(this.#linked, request);
    if (this.#last === null || !values.equal(this.#last.answers)) {
      const cost = new CostBound(this.#linked, values, this.#weights).total();
      this.#last = { answers: values.answers, cost };
    }
    const { cost } = this.#last;
    return { ...cost, costliest: cost.costliest && { ...cost.costliest } };
  }
}

class CostBound {
  readonly #linked: LinkedPlan;
  readonly #plan: Plan;
  readonly #values: RequestValues;
  readonly #weights: CostWeights;
  /** By layer: how many rows it has at most. */
  readonly #rows: number[] = [];
  /** By layer: in how many runs its steps may be called: items of a streamed list may come one by one. */
  readonly #runs: number[] = [];
  readonly #outputs = new Map<number, BelowValue>();
  readonly #calls = new Map<number, number>();
  readonly #costs = new Map<string, number>();
  #unbounded: string | null = null;

  constructor(linked: LinkedPlan, values: RequestValues, weights: CostWeights) {
    this.#linked = linked;
    this.#plan = linked.plan;
    this.#values = values;
    this.#weights = weights;
  }

  total(): RequestCost {
    const { call, key, row, leaf } = this.#weights;
    this.#openLayers();
    const response = this.#output(this.#plan.root, '');
    const inLayers = this.#layers();
    let calls = 0;
    let inTurn = 0;
    let keys = 0;
    this.#plan.steps.forEach(({ load, coordinate }, step) => {
      if (load === null) return;
      const ownCalls = this.#callsOf(step);
      const ownKeys = this.#keysOf(step);
      calls += ownCalls;
      inTurn += this.#callsInTurn(step);
      keys += ownKeys;
      if (coordinate !== null) this.#note(coordinate, times(call, ownCalls) + times(key, ownKeys));
    });
    // Each start ahead has a key, and a request has so many of them.
    calls = Math.min(calls, inTurn + (this.#linked.source.speculation?.maxKeys ?? 0));
    // Keys that are asked for ahead of their turn are asked for whatever type their object turns out to have.
    if (this.#linked.ahead === null) keys = inLayers.keys;
    const rows = inLayers.rows + response.rows;
    const { leaves } = response;
    const cost = times(call, calls) + times(key, keys) + times(row, rows) + times(leaf, leaves);
    return { calls, keys, rows, leaves, cost: rounded(cost), costliest: this.#costliest(), unbounded: this.#unbounded };
  }

  #openLayers(): void {
    for (const layer of this.#plan.layers) {
      const outer = layer.parent === -1 ? 1 : rowAt(this.#rows, layer.parent);
      const rows = this.#isOpened(layer) ? times(outer, this.#size(layer.rows)) : 0;
      this.#rows.push(rows);
      const outerRuns = layer.parent === -1 ? 1 : rowAt(this.#runs, layer.parent);
      const isStreamed = layer.stream !== null && this.#values.holds(layer.stream.guard);
      this.#runs.push(isStreamed ? Math.max(rows, outerRuns) : outerRuns);
    }
  }

  #isOpened({ source }: LayerNode): boolean {
    return source === -1 || this.#values.holds(nodeAt(this.#plan.steps, source).guard);
  }

  /** The keys and rows of all layers. A row has one type: of the layers for types, the largest counts. */
  #layers(): BelowRow {
    const { layers, steps } = this.#plan;
    const own = layers.map(() => 0);
    steps.forEach(({ load, guard, layer }) => {
      if (load !== null && this.#values.holds(guard)) own[layer] = rowAt(own, layer) + load.keys;
    });
    const sums = layers.map((_, layer) => ({ keys: rowAt(own, layer), rows: 0 }));
    const byType = layers.map((): Map<number, BelowRow> | null => null);
    for (let id = layers.length - 1; id >= 0; id--) {
      const sum = nodeAt(sums, id);
      for (const of of byType[id]?.values() ?? []) add(sum, of, 1);
      const layer = nodeAt(layers, id);
      if (layer.parent === -1 || !this.#isOpened(layer)) continue;
      const outer = nodeAt(sums, layer.parent);
      if (layer.kind === 'list') {
        const size = this.#size(layer.rows);
        outer.rows += size;
        add(outer, sum, size);
      } else if (layer.kind === 'type') {
        const types = byType[layer.parent] ?? new Map<number, BelowRow>();
        byType[layer.parent] = types;
        const before = types.get(layer.source) ?? { keys: 0, rows: 0 };
        types.set(layer.source, {
          keys: Math.max(before.keys, sum.keys),
          rows: Math.max(before.rows, sum.rows),
        });
      } else add(outer, sum, 1);
    }
    return nodeAt(sums, 0);
  }

  #keysOf(step: number): number {
    const { load, guard, layer } = nodeAt(this.#plan.steps, step);
    if (load === null || !this.#values.holds(guard)) return 0;
    return times(rowAt(this.#rows, layer), load.keys);
  }

  #callsOf(step: number): number {
    const known = this.#calls.get(step);
    if (known !== undefined) return known;
    this.#calls.set(step, 1); // starts ahead may refer to each other
    const keys = this.#keysOf(step);
    const calls = Math.min(keys, this.#callsInTurn(step) + this.#startsAhead(step));
    this.#calls.set(step, calls);
    return calls;
  }

  /** The calls of a step that starts in its turn alone. */
  #callsInTurn(step: number): number {
    const { load, layer } = nodeAt(this.#plan.steps, step);
    const keys = this.#keysOf(step);
    if (load === null || keys === 0) return 0;
    const more = load.maxKeys === -1 ? 0 : Math.ceil(keys / Math.max(1, load.maxKeys)) - 1;
    return Math.min(keys, rowAt(this.#runs, layer) + more);
  }

  /** How often it may start ahead of its turn: as often as values come in which its keys are found. */
  #startsAhead(step: number): number {
    if (this.#linked.ahead === null) return 0;
    const sources = new Set(this.#plan.ahead.flatMap((node) => (node.step === step ? [node.source] : [])));
    let starts = 0;
    for (const source of sources) starts += source === -1 ? 1 : Math.max(1, this.#callsOf(source));
    return starts;
  }

  #output(id: number, coordinate: string): BelowValue {
    return getOrCreate(this.#outputs, id, () => this.#below(nodeAt(this.#plan.outputs, id), id, coordinate));
  }

  #below(output: OutputNode, id: number, coordinate: string): BelowValue {
    switch (output.kind) {
      case 'leaf':
      case 'typename':
        return { ...NOTHING, leaves: 1, own: this.#weights.leaf };
      case 'error':
        return NOTHING;
      case 'list':
        return this.#list(output, coordinate);
      case 'object': {
        const sum: Changing<BelowValue> = { ...NOTHING };
        for (const { guard, position, coordinate: of } of output.fields) {
          if (!this.#values.holds(guard)) continue;
          const below = this.#output(position.output, of);
          sum.leaves += below.leaves;
          sum.rows += below.rows;
          sum.own += below.own;
          sum.list = costlier(sum.list, below.list);
          if (id === this.#plan.root) this.#noteOwn(of, 1, below);
        }
        return sum;
      }
      case 'abstract': {
        let most = NOTHING;
        for (const { position } of output.branches) most = larger(most, this.#output(position.output, coordinate));
        return most;
      }
    }
  }

  #list({ layer, rows, item }: Extract<OutputNode, { kind: 'list' }>, coordinate: string): BelowValue {
    const { row } = this.#weights;
    const below = this.#output(item.output, coordinate);
    const size = this.#size(layer === -1 ? rows : nodeAt(this.#plan.layers, layer).rows);
    if (size === NO_BOUND) this.#unbounded ??= coordinate;
    const leaves = times(size, below.leaves);
    if (layer === -1) {
      const inner = below.list === null ? null : { ...below.list, cost: times(size, below.list.cost) };
      const cost = times(size, row + below.own - (below.list?.cost ?? 0));
      const list = costlier(inner, { coordinate, cost: Number.isNaN(cost) ? 0 : cost });
      return { leaves, rows: size + times(size, below.rows), own: times(size, row + below.own), list };
    }
    const items = rowAt(this.#rows, layer);
    this.#note(coordinate, times(items, row));
    this.#noteOwn(coordinate, items, below);
    return { ...NOTHING, leaves, rows: times(size, below.rows) };
  }

  #size(rows: RowsNode): number {
    switch (rows.kind) {
      case 'one':
        return 1;
      case 'unbounded':
        return NO_BOUND;
      case 'most':
        return rows.count;
      case 'value':
      case 'length':
      case 'argument':
        return this.#values.size(rows);
      case 'combined': {
        const contributions = nodeAt(this.#plan.layers, rows.layer).contributions ?? [];
        return Math.max(0, ...contributions.map((one) => this.#size(one.rows)));
      }
      case 'smallest':
        return Math.min(...rows.of.map((one) => this.#size(one)));
      case 'largest':
        return Math.max(0, ...rows.of.map((one) => this.#size(one)));
    }
  }

  /** The cost of some values, up to the next lists with a layer. Most of it may be that of a list in them. */
  #noteOwn(coordinate: string, values: number, { own, list }: BelowValue): void {
    if (list !== null) this.#note(list.coordinate, times(values, list.cost));
    const rest = own - (list?.cost ?? 0);
    this.#note(coordinate, Number.isNaN(rest) ? 0 : times(values, rest));
  }

  #note(coordinate: string, cost: number): void {
    this.#costs.set(coordinate, (this.#costs.get(coordinate) ?? 0) + cost);
  }

  #costliest(): FieldCost | null {
    let most: FieldCost | null = null;
    for (const [coordinate, cost] of this.#costs) {
      if (cost > 0) most = costlier(most, { coordinate, cost: rounded(cost) });
    }
    return most;
  }
}

type Changing<T> = { -readonly [K in keyof T]: T[K] };

function costlier(a: FieldCost | null, b: FieldCost | null): FieldCost | null {
  return a === null || (b !== null && b.cost > a.cost) ? b : a;
}

/** Sums of tenths are not exact. */
function rounded(cost: number): number {
  return Math.round(cost * 1_000) / 1_000;
}

/** Nothing of what has no bound is nothing. */
function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function add(sum: { keys: number; rows: number }, below: BelowRow, size: number): void {
  sum.keys += times(size, below.keys);
  sum.rows += times(size, below.rows);
}

function larger(a: BelowValue, b: BelowValue): BelowValue {
  const { list, own } = a.own >= b.own ? a : b;
  return { leaves: Math.max(a.leaves, b.leaves), rows: Math.max(a.rows, b.rows), own, list };
}
