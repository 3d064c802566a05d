import { isRecord } from '../../utils/isRecord.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { keysOf, sourcesOf } from '../codec/listSource.ts';
import { BadCursorError, BadPageError, BadValueError, quote } from '../errors.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import type { EdgeType } from '../schema/KvetchSchema.ts';
import { chainEntries } from '../shards/chain.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { compareEdges } from '../shards/reflectsWrite.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { Batch, CountRequest, Entry } from '../shards/ShardStore.ts';
import { mapEntries } from './attempt.ts';
import { edgeCursor, parseEdgeStart } from './cursors.ts';
import type { IndexCountRequest, IndexRequest, ReadExtra } from './KvetchReads.ts';
import {
  askForPages,
  checkedSum,
  countedPart,
  edgeName,
  lengthBefore,
  mayBeBrief,
  orderedPart,
  placeOf,
  type RowPage,
  toLimit,
} from './readEdges.ts';
import { askForCounts } from './shownCounts.ts';
import { track } from './track.ts';

/** A page of the list of a value, and the source that its cursors name. */
export interface ValuePage extends RowPage {
  readonly edge: EdgeType;
  readonly isSpread: boolean;
  readonly cursorOf: (row: EdgeRow) => string;
}

interface Asked<TKey> {
  readonly edge: EdgeType;
  readonly limit: number;
  readonly source: string;
  readonly parts: readonly TKey[];
}

/** Reads pages of lists by values; those that are spread over several sources are merged. */
export function readValueLists(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
  wantsEdges: boolean,
): Batch<ValuePage> {
  const isBrief = mayBeBrief(context, wantsEdges);
  const asked = mapEntries(requests, (request) => toPages(context, request, isBrief));
  const { keys, given } = flat(asked, requests);
  return chainEntries(askForPages(context, keys, extra, given), requests.length, (found) => {
    let next = 0;
    return mapEntries(asked, ({ edge, limit, source, parts }, at): ValuePage => {
      const { reverse = false, before } = itemAt(requests, at);
      const from = next;
      next += parts.length;
      const rows = merged(found, from, next, limit, reverse);
      const isCut = rows.length >= limit;
      const shown = isCut ? Math.max(0, limit - 1) : rows.length;
      const end = placeOf(before, edge, source);
      const length = end === null ? -1 : lengthBefore(rows, end, { reverse });
      return {
        ...{ edge, mark: edge.mark, isSpread: parts.length > 1 },
        rows: firstOf(rows, length === -1 ? shown : Math.min(length, shown)),
        hasNextPage: length === -1 && isCut && limit > 1,
        cursorOf: ({ pos, key, toId }) =>
          edgeCursor({ pos, toId, fromId: source, ...(key !== undefined && { key }) }, edge.mark),
      };
    });
  });
}

/** The first rows of the parts of one list, in its order: of all parts together, as many as each was asked for. */
function merged(
  found: ReadonlyArray<Entry<readonly EdgeRow[]>>,
  from: number,
  to: number,
  limit: number,
  reverse: boolean,
): readonly EdgeRow[] {
  const parts: (readonly EdgeRow[])[] = [];
  for (let at = from; at < to; at++) {
    const page = itemAt(found, at);
    if (page instanceof Error) throw page; // a page without one part would skip objects for ever
    if (page.length > 0) parts.push(page);
  }
  if (parts.length < 2) return parts[0] ?? NO_ROWS;
  const heads = new Array<number>(parts.length).fill(0);
  const rows: EdgeRow[] = [];
  while (rows.length < limit) {
    let best = -1;
    let first: EdgeRow | undefined;
    for (let part = 0; part < parts.length; part++) {
      const row = parts[part]?.[heads[part] as number];
      if (row === undefined) continue;
      if (first !== undefined && compareEdges(row, first) > 0 !== reverse) continue;
      best = part;
      first = row;
    }
    if (first === undefined) break;
    rows.push(first);
    (heads[best] as number)++;
  }
  return rows;
}

const NO_ROWS: readonly EdgeRow[] = [];

