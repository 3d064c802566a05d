import type { LayerNode, StreamNode } from '../../plan/Plan.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { ItemReader, Items, Readers } from '../incremental/ItemReader.ts';
import type { Run } from '../Run.ts';

/** The first items of lists that are streamed, and what reads the others: null where there are none. */
export interface FirstItems {
  readonly lists: readonly (readonly unknown[])[];
  readonly rests: (ItemReader | null)[];
}

type Failed = (list: object, error: unknown) => readonly unknown[];

/** Whether a layer's lists are streamed in this request. */
export function isStreamed(run: Run, { stream }: LayerNode): boolean {
  return stream !== null && run.readers !== null && run.holds(stream.guard);
}

/** Reads as many items as the initial response has. Null while they are awaited: `onItems` is told of them. */
export function readFirstItems(
  run: Run,
  node: LayerNode,
  values: readonly unknown[],
  failed: Failed,
): FirstItems | { readonly promise: Promise<FirstItems>; close(): void } {
  const count = initialCount(run, node.stream as StreamNode);
  const rests: (ItemReader | null)[] = new Array(values.length).fill(null);
  const lists: (readonly unknown[])[] = new Array(values.length).fill([]);
  const waiting: Promise<void>[] = [];
  values.forEach((value, row) => {
    const fail = (error: unknown): void => {
      rests[row]?.close();
      rests[row] = null;
      lists[row] = failed(value as object, error);
    };
    const take = ({ items, isDone }: Items): void => {
      lists[row] = items;
      if (isDone) rests[row] = null;
    };
    try {
      const reader = (run.readers as Readers).of(value);
      if (reader === null) return;
      if (count === null) throw new Error('initialCount must be a positive integer');
      rests[row] = reader;
      const items = reader.read(count);
      if (isPromiseLike(items)) waiting.push(Promise.resolve(items).then(take, fail));
      else take(items);
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

function initialCount(run: Run, { initialCount: given, variable }: StreamNode): number | null {
  const count = variable === null ? given : (run.request.conditions[variable] ?? 0);
  return typeof count === 'number' && count >= 0 ? count : null;
}
