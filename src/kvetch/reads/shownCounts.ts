import { itemAt } from '../../utils/itemAt.ts';
import { countNumber, sumOfKeys } from '../codec/sumOfKeys.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { chain, chainEntries, isPromise } from '../shards/chain.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { Batch, CountRequest, Entry } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import { attempt } from './attempt.ts';
import { eitherWay } from './eitherWay.ts';
import { isLive } from './judged.ts';
import type { ReadExtra } from './KvetchReads.ts';
import { readObjectRows } from './readObjects.ts';
import { track } from './track.ts';

/** Counts lists, or adds them up: their stores do, unless what they list may expire. */
export function askForCounts(
  context: KvetchContext,
  keys: ReadonlyArray<CountRequest | Error>,
  extra: ReadExtra | undefined,
  given: readonly unknown[],
): Batch<number> {
  const { expiry, schema } = context;
  const ask = (some: ReadonlyArray<CountRequest | Error>): Batch<number> => askShards(context, extra, 'counts', some);
  if (expiry === null) return ask(keys);
  const mayEnd = keys.map((key) => !(key instanceof Error) && expiry.has(schema.edge(key.edgeId).toTypeId));
  if (!mayEnd.includes(true)) return ask(keys);
  const of = given.filter((_, at) => mayEnd[at] === true);
  return eitherWay(keys, mayEnd, ask, (some) =>
    countShown(
      { ...context, scope: null }, // a request would keep all pages
      some.flatMap((key, at) => (key instanceof Error ? [] : new Counted(key, of[at]))),
      extra,
    ),
  );
}

/** So many rows of a list are looked at together, and no fewer than that, as some may have expired. */
const PAGE = 1000;
const LEAST = 20;

/** A list that is being counted. */
class Counted {
  readonly request: CountRequest;
  readonly given: unknown;
  readonly #sums = new Map<string, number>();
  #count = 0;
  #last: EdgeRow | null = null;
  #failure: Error | null = null;
  isDone = false;

  constructor(request: CountRequest, given: unknown) {
    this.request = request;
    this.given = given;
  }

  get page(): EdgePageRequest {
    const { edgeId, fromId, low, high } = this.request;
    const last = this.#last;
    return {
      ...{
        edgeId,
        fromId,
        afterPos: last?.pos ?? null,
        afterId: last?.toId ?? null,
        limit: this.#limit,
        isBrief: true,
      },
      ...(last?.key !== undefined && { afterKey: last.key }),
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
    };
  }

  get #limit(): number {
    return Math.min(PAGE, Math.max(LEAST, (this.request.upTo ?? PAGE) - this.#count));
  }

  #add(row: EdgeRow): void {
    this.#count++;
    const { sum } = this.request;
    if (sum !== undefined) countNumber(sum, this.#sums, row.key ?? '');
  }

  /** A page was looked at, with the rows that lead to objects that are there. */
  took(page: readonly EdgeRow[], shown: readonly EdgeRow[]): void {
    const isLast = page.length < this.#limit;
    const failure = attempt(() => {
      for (const row of shown) this.#add(row);
    });
    if (failure instanceof Error) return this.fail(failure);
    this.#last = page.at(-1) ?? null;
    this.isDone = isLast || this.#count >= (this.request.upTo ?? Number.POSITIVE_INFINITY);
  }

  fail(error: Error): void {
    this.#failure = error;
    this.isDone = true;
  }

  get answer(): Entry<number> {
    const { sum, upTo } = this.request;
    if (this.#failure !== null) return this.#failure;
    if (sum !== undefined) return sumOfKeys(sum, this.#sums);
    return Math.min(this.#count, upTo ?? this.#count);
  }
}

/**
 * Goes by the pages of lists and by all that they lead to, as rows do not say when objects end. No recursion: a list may be
 * long, and a store may answer at once.
 */
function countShown(context: KvetchContext, all: readonly Counted[], extra: ReadExtra | undefined): Batch<number> {
  for (let open = all; ; ) {
    open = open.filter(({ isDone }) => !isDone);
    if (open.length === 0) return all.map(({ answer }) => answer);
    const looked = chain(look(context, open, extra), (entries) => failEach(open, entries));
    if (isPromise(looked)) return looked.then(() => countShown(context, all, extra));
  }
}

/** What has failed, by list. */
function failEach(open: readonly Counted[], entries: ReadonlyArray<Entry<null>>): void {
  for (const [at, entry] of entries.entries()) if (entry instanceof Error) itemAt(open, at).fail(entry);
}

/** Looks at the next page of each list. */
function look(context: KvetchContext, open: readonly Counted[], extra: ReadExtra | undefined): Batch<null> {
  const pages = askShards(
    context,
    extra,
    'pages',
    open.map(({ page }) => page),
  );
  return chainEntries(pages, open.length, (found) => {
    const ids: string[] = [];
    const of: unknown[] = [];
    for (const [at, page] of found.entries())
      for (const { toId } of page instanceof Error ? [] : page) of[ids.push(toId) - 1] = itemAt(open, at).given;
    track(context, extra, 'o:', ids, null, of);
    return chainEntries(readObjectRows(context, ids, extra), open.length, (targets) => {
      let next = 0;
      return found.map((page, at): Entry<null> => {
        const counted = itemAt(open, at);
        if (page instanceof Error) counted.fail(page);
        else {
          const own = targets.slice(next, next + page.length);
          next += page.length;
          const failure = own.find((target) => target instanceof Error);
          if (failure !== undefined) counted.fail(failure);
          else
            counted.took(
              page,
              page.filter((_, n) => isLive(own[n] ?? null)),
            );
        }
        return null;
      });
    });
  });
}