function firstOf(rows: readonly EdgeRow[], count: number): readonly EdgeRow[] {
  return rows.length === count ? rows : rows.slice(0, count);
}

/** Counts the objects of lists by values, or adds up what they are ordered by: the sums of their parts, in the order of these. */
export function countValueLists(
  context: KvetchContext,
  requests: readonly IndexCountRequest[],
  extra: ReadExtra | undefined,
): Batch<number> {
  const asked = mapEntries(requests, (request): Asked<CountRequest> => {
    const { edge, sources } = partsOf(context, request.index, request.value);
    const part = countedPart(context, edge, request);
    const parts = sources.map((fromId) => ({ edgeId: edge.edgeId, fromId, ...part }));
    return { edge, limit: part.upTo ?? Number.POSITIVE_INFINITY, source: '', parts };
  });
  const { keys, given } = flat(asked, requests);
  track(context, extra, 'e:', keys, edgeName, given);
  return chainEntries(askForCounts(context, keys, extra, given), requests.length, (counts) => {
    let next = 0;
    return mapEntries(asked, ({ parts, limit }): number => {
      const [part] = parts;
      const checked = (total: number): number => (part === undefined ? total : checkedSum(total, part.sum));
      const own = counts.slice(next, next + parts.length);
      next += parts.length;
      let sum = 0;
      for (const count of own) {
        if (count instanceof Error) throw count;
        sum += checked(count);
      }
      return Math.min(checked(sum), limit);
    });
  });
}

/** The keys of all parts of all requests, and the request of each. */
function flat<TKey>(
  asked: ReadonlyArray<Entry<Asked<TKey>>>,
  requests: readonly unknown[],
): { readonly keys: readonly TKey[]; readonly given: readonly unknown[] } {
  const keys: TKey[] = [];
  const given: unknown[] = [];
  for (const [at, one] of asked.entries()) {
    for (const key of one instanceof Error ? [] : one.parts) {
      keys.push(key);
      given.push(requests[at]);
    }
  }
  return { keys, given };
}

function toPages(context: KvetchContext, request: IndexRequest, isBrief: boolean): Asked<EdgePageRequest> {
  const { edge, sources } = partsOf(context, request.index, request.value);
  const source = itemAt(sources, 0);
  const start = parseEdgeStart(request.after, edge, source);
  if (start !== null && start.key === undefined)
    throw new BadCursorError(`"after" is ${quote(request.after)}, which is no cursor of this list.`);
  const limit = toLimit(context, request.first);
  const part = orderedPart(edge, start, request.reverse, request.range);
  const page = {
    edgeId: edge.edgeId,
    afterPos: start?.pos ?? null,
    afterId: start?.id ?? null,
    limit,
    ...part,
    isBrief,
  };
  return { edge, limit, source, parts: sources.map((fromId) => ({ ...page, fromId })) };
}

function partsOf(
  context: KvetchContext,
  ref: IndexRequest['index'],
  value: unknown,
): { readonly edge: EdgeType; readonly sources: readonly string[] } {
  const { list: edge, name } = context.schema.index(ref);
  const source = edge?.source ?? null;
  if (edge === null || source === null)
    throw new BadPageError(
      `The entries of the index "${name}" are not counted.`,
      ' Give it "attrs" with a "where", an "orderBy" or several attributes.',
    );
  checkFilled(context, edge);
  const { attrs } = source;
  const place = `The value of the index "${name}"`;
  const [only] = attrs;
  const isBag = attrs.length !== 1 || (isRecord(value) && only !== undefined && Object.hasOwn(value, only.attr));
  const given = isBag ? (value ?? {}) : { [only?.attr ?? '']: value };
  if (!isRecord(given)) throw new BadValueError(`${place} is ${quote(value)} and must be an object of attributes.`);
  const wrong = Object.keys(given).find((key) => !attrs.some(({ attr }) => attr === key));
  const keys = wrong === undefined ? keysOf(attrs, given, place) : null;
  if (keys === null)
    throw new BadValueError(
      `${place} must have exactly these attributes: ${attrs.map(({ attr }) => attr).join(', ') || 'none'}.`,
    );
  return { edge, sources: sourcesOf(source, keys) };
}
