import type { KvetchContext } from '../KvetchContext.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { leavesChildren } from '../writes/children.ts';
import { isPrepared } from '../writes/unit/prepared.ts';
import { objectIdsIn } from './objectIdsIn.ts';

/** The work that writes have left to do. */
export interface OpenWork {
  /** Notes in outboxes: of writes that are under way, or wait for a relay. */
  readonly notes: number;
  /** Deleted objects among them whose children may not all have gone. */
  readonly parents: number;
  /** Objects among them with a change of a unit over several servers that is not applied or taken back yet. */
  readonly prepared: number;
  /** When the first of these was prepared, by the clock of its writer, in microseconds; `null` where there is none. */
  readonly preparedUs: number | null;
  /** Whether there may be more of all: there are many notes, or not every store has answered. */
  readonly isMore: boolean;
}

const PAGE = 1000;
const MOST = 10_000;
/** Notes are held for some seconds. */
const WITHIN_MS = 3600 * 1000;

/** Counts the first notes of each store. A store that fails is left out. `context` must read past caches. */
export async function openWork(context: KvetchContext): Promise<OpenWork> {
  let [notes, parents, isMore] = [0, 0, false];
  const prepared = new Map<string, number>(); // the notes of all its servers name an object of a unit
  const look = (row: ObjectRow): void => {
    if (isPrepared(row)) prepared.set(row.id, row.updatedUs);
    if (leavesChildren(context.schema, row)) parents++;
  };
  const count = async (store: ShardStore): Promise<void> => {
    let page = await store.readNotes(null, PAGE, WITHIN_MS);
    for (let seen = 0; page.length > 0; ) {
      seen += page.length;
      notes += page.length;
      const named = page.flatMap(({ keys }) => objectIdsIn(keys));
      for (const row of await readObjectRows(context, [...new Set(named)])) {
        if (row instanceof Error) isMore = true;
        else if (row !== null) look(row);
      }
      if (page.length < PAGE) break;
      if (seen >= MOST) isMore = true;
      page = seen >= MOST ? [] : await store.readNotes(page.at(-1) ?? null, PAGE, WITHIN_MS);
    }
  };
  for (const store of context.shards.stores) {
    try {
      await count(store);
    } catch {
      isMore = true;
    }
  }
  const times = [...prepared.values()];
  const preparedUs = times.length === 0 ? null : times.reduce((one, other) => Math.min(one, other));
  return { notes, parents, prepared: prepared.size, preparedUs, isMore };
}
