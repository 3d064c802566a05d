import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED, type ReadPath } from '../../src/step/reads.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { fail } from '../../src/step/signals.ts';
import { loaderSource } from '../load/LoaderSource.ts';
import type { LoaderLike } from '../load/loader.ts';
import { cursorShapes } from './cursors.ts';
import { cursorOf } from './EdgesStep.ts';
import { ofRows } from './PageStep.ts';
import { WindowStep } from './WindowStep.ts';
import type { Page } from './window.ts';

/** Relay's `PageInfo`. */
export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

// biome-ignore lint/suspicious/noExplicitAny: loaders of any types have cursors
type CursorLoader = LoaderLike<any, any, any> | null;

/** Represents the page info of a page. Yields Relay's `PageInfo`; null where there is no list. */
export class PageInfoStep extends Step<PageInfo | null> {
  static override readonly op = 'connection.pageInfo';
  static override readonly paramShapes: ParamShapes = cursorShapes;
  override readonly isSync = true;
  declare params: { readonly loader?: CursorLoader; readonly cursors?: boolean };
  /** Plan time only. */
  readonly #$window: Step;
  #readsCursors = false;

  constructor($page: Step, $window: Step, loader: CursorLoader) {
    super();
    this.addDependency($page, FORWARDED);
    this.#$window = $window;
    this.params = loader === null ? {} : { loader };
  }

  override noteRead([name]: ReadPath): void {
    if (typeof name === 'symbol') return;
    const isFree = name === undefined;
    for (const answer of ['hasNextPage', 'hasPreviousPage'] as const) if (isFree || name === answer) this.#want(answer);
    if (isFree || name === 'startCursor' || name === 'endCursor') this.#readCursors();
  }

  #want(answer: 'hasNextPage' | 'hasPreviousPage'): void {
    const $window = this.graph.resolve(this.#$window);
    if ($window instanceof WindowStep) $window.want(answer);
  }

  #readCursors(): void {
    this.#readsCursors = true;
    if (this.params.loader !== undefined) this.dependency(0).noteRead(ofRows([]));
  }

  override deduplicatedWith(peer: Step): void {
    if (this.#readsCursors && peer instanceof PageInfoStep) peer.#readsCursors = true;
  }

  override finalize(): void {
    this.params = { ...this.params, cursors: this.#readsCursors };
  }

  override execute(count: number, [pages]: readonly [ReadonlyArray<Page | null>]): ReadonlyArray<Entry<PageInfo>> {
    const { loader, cursors = false } = this.params;
    const source = loader == null ? null : loaderSource(loader);
    const results = new Array<Entry<PageInfo>>(count);
    for (let row = 0; row < count; row++) {
      const page = pages[row];
      if (page === null || page === undefined) {
        results[row] = null;
        continue;
      }
      const { hasNextPage, hasPreviousPage, rows } = page;
      const hasCursors = cursors && rows.length > 0;
      try {
        const startCursor = hasCursors ? cursorOf(page, 0, source) : null;
        const endCursor = hasCursors ? cursorOf(page, rows.length - 1, source) : null;
        results[row] = { hasNextPage, hasPreviousPage, startCursor, endCursor };
      } catch (error) {
        results[row] = fail(error);
      }
    }
    return results;
  }
}
