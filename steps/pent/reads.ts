import type { PentPage, PentType } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { DEFAULT_FIRST } from '../../src/pent/reads/goals.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { ConstantStep, constant } from '../../src/step/builtin/ConstantStep.ts';
import { get } from '../../src/step/get.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { fn } from '../fn.ts';
import { browseObjects } from '../kvetch/browseObjects.ts';
import type { ListSource } from '../kvetch/listSource.ts';
import { loadIndexObjects } from '../kvetch/loadIndex.ts';
import { loadObject } from '../kvetch/loadObject.ts';
import type { ListName, ListSteps, PageSteps } from '../kvetch/paging.ts';
import { rangeStep } from '../kvetch/RangeStep.ts';
import { lambda } from '../values/lambda.ts';
import { object } from '../values/object.ts';
import { isChoice, type ListRef } from './chosenList.ts';
import { loadReadableEdge } from './loadReadableEdge.ts';
import { type AddedUp, PentCountStep } from './PentCountStep.ts';
import { type NextAsked, type PagePart, PentPageStep } from './PentPageStep.ts';
import { namesOf, PentStep } from './PentStep.ts';
import { PentWindowStep } from './PentWindowStep.ts';

type Types<TPent extends Pent> = PentType<TPent> | ReadonlyArray<PentType<TPent>>;

/**
 * Represents the object of a type (or one of several) with an id. Yields null where there is none, where it is of
 * another type, and where the viewer may not read it.
 *
 * ```ts
 * Query: { plans: { user: (_$root, { $id }) => pent(User, $id) } }
 * ```
 */
export function pent<TPent extends Pent>(
  type: PentType<TPent>,
  $id: Step<string | null | undefined>,
): Step<TPent | null>;
export function pent(types: ReadonlyArray<PentType<Pent>>, $id: Step<string | null | undefined>): Step<Pent | null>;
export function pent(types: Types<Pent>, $id: Step<string | null | undefined>): Step<Pent | null> {
  return new PentStep(loadObject($id), namesOf(types));
}

/** Represents the object whose id `$pent` stores in an attribute. Yields null as `pent` does. */
export function pentStoredId<TPent extends Pent>(
  type: PentType<TPent>,
  $pent: Step<Pent | null>,
  attribute: string,
): Step<TPent | null>;
export function pentStoredId(
  types: ReadonlyArray<PentType<Pent>>,
  $pent: Step<Pent | null>,
  attribute: string,
): Step<Pent | null>;
export function pentStoredId(types: Types<Pent>, $pent: Step<Pent | null>, attribute: string): Step<Pent | null> {
  return pent(types as PentType<Pent>, access($pent, '$record', attribute));
}

/**
 * The wanted part of a list, as steps. Those of `$last`, `$before` and bounds may be of rows, too.
 * @inline
 */
export interface PentListSteps extends ListSteps {
  /** True: the list is read from its end. */
  readonly reverse?: boolean;
}

function edgeList<TPent extends Pent>(
  types: Types<TPent>,
  edge: ListRef,
  $pent: Step<Pent | null>,
  page: PentListSteps = {},
): Step<readonly TPent[]> {
  return objectsOf(pentEdgePage(types, edge, $pent, page));
}

/**
 * Represents the sum of an attribute of all readable objects in the list that `$pent` has over an edge. It is the first
 * attribute of the list's order, of kind `int` or `float`. Spec 6.4.4.
 */
function edgeSum(edge: string, attr: string, $pent: Step<Pent | null>): Step<number | null> {
  return addedUp(edge, $pent, { attr, isAverage: false });
}

/** Represents the same sum divided by the number of these objects, which must all have a value. Yields null where there is none. */
function edgeAverage(edge: string, attr: string, $pent: Step<Pent | null>): Step<number | null> {
  return addedUp(edge, $pent, { attr, isAverage: true });
}

function addedUp(name: string, $pent: Step<Pent | null>, how: AddedUp): Step<number | null> {
  return new PentCountStep({ kind: 'edge', name }, null, resolveStep('pentEdge', $pent), null, how);
}

/**
 * Represents the readable objects at the other end of an edge, in its order: a page of them. `pentEdge.sum(edge, attr, $pent)`
 * and `pentEdge.average` add up the first attribute of the order, of all of them.
 *
 * ```ts
 * User: {
 *   plans: {
 *     lists: ($user, { $first, $after }) => pentEdge(List, 'user_to_list', $user, { $first, $after }),
 *     stars: ($user) => pentEdge.average('reviews_by_stars', 'stars', $user),
 *   },
 * }
 * ```
 */
export const pentEdge: typeof edgeList & { readonly sum: typeof edgeSum; readonly average: typeof edgeAverage } =
  Object.assign(edgeList, { sum: edgeSum, average: edgeAverage });

/** Represents the same page with its edges' facts: `{ objects, entries, hasNextPage, endCursor }`. */
export function pentEdgePage<TPent extends Pent>(
  types: Types<TPent>,
  edge: ListRef,
  $pent: Step<Pent | null>,
  page: PentListSteps = {},
  wantsNext = false,
): Step<PentPage<TPent> | null> {
  const $of = get($pent, 'id');
  return listPage(types, 'edge', edge, $of, page, wantsNext, (name, part) => loadReadableEdge(name, $of, part));
}

