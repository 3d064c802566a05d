import { isRecord } from '../../utils/isRecord.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { BadPageError, quote } from '../errors.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import { chain } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { attempt } from './attempt.ts';
import type { ListArgs } from './KvetchReads.ts';

/** What the pages of all kinds of lists have, or may have. */
interface AnyPage {
  readonly edges?: readonly KvetchEdge[];
  readonly objects?: readonly unknown[];
  readonly ids?: readonly string[];
  readonly cursors?: readonly string[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  readonly end?: (() => string | null) | undefined;
  readonly startCursor?: string | null;
}

/**
 * Reads pages whose size is `last` from their end, and turns them: they come in the order of their list. `read` knows
 * `first` and `reverse` alone.
 */
export function turningPages<TRequest extends ListArgs, TPage extends AnyPage>(
  requests: readonly TRequest[],
  read: (requests: readonly TRequest[]) => Batch<TPage>,
): Batch<TPage> {
  if (!requests.some(isFromEnd)) return read(requests);
  const asked = requests.map((request) => attempt(() => (isFromEnd(request) ? fromEnd(request) : request)));
  const good = asked.filter((request): request is TRequest => !(request instanceof Error));
  return chain(good.length === 0 ? [] : read(good), (pages) => {
    let next = 0;
    return asked.map((request, at): Entry<TPage> => {
      if (request instanceof Error) return request;
      const page = itemAt(pages, next++);
      const given = itemAt(requests, at);
      return page instanceof Error || !isFromEnd(given) ? page : turned(page, given);
    });
  });
}

function isFromEnd({ last }: ListArgs): boolean {
  return last !== undefined && last !== null;
}

function fromEnd<TRequest extends ListArgs>(request: TRequest): TRequest {
  const { first, last, after, before, reverse } = request;
  if (first !== undefined && first !== null) throw new BadPageError('"first" and "last" cannot be combined.');
  if (typeof last !== 'number' || !Number.isInteger(last) || last < 0)
    throw new BadPageError(`"last" is ${quote(last)} and must be an integer of 0 or more.`);
  return {
    ...request,
    first: last,
    last: null,
    after: before,
    before: after,
    reverse: reverse !== true,
    isTurned: true,
  };
}

function turned<TPage extends AnyPage>(page: TPage, { before }: ListArgs): TPage {
  const { edges, objects, ids, cursors, hasNextPage, startCursor, endCursor, end } = page;
  return {
    ...page,
    ...(edges && { edges: edges.toReversed() }),
    ...(objects && { objects: objects.toReversed() }),
    ...(ids && { ids: ids.toReversed() }),
    ...(cursors && { cursors: cursors.toReversed() }),
    hasNextPage: before !== undefined && before !== null,
    hasPreviousPage: hasNextPage,
    startCursor: end === undefined ? endCursor : end(),
    endCursor: edges?.[0]?.cursor ?? cursors?.[0] ?? startCursor ?? idOf(objects?.[0]) ?? null,
    end: undefined,
  };
}

/** Of lists in order of id. */
function idOf(object: unknown): string | null {
  return isRecord(object) && typeof object.id === 'string' ? object.id : null;
}
