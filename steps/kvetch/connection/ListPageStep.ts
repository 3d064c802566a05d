import type { Range } from '../../../src/kvetch/codec/orderKey.ts';
import type { KvetchEdge } from '../../../src/kvetch/KvetchEdge.ts';
import type { KvetchObject } from '../../../src/kvetch/KvetchObject.ts';
import { asSafe } from '../../../src/kvetch/reads/asSafe.ts';
import { markedCursor } from '../../../src/kvetch/reads/cursors.ts';
import { endOf, type Filling, fillPages, missingOf, type RawPage } from '../../../src/kvetch/reads/fillPages.ts';
import { type ShownPage, shownPage } from '../../../src/kvetch/reads/shownPage.ts';
import { chain } from '../../../src/kvetch/shards/chain.ts';
import type { StepOrigin } from '../../../src/step/ahead/StepOrigin.ts';
import type { ExecuteExtra } from '../../../src/step/ExecuteExtra.ts';
import { flag, type ParamShapes } from '../../../src/step/paramShapes.ts';
import type { ReadPath } from '../../../src/step/reads.ts';
import { valueAt } from '../../../src/step/rowsAt.ts';
import { type Entry, type MaxRows, Step, type StepResult } from '../../../src/step/Step.ts';
import { Failure, fail, isSignal } from '../../../src/step/signals.ts';
import { type ListSource, listSource, readLists } from '../listSource.ts';
import { readsOf } from '../storeOf.ts';
import type { ListWindow } from './ListWindowStep.ts';
import { tooSparse } from './tooSparse.ts';

export type Page = ShownPage<KvetchObject>;

/** How a page is loaded: with its objects, or without. */
export interface RawPages {
  withObjects(): Step;
  /** Null where pages have objects anyway. */
  readonly withoutObjects: (() => Step) | null;
}

/** A page without objects, as lists of edges and of index entries have it. */
interface BarePage {
  readonly edges?: readonly KvetchEdge[];
  readonly cursors?: readonly string[];
  readonly hasNextPage: boolean;
}

/** After so many entries without an object a page is given up. */
const MAX_SCANNED = 10_000;

/**
 * Represents pages of lists. Yields them full: where edges or entries are stale, lists are read on. Where nobody reads
 * objects none are loaded, and stale entries are not found out.
 */
export class ListPageStep extends Step<Page | null> {
  static override readonly op = 'kvetch.page';
  static override readonly paramShapes: ParamShapes = { source: listSource, bare: flag, entries: flag };
  declare params: {
    readonly source: ListSource;
    readonly bare: boolean;
    readonly entries: boolean;
  } & Record<string, unknown>;
  /** Plan time only. */
  readonly #raw: RawPages;
  #readsObjects = false;
  #readsEntries = false;

  constructor(raw: RawPages, $of: Step, $window: Step, $range: Step | null, source: ListSource, isBare = false) {
    super();
    this.#raw = raw;
    const $raw = isBare ? (raw.withoutObjects as () => Step)() : raw.withObjects();
    const lists = source.kind === 'edge' ? [['edges']] : [['ids'], ['cursors']];
    const list = isBare ? lists : [];
    this.addTrappedDependency($raw, [['hasNextPage'], ['end'], ...list]);
    this.addDependency($of);
    this.addGlobalDependency($window);
    if ($range !== null) this.addDependency($range);
    this.params = { source, bare: isBare, entries: false };
  }

  /** Loads of a page's objects may start with the page. */
  override get origin(): StepOrigin {
    return { kind: 'same', of: 0 };
  }

  override noteRead([name, ...rest]: ReadPath): void {
    if (typeof name === 'symbol') return;
    if (name === undefined || name === 'objects') {
      this.#readsObjects = true;
      this.dependency(0).noteRead(['objects', ...rest]);
    }
    if (name === undefined || name === 'entries') {
      this.#readsEntries = true;
      if (this.params.source.kind !== 'browse') this.dependency(0).noteRead(['edges']);
    }
  }

