import { itemAt } from '../../utils/itemAt.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { type EdgeType, isBound } from '../schema/KvetchSchema.ts';
import { chainEntries } from '../shards/chain.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { mapEntries } from './attempt.ts';
import type { ReadExtra } from './KvetchReads.ts';
import { readObjectRows } from './readObjects.ts';
import { track } from './track.ts';

/** Whether some lists are empty as soon as their source is gone. */
export function hasHanging({ schema, expiry }: KvetchContext): boolean {
  return schema.hasBoundLists || expiry !== null;
}

/** The source that a list needs; `null`: the list does not hang on it. */
export function sourceOf({ expiry }: KvetchContext, edge: EdgeType, fromId: string): string | null {
  const mayEnd = edge.source === null && expiry?.has(edge.fromTypeId) === true;
  return mayEnd || isBound(edge) ? fromId : null;
}

export function isText(id: string | null): id is string {
  return id !== null;
}

/** Has answers judged by whether an object is there; those with the id `null` stand. */
export function judged<T>(
  context: KvetchContext,
  answers: Batch<T>,
  ids: ReadonlyArray<string | null>,
  extra: ReadExtra | undefined,
  given: readonly unknown[],
  judge: (answer: T, isThere: boolean) => T,
): Batch<T> {
  if (!ids.some(isText)) return answers;
  const wanted = ids.filter(isText);
  // a write that ends an object is none of its lists
  if (context.expiry !== null) {
    const of = given.filter((_, at) => isText(ids[at] ?? null));
    track(context, extra, 'o:', wanted, null, of);
  }
  const found = readObjectRows(context, wanted, extra);
  return chainEntries(answers, given.length, (entries) =>
    chainEntries(found, given.length, (rows) => {
      let next = 0;
      return mapEntries(entries, (answer, at): Entry<T> => {
        if (!isText(ids[at] ?? null)) return answer;
        const row = rows[next++] ?? null;
        return row instanceof Error ? row : judge(answer, row?.state === LIVE);
      });
    }),
  );
}

/** How pages are rid of what leads to objects that have expired. */
interface Ridding<TRequest, TPage> {
  /** The type of the objects that a list leads to. */
  readonly typeOf: (request: TRequest) => number;
  readonly idsOf: (page: TPage) => readonly string[];
  readonly keep: (page: TPage, isThere: (at: number) => boolean) => TPage;
}

/** Leaves out of pages what leads to objects that have expired. They end where they did, and so may be short. */
export function withoutExpired<TRequest, TPage>(
  context: KvetchContext,
  pages: Batch<TPage>,
  requests: readonly TRequest[],
  extra: ReadExtra | undefined,
  { typeOf, idsOf, keep }: Ridding<TRequest, TPage>,
): Batch<TPage> {
  const { expiry } = context;
  if (expiry === null) return pages;
  return chainEntries(pages, requests.length, (found) => {
    const idsAt = mapEntries(found, (page, at) => (expiry.has(typeOf(itemAt(requests, at))) ? idsOf(page) : NO_IDS));
    const ids = idsAt.flatMap((own) => (own instanceof Error ? [] : own));
    if (ids.length === 0) return found;
    const of = idsAt.flatMap((own, at) => (own instanceof Error ? [] : own.map(() => requests[at])));
    track(context, extra, 'o:', ids, null, of);
    return chainEntries(readObjectRows(context, ids, extra), found.length, (rows) => {
      let next = 0;
      return mapEntries(found, (page, at): TPage => {
        const own = itemAt(idsAt, at);
        const count = own instanceof Error ? 0 : own.length;
        const states = rows.slice(next, next + count);
        next += count;
        return states.every(isLive) ? page : keep(page, (one) => isLive(itemAt(states, one)));
      });
    });
  });
}

const NO_IDS: readonly string[] = [];

/** A page without an object that could not be read would be a wrong page. */
export function isLive(row: Entry<ObjectRow | null>): boolean {
  if (row instanceof Error) throw row;
  return row?.state === LIVE;
}
