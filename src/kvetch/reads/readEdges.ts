import { isRecord } from '../../utils/isRecord.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { inheritedName, isPropertyBag } from '../../utils/propertyBag.ts';
import { decodeEdge } from '../codec/decodeEdge.ts';
import { type KeyRange, keyRange } from '../codec/orderKey.ts';
import { isSummed, type SummedPart } from '../codec/sumOfKeys.ts';
import { BadCursorError, BadIdError, BadPageError, BadValueError, quote } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import type { EdgeType } from '../schema/KvetchSchema.ts';
import { isOrdered } from '../schema/listNumbers.ts';
import { chainEntries } from '../shards/chain.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { compareEdges, type Place, placeBefore } from '../shards/reflectsWrite.ts';
import type { EdgeRow, EdgeRows } from '../shards/rows.ts';
import type { Batch, CountRequest } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import { mapEntries } from './attempt.ts';
import { type EdgeStart, edgeCursor, parseEdgeStart, parseFirst } from './cursors.ts';
import { hasHanging, isText, judged, sourceOf, withoutExpired } from './judged.ts';
import type { EdgeCountRequest, EdgePage, EdgesRequest, ReadExtra, SumArgs } from './KvetchReads.ts';
import { RequestScope } from './RequestScope.ts';
import { askForCounts } from './shownCounts.ts';
import { Turn } from './Turn.ts';
import { track } from './track.ts';

/** A page as it is stored. */
export interface RowPage {
  readonly rows: readonly EdgeRow[];
  readonly hasNextPage: boolean;
  /** Of the list, for its cursors. */
  readonly mark: string;
}

