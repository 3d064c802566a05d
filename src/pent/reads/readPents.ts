import { anything, checkOptions, type OptionTable } from '../../errors/checkOptions.ts';
import { asSafe } from '../../kvetch/reads/asSafe.ts';
import type { RawPage } from '../../kvetch/reads/fillPages.ts';
import type {
  BrowsePageRequest,
  EdgesRequest,
  IndexRequest,
  ListArgs,
  ObjectPage,
  PageArgs,
  PageWays,
  ReadExtra,
} from '../../kvetch/reads/KvetchReads.ts';
import type { EdgeRef } from '../../kvetch/schema/KvetchSchema.ts';
import { areDistinct } from '../../utils/areDistinct.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, PentClass, PentObject, PentPage, PentType } from '../contract.ts';
import { assertType, definitionOf, entriesOfType, entriesOrThrow, isOfType, objectsOf } from '../ofType.ts';
import { toldByEdge, toldByIndex } from '../privacy/toldAttributes.ts';
import { admit, visible, wrapEach } from './admit.ts';
import type { CountedList } from './countedLists.ts';
import { countReadable } from './countReadable.ts';
import { fillPages } from './fillPages.ts';
import { goalOf } from './goals.ts';
import { inListOrder, pageWindow } from './pageWindow.ts';
import { readEdgePages } from './readEdgePages.ts';
import { readRecords } from './readRecords.ts';

/** One entry for each id: the object or null. Throws the error of one that could not be loaded or is of another type. */
export async function readObjects<TPent extends PentObject>(
  { current: context }: Context,
  type: PentType<TPent>,
  ids: readonly string[],
): Promise<ReadonlyArray<TPent | null>> {
  const isFirst = context.isNew && areDistinct(ids);
  const records = await (isFirst ? context.kvetch.reads.objects(ids, DISTINCT) : readRecords(context, ids));
  const shown = await visible(context, records);
  const pents = isFirst ? context.wrapFirst([shown.records], ids, shown.made)?.[0] : null;
  if (pents != null && areAllOfType(pents, type)) return pents;
  return entriesOrThrow(entriesOfType(pents ?? wrapEach(context, shown), type));
}

/** Whether Pents that are all of one type are of this one. */
function areAllOfType<TPent extends PentObject>(
  pents: ReadonlyArray<PentObject | null>,
  type: PentType<TPent>,
): pents is ReadonlyArray<TPent | null> {
  const any = pents.find((pent) => pent !== null);
  return any == null || isOfType(any, type);
}

const DISTINCT: ReadExtra = { isDistinct: true };

export async function readObject<TPent extends PentObject>(
  context: Context,
  type: PentType<TPent>,
  id: string,
): Promise<TPent | null> {
  const [pent = null] = await readObjects(context, type, [id]);
  return pent;
}

/** The object whose id `pent` stores in `attribute`; null also where it is of another type. */
export async function readStoredId<TPent extends PentObject>(
  pent: PentObject,
  attribute: string,
  types: readonly string[],
): Promise<TPent | null> {
  const id = pent.$record[attribute];
  if (typeof id !== 'string') return null;
  const { current: context } = pent.$context;
  const [found = null] = await admit(context, await readRecords(context, [id]));
  if (found instanceof Error) throw found;
  return found !== null && types.includes(definitionOf(found.constructor as PentClass).name) ? (found as TPent) : null;
}

/** A page of the list that `pent` has over an edge. */
export function readEdge<TPent extends PentObject>(
  pent: PentObject,
  edge: EdgeRef,
  page: ListArgs = {},
  wantsNext = false,
): Promise<PentPage<TPent>> {
  const context = pent.$context;
  return readPage(
    context,
    (requests: readonly EdgesRequest[]) => readEdgePages(context, context.kvetch.reads, requests),
    { edge, fromId: pent.id },
    page,
    wantsNext,
    toldByEdge(context.model.schema, edge),
  );
}

async function listOf<TPent extends PentObject>(
  pent: PentObject,
  edge: EdgeRef,
  page: ListArgs = {},
): Promise<readonly TPent[]> {
  return objectsOf(await readEdge<TPent>(pent, edge, page));
}

