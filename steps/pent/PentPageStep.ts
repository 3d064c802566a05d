import type { Range } from '../../src/kvetch/codec/orderKey.ts';
import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type { RawPage, ReadOn } from '../../src/kvetch/reads/fillPages.ts';
import { chain } from '../../src/kvetch/shards/chain.ts';
import type { PentPage } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import type { PentContext } from '../../src/pent/PentContext.ts';
import { toldByEdge, toldByIndex } from '../../src/pent/privacy/toldAttributes.ts';
import { fillPages, type PageGoal } from '../../src/pent/reads/fillPages.ts';
import { DEFAULT_FIRST, goalOf, MAX_FIRST } from '../../src/pent/reads/goals.ts';
import { inListOrder, type PageWindow } from '../../src/pent/reads/pageWindow.ts';
import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import { ConstantStep } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { flag, type ParamShapes } from '../../src/step/paramShapes.ts';
import type { ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import { type MaxRows, Step, type StepResult } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { type ListSource, listSource, readLists } from '../kvetch/listSource.ts';
import { contextOf } from './contextOf.ts';
import { type TypeNames, typeNames, typeTest } from './PentStep.ts';

/** Plan time only: asks for one object more. */
export interface NextAsked {
  want(answer: 'hasNextPage' | 'hasPreviousPage'): void;
}

export interface PageStepOptions {
  readonly source: ListSource;
  readonly types: TypeNames;
  /** Whether the raw page was asked for one object more, so as to know whether one follows. */
  readonly wantsNext: boolean;
  /** Whether the operation reads cursors or data of edges. Known when the plan is final. */
  readonly wantsEntries?: boolean;
}

/** What else a page depends on, where it is more than the beginning of a list. */
export interface PagePart {
  /** In the direction of reading. */
  readonly window?: PageWindow;
  readonly range?: Range;
  /** The list, where it is known when the operation runs. */
  readonly name?: string;
}

/** The attributes that the entries of lists tell of. `names`: the lists, where each page has its own. */
function toldBy(
  { model: { schema, fieldRules } }: PentContext,
  { kind, name }: ListSource,
  names: readonly string[],
): readonly string[] {
  if (kind === 'browse' || fieldRules.size === 0) return [];
  const lists = name === null ? names : [name];
  const told = lists.flatMap((list) => (kind === 'edge' ? toldByEdge(schema, list) : toldByIndex(schema, list)));
  return [...new Set(told)];
}

/** Represents pages of readable objects. Yields them full: where objects are hidden, their lists are read on. */
export class PentPageStep<TPent extends Pent = Pent> extends Step<PentPage<TPent> | null> {
  static override readonly op = 'pent.page';
  static override readonly paramShapes: ParamShapes = {
    source: listSource,
    types: typeNames,
    wantsNext: flag,
    wantsEntries: flag,
  };

  declare params: PageStepOptions & Readonly<Record<string, unknown>>;
  /** Plan time only. */
  #wantsEntries = false;
  #wantsNext = false;
  readonly #window: (() => NextAsked) | null;

  /** @param window - gives the step that says how many objects are asked for: one more as soon as it is read whether one follows. */
  constructor(
    $page: Step,
    $of: Step,
    $first: Step,
    options: PageStepOptions,
    $part: Step<PagePart> | null = null,
    window: (() => NextAsked) | null = null,
  ) {
    super();
    this.#window = window;
    this.addDependency($page, [['objects'], ['hasNextPage'], ['end']]);
    this.addDependency($of);
    this.addDependency($first);
    if ($part !== null) this.addDependency($part);
    this.params = { ...options };
  }

  override deduplicatedWith(peer: Step): void {
    if (!(peer instanceof PentPageStep)) return;
    if (this.#wantsEntries) peer.#wantsEntries = true;
    if (this.#wantsNext) peer.#wantsNext = true;
  }

  override finalize(): void {
    const wantsNext = this.params.wantsNext || this.#wantsNext;
    this.params = { ...this.params, wantsNext, wantsEntries: this.#wantsEntries };
  }

  /** Loads of the objects on a page may start with it: loads of hidden objects are thrown away. */
  override get origin(): StepOrigin {
    return { kind: 'same', of: 0, isMade: true };
  }

  override noteRead([name]: ReadPath): void {
    if (this.#window !== null && (name === undefined || name === 'hasNextPage')) {
      this.#wantsNext = true;
      const window = this.#window();
      window.want('hasNextPage');
      window.want('hasPreviousPage');
    }
    if (name !== undefined && name !== 'entries') return;
    this.#wantsEntries = true;
    this.dependency(0).noteRead(['edges']);
  }

  /** `first`; no more than Pent ever gives, and the default where a plan says none. */
  override maxRows(path: ReadPath): MaxRows {
    if (path.length !== 1) return null;
    const $first = this.dependency(2);
    if ($first instanceof ConstantStep && $first.value == null) return DEFAULT_FIRST;
    return { kind: 'smallest', of: [valueAt($first), MAX_FIRST] };
  }

  /** Rules load by themselves: the bound of a cost does not count that. */
  override get load(): StepLoad | null {
    return null;
  }

  override execute(
    _count: number,
    [pages, ofs, firsts, parts = []]: readonly [
      ReadonlyArray<RawPage | null>,
      readonly unknown[],
      ReadonlyArray<number | null>,
      (readonly PagePart[])?,
    ],
    extra: ExecuteExtra,
  ): StepResult<PentPage<TPent>> {
    const { source, types, wantsNext, wantsEntries } = this.params;
    const context = contextOf(extra);
    const goals = firsts.map((first): PageGoal => goalOf(first, wantsNext, wantsEntries));
    const readOn: ReadOn = (next) => {
      const wanted = next.map(({ at, first, after }) => {
        const { window, range, name } = parts[at] ?? NO_PART;
        const ends = window && { reverse: window.reverse, before: window.until };
        return { of: ofs[at], first, after, ...ends, range, name };
      });
      return readLists(context.kvetch.reads, source, wanted, extra);
    };
    const told = toldBy(context, source, namesOfParts(parts));
    const filled = fillPages(context, goals, pages, readOn, typeTest(context, types), told);
    return chain(filled, (done) =>
      done.map((page, row) => {
        if (page instanceof Error) return asSafe(page);
        const { window } = parts[row] ?? NO_PART;
        return page === null || window === undefined ? page : inListOrder(page, window);
      }),
    ) as StepResult<PentPage<TPent>>;
  }
}

const NO_PART: PagePart = {};

function namesOfParts(parts: readonly PagePart[]): readonly string[] {
  return [...new Set(parts.flatMap(({ name }) => name ?? []))];
}