/** Represents a page of readable objects: `load` gives it as it is stored. */
function listPage<TPent extends Pent>(
  types: Types<TPent>,
  kind: ListSource['kind'],
  list: ListRef,
  $of: Step,
  page: PentListSteps,
  wantsNext: boolean,
  load: (name: ListName, part: ListSteps) => Step<unknown>,
): Step<PentPage<TPent> | null> {
  const { name, $name, $reverse, source } = listParts(kind, list, page);
  const $range = rangeStep(page.range) ?? undefined;
  const isForward = [page.$last, page.$before, $reverse].every(($argument) => $argument === undefined);
  const size = (part: PageSteps): PageSteps => (wantsNext ? oneMore(part) : part);
  if (isForward) {
    const part = size(forwardPart(page));
    const $raw = load(name, { ...part, ...($range && { range: $range }) });
    return pageOf(types, source, $raw, $of, page, wantsNext, { $range, $name });
  }
  const { $first, $last, $before, $after } = page;
  const $window = new PentWindowStep({ first: $first, last: $last, before: $before, after: $after, reverse: $reverse });
  const $wanted = access<number | null>($window, 'first');
  const part = {
    ...size({ $first: $wanted, $after: access<string | null>($window, 'after') }),
    $before: access<string | null>($window, 'until'),
    $reverse: access<boolean>($window, 'reverse'),
    ...($range && { range: $range }),
  };
  const $raw = load(name, part);
  return pageOf(types, source, $raw, $of, { $first: $wanted }, wantsNext, { $window, $range, $name });
}

/** The list that a page is of, and the direction in which it is read. */
export function listParts(
  kind: ListSource['kind'],
  list: ListRef,
  { reverse, $reverse }: PentListSteps,
): {
  readonly name: ListName;
  readonly $name: Step<string> | undefined;
  readonly $reverse: Step<boolean | null | undefined> | undefined;
  readonly source: ListSource;
} {
  const $turned = $reverse ?? (reverse === true ? constant(true) : undefined);
  if (!isChoice(list)) return { name: list, $name: undefined, $reverse: $turned, source: { kind, name: list } };
  const { $name } = list;
  return { name: $name, $name, $reverse: $turned ?? list.$reverse, source: { kind, name: null } };
}

function forwardPart({ $first, $after, ahead }: PageSteps): PageSteps {
  return { ...($first && { $first }), ...($after && { $after }), ...(ahead !== undefined && { ahead }) };
}

/** One object more than wanted shows whether one follows. A page that the plan knows stays one that it knows. */
function oneMore({ $first, ...page }: PageSteps): PageSteps {
  const $known = $first === undefined ? null : $first.graph.resolve($first);
  if ($first === undefined || $known instanceof ConstantStep) {
    const value = ($known as ConstantStep | null)?.value as number | null | undefined;
    return { ...page, $first: constant(plusOne(value)) };
  }
  return { ...page, $first: lambda($first, plusOne) };
}

const plusOne = fn('pent.plusOne', (first: number | null | undefined) =>
  first === 0 || (typeof first === 'number' && first < 0) ? first : (first ?? DEFAULT_FIRST) + 1,
);

/**
 * Represents the first readable object that an index holds for a value, or null. The value of an index of several
 * attributes is an object of them.
 */
export function pentFromIndex<TPent extends Pent>(
  types: Types<TPent>,
  index: string,
  $value: Step<unknown>,
): Step<TPent | null> {
  const page = { $first: constant(1) };
  return access(pentIndexPage(types, index, $value, page), 'objects', 0);
}

/** Represents a page of the readable objects that an index holds for a value, in its order. */
export function pentsFromIndex<TPent extends Pent>(
  types: Types<TPent>,
  index: ListRef,
  $value: Step<unknown>,
  page: PentListSteps = {},
): Step<readonly TPent[]> {
  return objectsOf(pentIndexPage(types, index, $value, page));
}

/** Represents a page of the readable objects that an index holds for a value, with its end. */
export function pentIndexPage<TPent extends Pent>(
  types: Types<TPent>,
  index: ListRef,
  $value: Step<unknown>,
  page: PentListSteps = {},
  wantsNext = false,
): Step<PentPage<TPent> | null> {
  return listPage(types, 'index', index, $value, page, wantsNext, (name, part) => loadIndexObjects(name, $value, part));
}

/** Represents a page of all readable objects of a type, in order of id. */
export function browsePents<TPent extends Pent>(type: PentType<TPent>, page: PageSteps = {}): Step<readonly TPent[]> {
  return objectsOf(browsePentsPage(type, page));
}

/** Represents a page of all readable objects of a type, with its end. */
export function browsePentsPage<TPent extends Pent>(
  type: PentType<TPent>,
  page: PageSteps = {},
): Step<PentPage<TPent> | null> {
  const [name = ''] = namesOf(type) ?? [];
  return listPage(type, 'browse', name, constant(null), page, false, (_name, part) => browseObjects(name, part));
}

export function pageOf<TPent extends Pent>(
  types: Types<TPent>,
  source: ListSource,
  $page: Step<unknown>,
  $of: Step,
  { $first = constant(null) }: PageSteps,
  wantsNext: boolean,
  parts: PageParts,
  window: (() => NextAsked) | null = null,
): Step<PentPage<TPent> | null> {
  const options = { source, types: namesOf(types), wantsNext };
  return new PentPageStep<TPent>($page, $of, $first, options, partOf(parts), window);
}

/** The steps of what a page depends on besides its list. */
export interface PageParts {
  readonly $window?: Step | undefined;
  readonly $range?: Step | undefined;
  readonly $name?: Step | undefined;
}

/** Represents all of them; null where there is none. */
export function partOf({ $window, $range, $name }: PageParts): Step<PagePart> | null {
  const entries = {
    ...($window && { window: $window }),
    ...($range && { range: $range }),
    ...($name && { name: $name }),
  };
  return Object.keys(entries).length === 0 ? null : (object(entries) as Step<PagePart>);
}

function objectsOf<TPent extends Pent>($page: Step<PentPage<TPent> | null>): Step<readonly TPent[]> {
  return access($page, 'objects');
}
