import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED, isItem, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import { Failure, fail, isSignal } from '../../src/step/signals.ts';
import { type LoaderSource, loaderSource } from '../load/LoaderSource.ts';
import type { LoaderLike } from '../load/loader.ts';
import { cursorShapes, encodeCursor } from './cursors.ts';
import { ofRows } from './PageStep.ts';
import type { Page } from './window.ts';

/** One row of a connection. */
export interface Edge<TNode = unknown> {
  readonly node: TNode;
  readonly cursor: string | null;
}

// biome-ignore lint/suspicious/noExplicitAny: loaders of any types have cursors
type CursorLoader = LoaderLike<any, any, any> | null;

/** Represents the edges of a page. Yields lists of `{ node, cursor }`; the cursors are made only when they are read. */
export class EdgesStep<TNode = unknown> extends Step<ReadonlyArray<Edge<TNode>> | null> {
  static override readonly op = 'connection.edges';
  static override readonly paramShapes: ParamShapes = cursorShapes;
  override readonly isSync = true;
  declare params: { readonly loader?: CursorLoader; readonly cursors?: boolean };
  /** Plan time only. */
  #readsCursors = false;

  constructor($page: Step, loader: CursorLoader) {
    super();
    this.addDependency($page, FORWARDED);
    this.params = loader === null ? {} : { loader };
  }

  override noteRead([head, name, ...rest]: ReadPath): void {
    if (head !== undefined && !isItem(head)) return;
    if (name === undefined || name === 'cursor') this.#readCursors();
    if (name === undefined) this.dependency(0).noteRead(ofRows([]));
    else if (name === 'node') this.dependency(0).noteRead(ofRows(rest));
  }

  #readCursors(): void {
    this.#readsCursors = true;
    // A loader may make its cursors of any attributes.
    if (this.params.loader !== undefined) this.dependency(0).noteRead(ofRows([]));
  }

  override deduplicatedWith(peer: Step): void {
    if (this.#readsCursors && peer instanceof EdgesStep) peer.#readsCursors = true;
  }

  override finalize(): void {
    this.params = { ...this.params, cursors: this.#readsCursors };
  }

  override maxRows([item, name, ...rest]: ReadPath): MaxRows {
    if (item === undefined) return this.dependency(0).maxRows(['rows']);
    return name === 'node' ? this.dependency(0).maxRows(ofRows(rest)) : null;
  }

  override execute(
    count: number,
    [pages]: readonly [ReadonlyArray<Page | null>],
  ): ReadonlyArray<Entry<ReadonlyArray<Edge<TNode>>>> {
    const { loader, cursors = false } = this.params;
    const source = loader == null ? null : loaderSource(loader);
    const results = new Array<Entry<ReadonlyArray<Edge<TNode>>>>(count);
    for (let row = 0; row < count; row++) {
      const page = pages[row];
      if (page === null || page === undefined) {
        results[row] = null;
        continue;
      }
      try {
        results[row] = page.rows.map((node, index) =>
          isSignal(node) || node instanceof Error
            ? (node as never)
            : { node: node as TNode, cursor: cursors ? cursorOf(page, index, source) : null },
        );
      } catch (error) {
        results[row] = error instanceof Failure ? error : fail(error);
      }
    }
    return results;
  }
}

/** The cursor of a row of a page. */
export function cursorOf(page: Page, index: number, source: LoaderSource | null): string | null {
  if (source?.pagination?.cursor === undefined) return encodeCursor('position', page.start + index);
  const row = page.rows[index];
  return row === null || row === undefined ? null : encodeCursor('cursor', source.pagination.cursor(row));
}
