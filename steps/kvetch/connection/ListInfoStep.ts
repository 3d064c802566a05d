import type { ShownPage } from '../../../src/kvetch/reads/shownPage.ts';
import { type ParamShapes, textOrNull } from '../../../src/step/paramShapes.ts';
import { FORWARDED, type ReadPath } from '../../../src/step/reads.ts';
import { type Entry, Step } from '../../../src/step/Step.ts';
import type { PageInfo } from '../../connection/PageInfoStep.ts';
import { type ListWindow, ListWindowStep } from './ListWindowStep.ts';
import { writeListCursor } from './listCursors.ts';

type Page = ShownPage<{ readonly id: string }>;

/** Represents the page info of a page. Yields Relay's `PageInfo`; null where there is no list. */
export class ListInfoStep extends Step<PageInfo | null> {
  static override readonly op = 'kvetch.pageInfo';
  static override readonly paramShapes: ParamShapes = { mark: textOrNull };
  declare params: { readonly mark: string | null } & Record<string, unknown>;
  override readonly isSync = true;

  constructor($page: Step, $window: Step, mark: string | null) {
    super();
    this.addDependency($page, FORWARDED);
    this.addGlobalDependency($window);
    this.params = { mark };
  }

  override noteRead([name]: ReadPath): void {
    if (typeof name === 'symbol') return;
    const $window = this.dependency(1);
    for (const answer of ['hasNextPage', 'hasPreviousPage'] as const) {
      if (name !== undefined && name !== answer) continue;
      if ($window instanceof ListWindowStep) $window.want(answer);
      this.dependency(0).noteRead(['hasNextPage']);
    }
    if (name === undefined || name === 'startCursor' || name === 'endCursor') this.dependency(0).noteRead(['entries']);
  }

  override execute(
    _count: number,
    [pages, window]: readonly [ReadonlyArray<Page | null>, ListWindow],
  ): ReadonlyArray<Entry<PageInfo>> {
    const { mark } = this.params;
    const { isLast, after, until } = window;
    return pages.map((page) => {
      if (page === null || page === undefined) return null;
      const { entries, hasNextPage: hasMore } = page;
      const named = entries.filter(({ cursor }) => cursor !== '');
      const cursorAt = (at: number): string | null => {
        const cursor = named.at(at)?.cursor;
        return cursor === undefined ? null : writeListCursor(cursor, mark);
      };
      // The entries at the cursors of the window are known to be there.
      const [isBehind, isBefore] = isLast
        ? [after !== null, hasMore || until !== null]
        : [hasMore || until !== null, after !== null];
      return { hasNextPage: isBehind, hasPreviousPage: isBefore, startCursor: cursorAt(0), endCursor: cursorAt(-1) };
    });
  }
}
