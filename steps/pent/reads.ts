import type { PentPage, PentType } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { DEFAULT_FIRST } from '../../src/pent/reads/goals.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { ConstantStep, constant } from '../../src/step/builtin/ConstantStep.ts';
import { get } from '../../src/step/get.ts';
import type { Step } from '../../src/step/Step.ts';
import { fn } from '../fn.ts';
import { browseObjects } from '../kvetch/browseObjects.ts';
import type { ListSource } from '../kvetch/listSource.ts';
import { loadIndexObjects } from '../kvetch/loadIndex.ts';
import { loadObject } from '../kvetch/loadObject.ts';
import { forwardOnly, type PageSteps } from '../kvetch/paging.ts';
import { lambda } from '../values/lambda.ts';
import { loadReadableEdge } from './loadReadableEdge.ts';
import { PentPageStep } from './PentPageStep.ts';
import { namesOf, PentStep } from './PentStep.ts';

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
 * Represents a page of the readable objects at the other end of an edge.
 *
 * ```ts
 * User: { plans: { lists: ($user, { $first, $after }) => pentEdge(List, 'user_to_list', $user, { $first, $after }) } }
 * ```
 */
export function pentEdge<TPent extends Pent>(
  types: Types<TPent>,
  edge: string | number,
  $pent: Step<Pent | null>,
  page: PageSteps = {},
): Step<readonly TPent[]> {
  return objectsOf(pentEdgePage(types, edge, $pent, page));
}

/** Represents the same page with its edges' facts: `{ objects, entries, hasNextPage, endCursor }`. */
export function pentEdgePage<TPent extends Pent>(
  types: Types<TPent>,
  edge: string | number,
  $pent: Step<Pent | null>,
  page: PageSteps = {},
  wantsNext = false,
): Step<PentPage<TPent> | null> {
  const $of = get($pent, 'id');
  const $page = loadReadableEdge(edge, $of, wantsNext ? oneMore(page) : page);
  return pageOf(types, { kind: 'edge', name: edge }, $page, $of, page, wantsNext);
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

/** Represents the first readable object that an index holds for a value, or null. */
export function pentFromIndex<TPent extends Pent>(
  types: Types<TPent>,
  index: string,
  $value: Step<unknown>,
): Step<TPent | null> {
  const page = { $first: constant(1) };
  return access(pentIndexPage(types, index, $value, page), 'objects', 0);
}

/** Represents a page of the readable objects that an index holds for a value. */
export function pentsFromIndex<TPent extends Pent>(
  types: Types<TPent>,
  index: string,
  $value: Step<unknown>,
  page: PageSteps = {},
): Step<readonly TPent[]> {
  return objectsOf(pentIndexPage(types, index, $value, page));
}

export function pentIndexPage<TPent extends Pent>(
  types: Types<TPent>,
  index: string,
  $value: Step<unknown>,
  page: PageSteps = {},
): Step<PentPage<TPent> | null> {
  const $page = loadIndexObjects(index, $value, forwardOnly(page));
  return pageOf(types, { kind: 'index', name: index }, $page, $value, page);
}

/** Represents a page of all readable objects of a type, in order of id. */
export function browsePents<TPent extends Pent>(type: PentType<TPent>, page: PageSteps = {}): Step<readonly TPent[]> {
  return objectsOf(browsePentsPage(type, page));
}

export function browsePentsPage<TPent extends Pent>(
  type: PentType<TPent>,
  page: PageSteps = {},
): Step<PentPage<TPent> | null> {
  const [name = ''] = namesOf(type) ?? [];
  const $page = browseObjects(name, forwardOnly(page));
  return pageOf(type, { kind: 'browse', name }, $page, constant(null), page);
}

export function pageOf<TPent extends Pent>(
  types: Types<TPent>,
  source: ListSource,
  $page: Step<unknown>,
  $of: Step,
  { $first = constant(null) }: PageSteps,
  wantsNext = false,
): Step<PentPage<TPent> | null> {
  const options = { source, types: namesOf(types), wantsNext };
  return new PentPageStep<TPent>($page, $of, $first, options);
}

function objectsOf<TPent extends Pent>($page: Step<PentPage<TPent> | null>): Step<readonly TPent[]> {
  return access($page, 'objects');
}
