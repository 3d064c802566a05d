import type { ShownPage } from '../../../src/kvetch/reads/shownPage.ts';
import type { StepOrigin } from '../../../src/step/ahead/StepOrigin.ts';
import { flag, type ParamShapes, textOrNull } from '../../../src/step/paramShapes.ts';
import { FORWARDED, ITEM, isItem, type ReadPath } from '../../../src/step/reads.ts';
import { type Entry, type MaxRows, Step } from '../../../src/step/Step.ts';
import { writeListCursor } from './listCursors.ts';

/** One entry of a connection. */
export interface ListEdge<TNode = unknown> {
  readonly node: TNode;
  readonly cursor: string | null;
  /** The data that a plain edge was added with. */
  readonly data: unknown;
}

type Page = ShownPage<{ readonly id: string }>;

/** Represents the edges of a page. Yields lists of `{ node, cursor, data }`; unread parts of them are not made. */
export class ListEdgesStep<TNode = unknown> extends Step<ReadonlyArray<ListEdge<TNode> | Error> | null> {
  static override readonly op = 'kvetch.connectionEdges';
  static override readonly paramShapes: ParamShapes = { mark: textOrNull, cursors: flag };
  override readonly isSync = true;
  declare params: { readonly mark: string | null; readonly cursors: boolean } & Record<string, unknown>;
  /** Plan time only. */
  #readsCursors = false;

  constructor($page: Step, mark: string | null) {
    super();
    this.addDependency($page, FORWARDED);
    this.params = { mark, cursors: false };
  }

  override get origin(): StepOrigin {
    return { kind: 'wrapped', of: 0, list: 'objects', name: 'node' };
  }

  override authorizedAs([head, name, ...rest]: ReadPath): ReadonlySet<string> | null {
    return head === ITEM && name === 'node' ? this.dependency(0).authorizedAs(['objects', ITEM, ...rest]) : null;
  }

  override noteRead([head, name, ...rest]: ReadPath): void {
    if (head !== undefined && !isItem(head)) return;
    const $page = this.dependency(0);
    if (name === undefined || name === 'node') $page.noteRead(['objects', ITEM, ...rest]);
    if (name === undefined || name === 'cursor' || name === 'data') $page.noteRead(['entries']);
    if (name === undefined || name === 'cursor') this.#readsCursors = true;
  }

  override deduplicatedWith(peer: Step): void {
    if (this.#readsCursors && peer instanceof ListEdgesStep) peer.#readsCursors = true;
  }

  override finalize(): void {
    this.params = { ...this.params, cursors: this.#readsCursors };
  }

  override maxRows(path: ReadPath): MaxRows {
    return path.length === 0 ? this.dependency(0).maxRows(['objects']) : null;
  }

  override execute(
    _count: number,
    [pages]: readonly [ReadonlyArray<Page | null>],
  ): ReadonlyArray<Entry<ReadonlyArray<ListEdge<TNode> | Error>>> {
    const { mark, cursors } = this.params;
    return pages.map((page) => {
      if (page === null || page === undefined) return null;
      const { objects, entries } = page;
      const count = Math.max(objects.length, entries.length);
      const edges = new Array<ListEdge<TNode> | Error>(count);
      for (let at = 0; at < count; at++) {
        const node = objects[at] ?? null;
        const entry = entries[at];
        if (node instanceof Error) edges[at] = node;
        else {
          const cursor = cursors && entry !== undefined ? writeListCursor(entry.cursor, mark) : null;
          edges[at] = { node: node as TNode, cursor, data: entry?.data ?? null };
        }
      }
      return edges;
    });
  }
}