  override deduplicatedWith(peer: Step): void {
    if (!(peer instanceof ListPageStep)) return;
    if (this.#readsEntries) peer.#readsEntries = true;
    if (this.#readsObjects) peer.#readsObjects = true;
  }

  /** Where nobody reads objects, none are loaded. */
  override optimize(): Step {
    if (this.#readsObjects || this.params.bare === true || this.#raw.withoutObjects === null) {
      return this;
    }
    const $range = this.dependencies.length > 3 ? this.dependency(3) : null;
    const bare = new ListPageStep(this.#raw, this.dependency(1), this.dependency(2), $range, this.params.source, true);
    bare.#readsEntries = this.#readsEntries;
    return bare;
  }

  override finalize(): void {
    this.params = { ...this.params, entries: this.#readsEntries };
  }

  override maxRows(path: ReadPath): MaxRows {
    return path.length === 1 ? valueAt(this.dependency(2), 'first') : null;
  }

  override execute(
    _count: number,
    [pages, ofs, window, ranges = []]: readonly [
      ReadonlyArray<unknown>,
      readonly unknown[],
      ListWindow,
      ReadonlyArray<Range | undefined>?,
    ],
    extra: ExecuteExtra,
  ): StepResult<Page> {
    const { source, bare, entries } = this.params;
    const { first, reverse, isLast, until } = window;
    const finish = (filling: Filling): Page => inOrder(shownPage(first, entries, filling), isLast);
    if (bare) return pages.map((page) => (isPage(page) ? inOrder(barePage(page), isLast) : asEnd(page)));
    if (pages.every((page) => !isPage(page) || isComplete(window, page))) {
      return pages.map((page) => (isPage(page) ? finish(asFilling(page)) : asEnd(page)));
    }
    const filled = fillPages<KvetchObject>(
      pages.map(() => window),
      pages.map((page) => (isPage(page) ? page : null)),
      {
        readOn: (next) =>
          readLists(
            readsOf(extra),
            source,
            next.map(({ at, ...part }) => ({ ...part, of: ofs[at], reverse, before: until, range: ranges[at] })),
            extra,
          ),
        admit: (records) => records,
        maxScanned: MAX_SCANNED,
        tooSparse,
      },
    );
    return chain(filled, (fillings) =>
      pages.map((page, row): Entry<Page> => {
        const filling = fillings[row] ?? null;
        if (filling === null) return asEnd(page);
        return filling.error === null ? finish(filling) : fail(asSafe(filling.error));
      }),
    );
  }
}

function isPage(page: unknown): page is RawPage {
  return page !== null && page !== undefined && !isSignal(page);
}

/** The entry of a row without a page. A wrong cursor is the client's mistake. */
export function asEnd(page: unknown): Entry<never> {
  if (page instanceof Failure && page.error instanceof Error) return fail(asSafe(page.error));
  return (page ?? null) as Entry<never>;
}

function isComplete(window: ListWindow, page: RawPage): boolean {
  return missingOf(window, asFilling(page)) === 0;
}

function asFilling(page: RawPage): Filling {
  const { objects, edges = [], stale = 0 } = page;
  return { objects, edges, scanned: objects.length + stale, after: endOf(page), error: null };
}

function barePage({ edges, cursors = [], hasNextPage }: BarePage): Page {
  const entries =
    edges === undefined
      ? cursors.map((cursor) => ({ cursor, data: null }))
      : edges.map((edge) => ({ cursor: markedCursor(edge), data: edge.data }));
  return { objects: [], entries, hasNextPage, endCursor: entries.at(-1)?.cursor ?? null };
}

/** Pages that were read from the end, in the order of the list. */
export function inOrder<TPage extends Page>(page: TPage, isLast: boolean): TPage {
  return isLast ? { ...page, objects: page.objects.toReversed(), entries: page.entries.toReversed() } : page;
}
