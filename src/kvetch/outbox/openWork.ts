import type { KvetchContext } from '../KvetchContext.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { leavesChildren } from '../writes/children.ts';

/** The work that writes have left to do. */
export interface OpenWork {
  /** Notes in outboxes: of writes that are under way, or wait for a relay. */
  readonly notes: number;
  /** Deleted objects among them whose children may not all have gone. */
  readonly parents: number;
  /** Whether there is more of both. */
  readonly isMore: boolean;
}

const PAGE = 1000;
const MOST = 10_000;
/** Notes are held for some seconds. */
const WITHIN_MS = 3600 * 1000;

/** Counts the first notes of each store. `context` must read past caches. */
export async function openWork(context: KvetchContext): Promise<OpenWork> {
  let [notes, parents, isMore] = [0, 0, false];
  for (const store of context.shards.stores) {
    let page = await store.readNotes(null, PAGE, WITHIN_MS);
    for (let seen = 0; page.length > 0; ) {
      seen += page.length;
      notes += page.length;
      const named = page.flatMap(({ keys }) => keys.flatMap((key) => (key.startsWith('o:') ? key.slice(2) : [])));
      for (const row of await readObjectRows(context, [...new Set(named)])) {
        if (row instanceof Error) throw row;
        if (row !== null && leavesChildren(context.schema, row)) parents++;
      }
      if (page.length < PAGE) break;
      if (seen >= MOST) isMore = true;
      page = isMore ? [] : await store.readNotes(page.at(-1) ?? null, PAGE, WITHIN_MS);
    }
  }
  return { notes, parents, isMore };
}
