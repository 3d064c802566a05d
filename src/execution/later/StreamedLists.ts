import type { LayerNode, StreamNode } from '../../plan/Plan.ts';
import type { AsyncCollection, CollectOptions } from '../../utils/asyncIterables.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { fillEntry } from '../operators/fillEntry.ts';
import type { ListReading } from '../operators/ListReading.ts';
import { listFailed, openArrays } from '../operators/openList.ts';
import type { Outcome } from '../operators/Pending.ts';
import type { RunState } from '../state/RunState.ts';
import { columnIn } from '../state/rows.ts';
import type { ItemReader, Items, Readers } from './ItemReader.ts';
import { ITEMS_AT_ONCE } from './StreamBuffer.ts';

/** Later items of streamed lists: the rows of their layer in a separate run. */
export interface LaterItems {
  readonly layer: number;
  readonly items: readonly unknown[];
  /** For each item, the row of the layer's parent whose list has it. */
  readonly parentRows: Int32Array;
  /** For each item, its index in that list. */
  readonly indexes: Int32Array;
}

/** The first items of streamed lists, and readers of the rest. Null: there is no rest. */
interface FirstItems {
  readonly lists: readonly (readonly unknown[])[];
  readonly rests: (ItemReader | null)[];
}

/** Reads the lists of a run. Some are streamed. */
export class StreamedLists implements ListReading {
  readonly readers: Readers;
  /** By streamed layer and parent row, the reader of the items that are not rows of the layer. */
  readonly rests: (ItemReader | null)[][] = [];
  readonly #later: LaterItems | null;
  readonly #isEarly: boolean;

  /** `later`: these items are the rows of one layer, and no list is opened for it. `isEarly`: lists are read ahead at once. */
  constructor(readers: Readers, later: LaterItems | null, isEarly: boolean) {
    this.readers = readers;
    this.#later = later;
    this.#isEarly = isEarly;
  }

  all({ lists }: RunState, list: Iterable<unknown>, decides: Decides | null): readonly unknown[] {
    const items = this.readers.read(list, decides);
    lists.note(list, items);
    return items;
  }

  collect(_state: RunState, list: AsyncIterable<unknown>, options: CollectOptions): AsyncCollection {
    return this.readers.collect(list, options);
  }

  early(_state: RunState, list: Iterable<unknown>): readonly unknown[] {
    return this.readers.peek(list, ITEMS_AT_ONCE);
  }

  open(state: RunState, layer: number, node: LayerNode): Outcome | undefined {
    if (this.#later?.layer === layer) return openLater(state, layer, node, this.#later);
    if (node.stream === null || !state.holds(node.stream.guard)) return undefined;
    return this.#openFirst(state, layer, node, node.stream);
  }

  /** Closes the readers of lists that nothing will read further. */
  closeRests(): void {
    for (const rests of this.rests) for (const rest of rests ?? []) rest?.close();
  }

  /** Opens the layer with the first items only, and keeps readers of the rest. */
  #openFirst(state: RunState, layer: number, node: LayerNode, stream: StreamNode): Outcome {
    const values = columnIn(state, node.source, node.parent);
    const open = ({ lists, rests }: FirstItems): Outcome => {
      this.rests[layer] = rests;
      if (this.#isEarly) for (const rest of rests) readAhead(rest);
      return openArrays(state, layer, node, lists);
    };
    const first = this.#readFirst(state, layer, node, stream, values);
    if (!('promise' in first)) return open(first);
    return {
      promise: first.promise,
      onValue: open,
      onError(error) {
        first.close();
        for (const value of values) {
          if (typeof value === 'object' && value !== null) listFailed(state, layer, value, error);
        }
        return open({ lists: values.map(() => []), rests: values.map(() => null) });
      },
      onLate: first.close,
    };
  }

  /** Reads the items of the initial response. */
  #readFirst(
    state: RunState,
    layer: number,
    { entry }: LayerNode,
    stream: StreamNode,
    values: readonly unknown[],
  ): FirstItems | { readonly promise: Promise<FirstItems>; close(): void } {
    const count = initialCount(state, stream);
    const rests: (ItemReader | null)[] = new Array(values.length).fill(null);
    const lists: (readonly unknown[])[] = new Array(values.length).fill([]);
    const waiting: Promise<unknown>[] = [];
    values.forEach((value, row) => {
      const fail = (error: unknown): void => {
        rests[row]?.close();
        rests[row] = null;
        lists[row] = listFailed(state, layer, value as object, error);
      };
      const take = ({ items, isDone }: Items): unknown => {
        if (!isDone && items.length < (count ?? 0)) return rests[row]?.read(1); // the list failed: this gives its error
        lists[row] = items;
        if (isDone) rests[row] = null;
        return null;
      };
      try {
        const reader = this.readers.of(value, (item) => state.unwatched.column(entry, [item]));
        if (reader === null) return;
        if (count === null) throw new Error('initialCount must be a positive integer');
        rests[row] = reader;
        if (!reader.isAsync) {
          const isThere = Array.isArray(value) || value instanceof Set;
          state.unwatched.column(entry, isThere ? [...value] : reader.peekLater(ITEMS_AT_ONCE));
          state.unwatched.arm();
        }
        const items = reader.read(count);
        const taken = isPromiseLike(items) ? Promise.resolve(items).then(take) : take(items);
        if (isPromiseLike(taken)) waiting.push(Promise.resolve(taken).catch(fail));
      } catch (error) {
        fail(error);
      }
    });
    if (waiting.length === 0) return { lists, rests };
    const close = (): void => {
      for (const rest of rests) rest?.close();
    };
    return { promise: Promise.all(waiting).then(() => ({ lists, rests })), close };
  }
}

/** Reads items that are kept for the list's readers, and hands failures to them. */
function readAhead(rest: ItemReader | null): void {
  if (rest?.isAsync !== true) return;
  const ahead = rest.fork();
  const close = (): void => void ahead.close();
  Promise.resolve(ahead.read(ITEMS_AT_ONCE)).then(close, close);
}

function openLater(state: RunState, layer: number, node: LayerNode, later: LaterItems): Outcome {
  const { items, parentRows, indexes } = later;
  state.request.budget?.spendRows(items.length);
  state.sizes[layer] = items.length;
  state.parentRows[layer] = parentRows;
  state.itemIndexes[layer] = indexes;
  return fillEntry(state, node, items);
}

function initialCount(state: RunState, { initialCount: given, variable }: StreamNode): number | null {
  const count = variable === null ? given : (state.request.conditions[variable] ?? 0);
  return typeof count === 'number' && count >= 0 ? count : null;
}
