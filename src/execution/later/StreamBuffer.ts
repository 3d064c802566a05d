import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { Items } from './ItemReader.ts';

/** The maximum number of items of a list that are buffered, and executed at once. */
export const ITEMS_AT_ONCE = 100;

interface BufferedItem {
  readonly item: unknown;
  /** False while it is a promise that has not settled. */
  isThere: boolean;
}

/** The progress of a stream, with the items that were read and not yet executed. No item waits for a later one. */
export class StreamBuffer {
  /** The index of the first item that is not executed. */
  index: number;
  isReading = false;
  isWriting = false;
  /** How the list ended. Null: it has not. */
  end: { readonly failure: unknown } | 'done' | null = null;
  readonly #items: BufferedItem[] = [];
  readonly #onThere: () => void;

  /** `onThere` is called when a promise among the items has settled. */
  constructor(index: number, onThere: () => void) {
    this.index = index;
    this.#onThere = onThere;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** How many items may be read. */
  get room(): number {
    return ITEMS_AT_ONCE - this.#items.length;
  }

  /** Whether the next item can be executed. */
  get isReady(): boolean {
    return this.#items[0]?.isThere === true;
  }

  /** Whether all items that were read can be executed. */
  get isSettled(): boolean {
    return this.#items.every(({ isThere }) => isThere);
  }

  add({ items, isDone }: Items): void {
    for (const item of items) this.#items.push(this.#buffered(item));
    if (isDone) this.end = 'done';
  }

  /** The items that can be executed, up to the first that cannot. */
  takeReady(): unknown[] {
    const pending = this.#items.findIndex(({ isThere }) => !isThere);
    return this.#items.splice(0, pending === -1 ? this.#items.length : pending).map(({ item }) => item);
  }

  /** The list ends here, even if more of it was read. */
  fail(failure: unknown): void {
    this.#items.length = 0;
    this.end = { failure };
  }

  #buffered(item: unknown): BufferedItem {
    if (!isPending(item)) return { item, isThere: true };
    // A thenable may begin its work whenever `then` is called: it is called here only.
    const buffered = { item: Promise.resolve(item), isThere: false };
    const settle = (): void => {
      buffered.isThere = true;
      this.#onThere();
    };
    buffered.item.then(settle, settle);
    return buffered;
  }
}

function isPending(item: unknown): item is PromiseLike<unknown> {
  try {
    return isPromiseLike(item);
  } catch {
    return false; // A getter or proxy threw. It is that item's error.
  }
}