/** The sum of the attribute that an edge's list is first ordered by, of all its readable objects: see `pentEdge.sum`. */
function sumOf(pent: PentObject, edge: string, attr: string): Promise<number | null> {
  return addUp(pent, { kind: 'edge', name: edge, of: pent.id, sum: attr });
}

/** That sum divided by the number of these objects; null where there is none. */
function averageOf(pent: PentObject, edge: string, attr: string): Promise<number | null> {
  return addUp(pent, { kind: 'edge', name: edge, of: pent.id, sum: attr, isAverage: true });
}

async function addUp(pent: PentObject, list: CountedList): Promise<number | null> {
  const [found = null] = await countReadable(pent.$context.current, [list]);
  if (found instanceof Error) throw found;
  return found;
}

/**
 * The objects of a page of the list that `pent` has over an edge. `readEdgeList.sum(pent, edge, attr)` and
 * `readEdgeList.average` add up the first attribute of its order, of all objects that the viewer may read.
 */
export const readEdgeList: typeof listOf & { readonly sum: typeof sumOf; readonly average: typeof averageOf } =
  Object.assign(listOf, { sum: sumOf, average: averageOf });

/** A page of the readable objects that an index holds for a value, in its order: of several attributes, an object of them. */
export function readIndexed<TPent extends PentObject>(
  context: Context,
  type: PentType<TPent>,
  index: string,
  value: unknown,
  page: ListArgs = {},
  wantsNext = false,
): Promise<PentPage<TPent>> {
  const pages = readPage(
    context,
    (requests: readonly IndexRequest[]) => context.kvetch.reads.indexObjects(requests),
    { index, value },
    page,
    wantsNext,
    toldByIndex(context.model.schema, index),
  );
  return pages.then((found) => assertPage(found, type));
}

export function readBrowse<TPent extends PentObject>(
  context: Context,
  type: PentType<TPent>,
  page: PageWays,
  wantsNext = false,
): Promise<PentPage<TPent>> {
  const typeId = type.definition?.typeId as number;
  return readPage(
    context,
    (requests: readonly BrowsePageRequest[]) => context.kvetch.reads.browse(requests),
    { type: typeId },
    page,
    wantsNext,
    [],
  );
}

const pageOptions: OptionTable<ListArgs> = {
  first: anything,
  after: anything,
  last: anything,
  before: anything,
  reverse: anything,
  range: anything,
};

/** A page that is filled up; every page of a turn, and every next page, is read together with others. */
async function readPage<TPent extends PentObject, TRequest extends ListArgs>(
  { current: context }: Context,
  read: (requests: readonly TRequest[]) => MaybePromise<ReadonlyArray<ObjectPage | Error>>,
  request: TRequest,
  given: ListArgs,
  wantsNext: boolean,
  told: readonly string[],
): Promise<PentPage<TPent>> {
  checkOptions('A page', given, pageOptions);
  const window = pageWindow(given);
  const goal = goalOf(window.first, wantsNext);
  const { reverse, until } = window;
  const { range } = given;
  const ends = {
    ...(reverse && { reverse }),
    ...(until !== null && { before: until }),
    ...(range != null && { range }),
  };
  const ask = (page: PageArgs): MaybePromise<ReadonlyArray<RawPage | Error>> =>
    read([{ ...request, ...page, ...ends }]);
  const pages = await ask({ first: goal.first + (goal.wantsNext ? 1 : 0), after: window.after });
  const [page] = await fillPages(
    context,
    [goal],
    pages,
    ([next]) => ask({ first: next?.first, after: next?.after }),
    null,
    told,
  );
  if (page instanceof Error) throw asSafe(page);
  return inListOrder(page as PentPage<TPent>, window);
}

function assertPage<TPent extends PentObject>(page: PentPage, type: PentType<TPent>): PentPage<TPent> {
  for (const pent of page.objects) if (!(pent instanceof Error)) assertType(pent, type);
  return page as PentPage<TPent>;
}