/** Reads pages of lists, each with its own source, `first` and `after`. */
export function readEdges(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<EdgePage> {
  const wantsCursor = isWanted(extra, 'endCursor');
  const pages = readWindows(context, requests, extra, (rows, shown, hasNextPage, mark): EdgePage => {
    const edges = rows.shown?.length === shown ? rows.shown : decodeEdges(rows, shown, mark);
    return { edges, hasNextPage, endCursor: wantsCursor ? endCursor(rows, mark, shown) : null };
  });
  return withoutExpired(context, pages, requests, extra, {
    typeOf: ({ edge }) => context.schema.edge(edge).toTypeId,
    idsOf: ({ edges }) => edges.map(({ toId }) => toId),
    keep: (page, isThere) => ({ ...page, edges: page.edges.filter((_, at) => isThere(at)) }),
  });
}

/** The records of the first rows. A list that is kept keeps them, unless a reader may write to one. */
function decodeEdges(rows: EdgeRows, shown: number, mark: string): readonly KvetchEdge[] {
  const edges: KvetchEdge[] = new Array(shown);
  let areShared = true;
  for (let at = 0; at < shown; at++) {
    const row = itemAt(rows, at);
    edges[at] = row.record ?? decodeEdge(row, mark);
    if (row.record === null) areShared = false;
  }
  if (rows.shown !== undefined && areShared) rows.shown = Object.freeze(edges);
  return edges;
}

/** Whether an attribute of the loaded values is read. */
export function isWanted(extra: ReadExtra | undefined, attribute: string): boolean {
  return extra?.attributes?.includes(attribute) ?? true;
}

/** The cursor behind the first rows of a page. */
export function endCursor(rows: readonly EdgeRow[], mark: string, shown: number = rows.length): string | null {
  const last = rows[shown - 1];
  return last === undefined ? null : edgeCursor(last, mark);
}

/** Reads pages, or takes those that are being read already. */
export function readRowPages(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<RowPage> {
  const toPage = (rows: EdgeRows, shown: number, hasNextPage: boolean, mark: string): RowPage => ({
    rows: shown === rows.length ? rows : rows.slice(0, shown),
    hasNextPage,
    mark,
  });
  return readWindows(context, requests, extra, toPage, mayBeBrief(context, isWanted(extra, 'edges')));
}

/** Whether targets and places will do: no edge is shown, and no token looks for the version of a row. */
export function mayBeBrief({ fresh }: KvetchContext, wantsEdges: boolean): boolean {
  return !wantsEdges && !(fresh instanceof Object);
}

/** Makes a page of each list's rows: it shows the first of them. */
function readWindows<TPage>(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
  toPage: (rows: EdgeRows, shown: number, hasNextPage: boolean, mark: string) => TPage,
  isBrief = false,
): Batch<TPage> {
  const edgeOf = new EdgeFinder(context);
  const keys = mapEntries(requests, (request) => toPageRequest(context, request, edgeOf, isBrief));
  return chainEntries(askForShown(context, keys, requests, edgeOf, extra), keys.length, (found) =>
    mapEntries(found, (rows, at): TPage => {
      const key = keys[at] as EdgePageRequest; // an error among the keys is an error among the rows
      const { limit, edgeId } = key;
      const mark = isOrdered(edgeId) ? edgeOf.find(itemAt(requests, at).edge).mark : '';
      const isCut = rows.length >= limit;
      const shown = isCut ? Math.max(0, limit - 1) : rows.length;
      const until = requests[at]?.before ?? null;
      const end = until === null ? null : placeOf(until, edgeOf.find(itemAt(requests, at).edge), key.fromId);
      const length = end === null ? -1 : lengthBefore(rows, end, key);
      return length === -1 ? toPage(rows, shown, isCut && limit > 1, mark) : toPage(rows, length, false, mark);
    }),
  );
}

/** The place that a page ends before. */
export function placeOf(until: unknown, edge: EdgeType, fromId: string): Place | null {
  const end = parseEdgeStart(until, edge, fromId);
  if (end === null) return null;
  if (end.pos === null)
    throw new BadCursorError(
      'A page begins at a cursor or an id, and ends at a cursor alone. Give an id as "after" with "first", or as "before" with "last".',
    );
  return placeBefore(end.pos, end.key, end.id);
}

/** How many rows come before a place; -1: all of them. One more was read than is shown: it tells whether more follow. */
export function lengthBefore(
  rows: readonly EdgeRow[],
  place: Place,
  { reverse = false }: Pick<EdgesRequest, 'reverse'>,
): number {
  const isBefore = (row: EdgeRow): boolean => (reverse ? compareEdges(place, row) : compareEdges(row, place)) < 0;
  return rows.findIndex((row) => !isBefore(row));
}

/** The rows of pages. Lists whose objects do not outlive their source are empty when it is gone. */
function askForShown(
  given: KvetchContext,
  keys: PageKeys,
  requests: readonly EdgesRequest[],
  edgeOf: EdgeFinder,
  extra: ReadExtra | undefined,
): Batch<readonly EdgeRow[]> {
  const edgeAt = (at: number): EdgeType => edgeOf.find(itemAt(requests, at).edge);
  const sources = hasHanging(given)
    ? keys.map((key, at) => (key instanceof Error ? null : sourceOf(given, edgeAt(at), key.fromId)))
    : [];
  if (!sources.some(isText)) return askForPages(given, keys, extra, requests);
  const context = inOneTurn(given);
  const pages = askForPages(context, keys, extra, requests);
  return judged(context, pages, sources, extra, requests, (rows, isThere) => (isThere ? rows : NO_ROWS));
}

const NO_ROWS: readonly EdgeRow[] = [];

/** What a read of several kinds goes by: their keys go out together. */
export function inOneTurn(context: KvetchContext): KvetchContext {
  const { scope, sharing, shards, stats } = context;
  return scope === null ? { ...context, scope: new RequestScope(sharing ?? new Turn(shards, stats), stats) } : context;
}

type PageKeys = ReadonlyArray<EdgePageRequest | Error>;

export function askForPages(
  context: KvetchContext,
  keys: PageKeys,
  extra: ReadExtra | undefined,
  given: readonly unknown[] | null = null,
): Batch<readonly EdgeRow[]> {
  track(context, extra, 'e:', keys, edgeName, given);
  return askShards(context, extra, 'pages', keys);
}

function toPageRequest(
  context: KvetchContext,
  { edge, fromId, first, after, reverse, range }: EdgesRequest,
  finder: EdgeFinder,
  isBrief: boolean,
): EdgePageRequest {
  const found = finder.find(edge);
  const source = sourceId(fromId);
  const start = parseEdgeStart(after, found, source);
  const limit = toLimit(context, first);
  const { edgeId } = found;
  const page = { edgeId, fromId: source, afterPos: start?.pos ?? null, afterId: start?.id ?? null, limit, isBrief };
  // A spread that mostly has nothing in it costs more than all else here.
  if (found.order !== null || (range !== undefined && range !== null))
    return { ...page, ...orderedPart(found, start, reverse, range) };
  return reverse === true ? { ...page, reverse } : page;
}

/** The facts that only a page of an ordered list has. */
export function orderedPart(
  edge: EdgeType,
  start: EdgeStart | null,
  reverse: boolean | undefined,
  range: EdgesRequest['range'],
): Pick<EdgePageRequest, 'afterKey' | 'low' | 'high' | 'reverse'> {
  const { low, high } = boundsOf(edge, range);
  return {
    ...(start?.key !== undefined && { afterKey: start.key }),
    ...(low !== null && { low }),
    ...(high !== null && { high }),
    ...(reverse === true && { reverse }),
  };
}

function boundsOf({ name, order }: EdgeType, range: EdgesRequest['range']): KeyRange {
  if (range === undefined || range === null) return EVERYTHING;
  if (!isPropertyBag(range))
    throw new BadPageError(`The "range" of "${name}" is ${quote(range)} and must be an object of bounds.`);
  if (Object.keys(range).length === 0 && inheritedName(range) === null) return EVERYTHING;
  if (order === null || order.length === 0) throw noBounds(`The list "${name}"`, range);
  try {
    return keyRange(order, range, name);
  } catch (error) {
    throw error instanceof BadValueError ? new BadPageError(error.message) : error;
  }
}

/** That a list has no order. `wanted`: bounds of attributes. */
export function noBounds(place: string, wanted: unknown): BadPageError {
  const names = isRecord(wanted) ? Object.keys(wanted).map((name) => JSON.stringify(name)) : [];
  const message = `${place} has no order of ${names.join(' and ')}, and so takes no such bounds.`;
  return new BadPageError(message, ` Declare one with orderBy: [${names.join(', ')}].`);
}

const EVERYTHING: KeyRange = { low: null, high: null };

/** The edges of a batch: mostly it is the same one. */
class EdgeFinder {
  readonly #context: KvetchContext;
  #ref: EdgesRequest['edge'] | null = null;
  #edge: EdgeType | null = null;

  constructor(context: KvetchContext) {
    this.#context = context;
  }

  find(ref: EdgesRequest['edge']): EdgeType {
    if (this.#edge === null || ref !== this.#ref) {
      this.#edge = filledEdge(this.#context, ref);
      this.#ref = ref;
    }
    return this.#edge;
  }
}

function filledEdge(context: KvetchContext, ref: EdgesRequest['edge']): EdgeType {
  const edge = context.schema.edge(ref);
  checkFilled(context, edge);
  return edge;
}

/** How many rows to read: one more than are shown tells whether more follow. */
export function toLimit({ limits }: KvetchContext, wanted: EdgesRequest['first']): number {
  const first = parseFirst(wanted, limits.defaultFirst, limits.maxFirst);
  return first === 0 ? 0 : first + 1;
}

/** Counts the live edges of lists. */
export function readCounts(
  given: KvetchContext,
  requests: readonly EdgeCountRequest[],
  extra: ReadExtra | undefined,
): Batch<number> {
  if (requests.length === 0) return [];
  const sources: (string | null)[] = [];
  const context = hasHanging(given) ? inOneTurn(given) : given;
  const keys = mapEntries(requests, (request, at): CountRequest => {
    const edge = filledEdge(context, request.edge);
    const fromId = sourceId(request.fromId);
    sources[at] = sourceOf(context, edge, fromId);
    return { edgeId: edge.edgeId, fromId, ...countedPart(context, edge, request) };
  });
  track(context, extra, 'e:', keys, edgeName, requests);
  const asked = askForCounts(context, keys, extra, requests);
  const isSum = requests.some(({ sum }) => sum !== undefined && sum !== null);
  const counts = isSum
    ? chainEntries(asked, keys.length, (found) => mapEntries(found, (sum, at) => checkedSum(sum, partOf(keys, at))))
    : asked;
  return judged(context, counts, sources, extra, requests, (count, isThere) => (isThere ? count : 0));
}

function partOf(requests: ReadonlyArray<CountRequest | Error>, at: number): SummedPart | undefined {
  const request = itemAt(requests, at);
  return request instanceof Error ? undefined : request.sum;
}

/** A sum that JavaScript's numbers have: of integers the exact one. */
export function checkedSum(sum: number, part: SummedPart | undefined): number {
  if (part === undefined || (part.kind === 'int' ? Number.isSafeInteger(sum) : Number.isFinite(sum))) return sum;
  throw new BadValueError(
    `The sum of ${quote(part.attr)} is beyond the ${part.kind === 'int' ? 'safe integers' : 'finite numbers'}.`,
  );
}

/** Which part of a list is counted, and how far, or what is added up. */
export function countedPart(
  { limits }: Pick<KvetchContext, 'limits'>,
  edge: EdgeType,
  { range, upTo, sum }: SumArgs,
): Pick<CountRequest, 'low' | 'high' | 'upTo' | 'sum'> {
  const { low, high } = boundsOf(edge, range);
  if (upTo !== undefined && upTo !== null && !(Number.isSafeInteger(upTo) && upTo >= 0))
    throw new BadPageError(`"upTo" is ${quote(upTo)} and must be an integer of 0 or more.`);
  return {
    ...(low !== null && { low }),
    ...(high !== null && { high }),
    ...(upTo !== undefined && upTo !== null && { upTo }),
    ...(sum !== undefined && sum !== null && { sum: summedPart(edge, sum, limits.maxSummed, upTo) }),
  };
}

/** The attribute of an order that can be added up. */
export function summedPart(
  { name, order }: Pick<EdgeType, 'name' | 'order'>,
  wanted: string,
  maxValues: number,
  upTo?: SumArgs['upTo'],
): SummedPart {
  const first = order?.[0];
  if (first?.attr !== wanted || !isSummed(first)) {
    const why = first === undefined ? 'has no order' : `is first ordered by ${quote(first.attr)} (${first.kind})`;
    const remedy = ` Declare one with orderBy: [${quote(wanted)}] of kind int or float.`;
    throw new BadPageError(`The list "${name}" has no sum of ${quote(wanted)}: it ${why}.`, remedy);
  }
  if (upTo !== undefined && upTo !== null) throw new BadPageError(`A sum of "${name}" takes no "upTo".`);
  return { ...first, maxValues };
}

function sourceId(given: unknown): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given);
  return id;
}

export function edgeName({ edgeId, fromId }: { readonly edgeId: number; readonly fromId: string }): string {
  return `${edgeId}:${fromId}`;
}
