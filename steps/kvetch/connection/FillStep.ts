import { errorOf } from '../../../src/errors/errorOf.ts';
import type { KvetchObject } from '../../../src/kvetch/KvetchObject.ts';
import { asSafe } from '../../../src/kvetch/reads/asSafe.ts';
import {
  afterOf,
  type Filling,
  failedFilling,
  missingOf,
  nextFirst,
  type RawPage,
  withPage,
} from '../../../src/kvetch/reads/fillPages.ts';
import { shownPage } from '../../../src/kvetch/reads/shownPage.ts';
import type { StepOrigin } from '../../../src/step/ahead/StepOrigin.ts';
import { flag, type ParamShapes } from '../../../src/step/paramShapes.ts';
import { FORWARDED, ITEM, NULLNESS, type ReadPath } from '../../../src/step/reads.ts';
import { valueAt } from '../../../src/step/rowsAt.ts';
import { type Entry, type Layer, type MaxRows, Step } from '../../../src/step/Step.ts';
import { exit, Failure, fail, isSignal } from '../../../src/step/signals.ts';
import { itemAt } from '../../../src/utils/itemAt.ts';
import { inOrder, type Page } from './ListPageStep.ts';
import type { ListWindow } from './ListWindowStep.ts';
import { tooSparse } from './tooSparse.ts';

/** A raw page that shows some of its objects. */
export interface CheckedPage {
  readonly $raw: Step;
  /** Yields in `layer`, over the page's objects, whether each is shown. */
  readonly $isShown: Step;
  readonly layer: Layer;
}

/** Represents pages that are being filled, with the shown objects of one more raw page. Yields null where there is no list. */
export class FillStep extends Step<Filling | null> {
  static override readonly op = 'kvetch.fill';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor({ $raw, $isShown, layer }: CheckedPage, $before: Step | null) {
    super();
    this.addTrappedDependency($raw, [['objects'], ['edges'], ['hasNextPage'], ['end']]);
    this.addCollectedDependency($isShown, layer);
    if ($before !== null) this.addDependency($before, FORWARDED);
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead(['objects', ...path]);
    for (let at = 2; at < this.dependencies.length; at++) this.dependency(at).noteRead(path);
  }

  override execute(
    _count: number,
    [raws, answers, before]: readonly [
      readonly unknown[],
      ReadonlyArray<readonly unknown[]>,
      ReadonlyArray<Filling | null>?,
    ],
  ): ReadonlyArray<Entry<Filling>> {
    return raws.map((raw, row): Entry<Filling> => {
      const filling = before?.[row] ?? null;
      if (raw instanceof Failure) {
        const error = errorOf(raw.error);
        return failedFilling(asSafe(error));
      }
      // Nothing was read on: the page was full.
      if (raw === null || raw === undefined || isSignal(raw)) return filling;
      const page = raw as RawPage;
      return withPage(filling, page, shownOf(page, itemAt(answers, row)));
    });
  }
}

/** The shown value for each object of a page: null for a hidden one, the error where the check failed. */
function shownOf({ objects }: RawPage, answers: readonly unknown[]): ReadonlyArray<KvetchObject | Error | null> {
  return objects.map((object, at) => {
    if (object instanceof Error) return object;
    const answer = answers[at];
    if (answer instanceof Failure) return errorOf(answer.error);
    return !isSignal(answer) && answer ? object : null;
  });
}

/** Represents the rest to read where pages lack objects. Yields `{ of, first, after }`; rows with full pages end early. */
export class ReadOnStep extends Step<{ readonly of: unknown; readonly first: number; readonly after: string }> {
  static override readonly op = 'kvetch.readOn';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($filling: Step, $of: Step, $window: Step) {
    super();
    this.addDependency($filling, NULLNESS); // of the objects it only counts how many there are
    this.addDependency($of);
    this.addGlobalDependency($window);
  }

  override execute(
    _count: number,
    [fillings, ofs, window]: readonly [ReadonlyArray<Filling | null>, readonly unknown[], ListWindow],
  ): ReadonlyArray<Entry<{ readonly of: unknown; readonly first: number; readonly after: string }>> {
    return fillings.map((filling, row) => {
      const missing = filling === null ? 0 : missingOf(window, filling);
      if (filling === null || missing === 0) return exit;
      return { of: ofs[row], first: nextFirst(missing, filling), after: afterOf(filling) };
    });
  }
}

/** Represents the pages that fillings make. A page that shows nothing, though its list may, is an error. */
export class FilledPageStep extends Step<Page | null> {
  static override readonly op = 'kvetch.filledPage';
  static override readonly paramShapes: ParamShapes = { entries: flag };
  override readonly isSync = true;
  declare params: { readonly entries: boolean } & Record<string, unknown>;
  /** Plan time only. */
  readonly #types: ReadonlySet<string>;
  #readsEntries = false;

  /** @param types - the names of the object types as which shown objects were authorized. */
  constructor($filling: Step, $raw: Step, $window: Step, types: ReadonlySet<string>) {
    super();
    this.#types = types;
    this.addDependency($filling, FORWARDED);
    this.addTrappedDependency($raw, FORWARDED); // tells where its values come from
    this.addGlobalDependency($window);
    this.params = { entries: false };
  }

  /** Loads of the first raw page's objects may start with it: loads of hidden objects are thrown away. */
  override get origin(): StepOrigin {
    return { kind: 'same', of: 1, isMade: true };
  }

  override authorizedAs([head, item, ...rest]: ReadPath): ReadonlySet<string> | null {
    return head === 'objects' && (item === ITEM || typeof item === 'number') && rest.length === 0 ? this.#types : null;
  }

  override noteRead([name, ...rest]: ReadPath): void {
    if (typeof name === 'symbol') return;
    if (name === undefined || name === 'objects') this.dependency(0).noteRead(rest);
    if (name === undefined || name === 'entries') this.#readsEntries = true;
  }

  override deduplicatedWith(peer: Step): void {
    if (this.#readsEntries && peer instanceof FilledPageStep) peer.#readsEntries = true;
  }

  override finalize(): void {
    this.params = { ...this.params, entries: this.#readsEntries };
  }

  override maxRows(path: ReadPath): MaxRows {
    return path.length === 1 ? valueAt(this.dependency(2), 'first') : null;
  }

  override execute(
    _count: number,
    [fillings, , window]: readonly [ReadonlyArray<Filling | null>, unknown, ListWindow],
  ): ReadonlyArray<Entry<Page>> {
    const { entries } = this.params;
    return fillings.map((filling): Entry<Page> => {
      if (filling === null) return null;
      if (filling.error !== null) return fail(filling.error);
      // A short page can be read on behind its last object; an empty one cannot.
      if (filling.objects.every((object) => object instanceof Error) && missingOf(window, filling) > 0) {
        return fail(tooSparse());
      }
      return inOrder(shownPage(window.first, entries, filling), window.isLast);
    });
  }
}
