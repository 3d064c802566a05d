import { access } from '../../../src/step/builtin/AccessStep.ts';
import { constant } from '../../../src/step/builtin/ConstantStep.ts';
import type { Layer, Step } from '../../../src/step/Step.ts';
import type { ConnectionParts } from '../../connection/ConnectionStep.ts';
import { planItems } from '../../lists/itemLayer.ts';
import type { ListSource } from '../listSource.ts';
import { type CheckedPage, FilledPageStep, FillStep, ReadOnStep } from './FillStep.ts';
import { ListEdgesStep } from './ListEdgesStep.ts';
import { ListInfoStep } from './ListInfoStep.ts';
import { ListPageStep, type RawPages } from './ListPageStep.ts';
import type { PlannedFilter } from './plannedFilter.ts';

/** The parts of a connection, over any step that yields pages. */
export function partsOverPages(
  $page: () => Step,
  $window: () => Step,
  mark: string | null,
  totalCount: () => Step,
): ConnectionParts {
  return {
    nodes: () => access($page(), 'objects'),
    edges: () => new ListEdgesStep($page(), mark),
    pageInfo: () => new ListInfoStep($page(), $window(), mark),
    totalCount,
  };
}

export interface ListPlan {
  readonly source: ListSource;
  readonly $of: Step;
  readonly $window: Step;
  /** The bounds of the list. */
  readonly $range: Step | null;
  readonly mark: string | null;
  readonly furtherPages: number;
  readonly raw: () => RawPages;
  readonly isShown: () => PlannedFilter | null;
  /** Represents the pages that a ReadOnStep asks for. */
  readonly readOn: ($more: Step, $window: Step) => Step;
  readonly totalCount: () => Step;
}

export function listParts(list: ListPlan): ConnectionParts {
  const { source, mark } = list;
  const { graph } = list.$window;
  const $of = (): Step => graph.resolve(list.$of);
  const $window = (): Step => graph.resolve(list.$window);
  let known: { readonly $page: Step; readonly layer: Layer } | null = null;
  const page = (): Step => {
    // Callbacks that make functions would make others for each part.
    if (known?.layer === graph.layer && !graph.isWritten(graph.resolve(known.$page))) return graph.resolve(known.$page);
    known = { $page: planPage(), layer: graph.layer };
    return known.$page;
  };
  const planPage = (): Step => {
    const filter = list.isShown();
    const $filled = filter === null ? null : filledPage({ ...list, $of: $of(), $window: $window() }, filter);
    const $range = list.$range === null ? null : graph.resolve(list.$range);
    return $filled ?? new ListPageStep(list.raw(), $of(), $window(), $range, source);
  };
  return partsOverPages(page, $window, mark, list.totalCount);
}

/** Represents pages of filtered objects, read on some times where they are not full; null where all are shown. */
function filledPage(list: ListPlan, filter: PlannedFilter): Step | null {
  const { $of, $window, furtherPages, readOn } = list;
  const $first = list.raw().withObjects();
  const first = checked($first, filter);
  if (first === null) return null;
  let $filling = new FillStep(first, null);
  for (let page = 0; page < furtherPages; page++) {
    const $more = new ReadOnStep($filling, $of, $window);
    const next = checked(readOn($more, $window), filter);
    if (next === null) return null; // the same for each page
    $filling = new FillStep(next, $filling);
  }
  return new FilledPageStep($filling, first.$raw, $window, filter.types);
}

/** Plans the shown objects of a raw page. */
function checked($raw: Step, filter: PlannedFilter): CheckedPage | null {
  let isAll = false;
  const { layer, $result } = planItems('kvetchConnection', access($raw, 'objects'), ($object) => {
    const $isShown = filter.isShown($object);
    isAll = $isShown === null;
    return $isShown ?? constant(true);
  });
  return isAll ? null : { $raw: $raw.graph.resolve($raw), $isShown: $result, layer };
}
