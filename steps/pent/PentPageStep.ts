import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type { RawPage, ReadOn } from '../../src/kvetch/reads/fillPages.ts';
import { chain } from '../../src/kvetch/shards/chain.ts';
import type { PentPage } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import type { PentContext } from '../../src/pent/PentContext.ts';
import { toldByEdge, toldByIndex } from '../../src/pent/privacy/toldAttributes.ts';
import { fillPages, type PageGoal } from '../../src/pent/reads/fillPages.ts';
import { goalOf, MAX_FIRST } from '../../src/pent/reads/goals.ts';
import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { flag, type ParamShapes } from '../../src/step/paramShapes.ts';
import type { ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import { type MaxRows, Step, type StepResult } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { type ListSource, listSource, readLists } from '../kvetch/listSource.ts';
import { contextOf } from './contextOf.ts';
import { type TypeNames, typeNames, typeTest } from './PentStep.ts';

export interface PageStepOptions {
  readonly source: ListSource;
  readonly types: TypeNames;
  /** Whether the raw page was asked for one object more, so as to know whether one follows. */
  readonly wantsNext: boolean;
  /** Whether the operation reads cursors or data of edges. Known when the plan is final. */
  readonly wantsEntries?: boolean;
}

/** The attributes that the entries of lists tell of. */
function toldBy({ model: { schema } }: PentContext, { kind, name }: ListSource): readonly string[] {
  if (kind === 'edge') return toldByEdge(schema, name);
  return kind === 'index' ? toldByIndex(schema, name) : [];
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

  constructor($page: Step, $of: Step, $first: Step, options: PageStepOptions) {
    super();
    this.addDependency($page, [['objects'], ['hasNextPage'], ['endCursor']]);
    this.addDependency($of);
    this.addDependency($first);
    this.params = { ...options };
  }

  override deduplicatedWith(peer: Step): void {
    if (this.#wantsEntries && peer instanceof PentPageStep) peer.#wantsEntries = true;
  }

  override finalize(): void {
    this.params = { ...this.params, wantsEntries: this.#wantsEntries };
  }

  /** Loads of the objects on a page may start with it: loads of hidden objects are thrown away. */
  override get origin(): StepOrigin {
    return { kind: 'same', of: 0, isMade: true };
  }

  override noteRead([name]: ReadPath): void {
    if (name !== undefined && name !== 'entries') return;
    this.#wantsEntries = true;
    this.dependency(0).noteRead(['edges']);
  }

  /** `first`; no more than Pent ever gives. */
  override maxRows(path: ReadPath): MaxRows {
    if (path.length !== 1) return null;
    return { kind: 'smallest', of: [valueAt(this.dependency(2)), MAX_FIRST] };
  }

  /** Rules load by themselves: the bound of a cost does not count that. */
  override get load(): StepLoad | null {
    return null;
  }

  override execute(
    _count: number,
    [pages, ofs, firsts]: readonly [ReadonlyArray<RawPage | null>, readonly unknown[], ReadonlyArray<number | null>],
    extra: ExecuteExtra,
  ): StepResult<PentPage<TPent>> {
    const { source, types, wantsNext, wantsEntries } = this.params;
    const context = contextOf(extra);
    const goals = firsts.map((first): PageGoal => goalOf(first, wantsNext, wantsEntries));
    const readOn: ReadOn = (next) => {
      const wanted = next.map(({ at, first, after }) => ({ of: ofs[at], first, after }));
      return readLists(context.kvetch.reads, source, wanted, extra);
    };
    const filled = fillPages(context, goals, pages, readOn, typeTest(context, types), toldBy(context, source));
    return chain(filled, (done) => done.map((page) => (page instanceof Error ? asSafe(page) : page))) as StepResult<
      PentPage<TPent>
    >;
  }
}
