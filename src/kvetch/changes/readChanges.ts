import { setTimeout as sleep } from 'node:timers/promises';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { edgeData } from '../codec/decodeEdge.ts';
import { decodeObject } from '../codec/objectBody.ts';
import { BadCallError, ChangesGoneError } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { attempt } from '../reads/attempt.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { definedNumber } from '../schema/listNumbers.ts';
import { type EdgeRow, LIVE, type ObjectRow } from '../shards/rows.ts';
import type { ChangesPage, EdgeKey, Entry, KeptChange, ShardStore } from '../shards/ShardStore.ts';
import { shardError } from '../shards/Shards.ts';
import { parseChange } from './changeKey.ts';
import { parsePosition, positionText } from './position.ts';
import type { ChangesOptions, StoredChange } from './StoredChange.ts';

/** So many transactions are read at once. */
const PAGE = 100;
const POLL_MS = 500;

/**
 * The changes behind a position, a page of each store in turn. What changed is read after the page that names it, and pages
 * are read one after the other: no change of an object shows it older than one before, whatever server that came from.
 */
export async function* readChanges(
  given: KvetchContext,
  { from, follow = true, pollMs = POLL_MS, signal }: ChangesOptions,
): AsyncGenerator<StoredChange, void, undefined> {
  const context = fromStore(given);
  const { closing } = context;
  const ended = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  if (ended.aborted) return;
  try {
    const { feedOf, at, drained } = await begin(context, from);
    for (;;) {
      let isEnd = true;
      for (const [store, feed] of feedOf) {
        const { changes, isDrained = false } = await pageOf(store, feed, at.get(feed) ?? 0);
        if (isDrained) drained.add(feed);
        else drained.delete(feed);
        for (const { number, show } of await statesOf(context, changes)) {
          if (ended.aborted) return;
          at.set(feed, number);
          yield show(positionText(at, drained));
        }
        const last = changes.at(-1);
        if (ended.aborted) return;
        if (last === undefined) continue;
        at.set(feed, last.number);
        isEnd = false;
      }
      if (!isEnd) continue;
      if (!follow) return;
      await sleep(pollMs, undefined, { signal: ended });
    }
  } catch (error) {
    if (!ended.aborted) throw error; // else a wait was interrupted, or the stores are closed
  }
}

/** A position behind which everything is that is committed later. */
export async function endOfChanges({ shards }: KvetchContext): Promise<string> {
  const at = new Map<string, number>();
  const drained = new Set<string>();
  for (const store of shards.stores) {
    const end = await guarded(store, () => changesOf(store).end());
    const { feed, isDrained = false } = await readPage(store, end, 1);
    at.set(feed, end);
    if (isDrained) drained.add(feed);
  }
  return positionText(at, drained);
}

interface Beginning {
  readonly feedOf: ReadonlyMap<ShardStore, string>;
  /** The last number that was read of each feed. */
  readonly at: Map<string, number>;
  /** Feeds of stores without shards that were read to their end: such a store may go. */
  readonly drained: Set<string>;
}

async function begin({ shards }: KvetchContext, from: string | undefined): Promise<Beginning> {
  const { at, drained } =
    from === undefined ? { at: new Map<string, number>(), drained: new Set<string>() } : parsePosition(from);
  const feedOf = new Map<ShardStore, string>();
  for (const store of shards.stores) {
    const { feed, gone } = await readPage(store, 0, 0);
    feedOf.set(store, feed);
    if (from === undefined) at.set(feed, gone);
  }
  const feeds = new Set(feedOf.values());
  const missing = [...at.keys()].filter((feed) => !feeds.has(feed));
  for (const feed of missing) if (drained.has(feed)) at.delete(feed);
  if (missing.every((feed) => drained.has(feed))) return { feedOf, at, drained };
  throw new ChangesGoneError('The position is of another store, or a server that it names is not among the stores');
}

async function pageOf(store: ShardStore, known: string, after: number): Promise<ChangesPage> {
  const page = await readPage(store, after, PAGE);
  if (page.feed !== known) throw new ChangesGoneError('The changes were kept anew meanwhile');
  if (after > page.end) throw new ChangesGoneError('A store is older than the position: it was restored');
  if (after < page.gone) throw new ChangesGoneError('The changes behind the position are not kept any more');
  return page;
}

async function readPage(store: ShardStore, after: number, limit: number): Promise<ChangesPage & { feed: string }> {
  const page = await guarded(store, () => changesOf(store).read(after, limit));
  const { feed } = page;
  if (feed !== null) return { ...page, feed };
  throw new BadCallError('No changes are kept: give createKvetch a "changeFeed" with "retentionMs", in all processes.');
}

function changesOf({ changes }: ShardStore): NonNullable<ShardStore['changes']> {
  if (changes !== undefined) return changes;
  throw new BadCallError('A store of the shards cannot keep changes. Those of planql can.');
}

/** Errors of drivers may hold SQL or hosts. */
async function guarded<T>(store: ShardStore, run: () => MaybePromise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw shardError(error, store, 0, 'not-applied');
  }
}

/** A change that can be shown with its position. */
interface State {
  /** The number behind which the feed goes on. */
  readonly number: number;
  readonly show: (position: string) => StoredChange;
}

/** What the changes of a page name, each once, as it is now. */
async function statesOf(context: KvetchContext, changes: readonly KeptChange[]): Promise<readonly State[]> {
  // where several name one key, the last stands for all: a reader that goes on behind the first gets it with that
  const last = new Map(changes.flatMap((change) => change.keys.map((key) => [key, change] as const)));
  const keys = changes.flatMap((change) => {
    const shown = [...new Set(change.keys)].filter((key) => last.get(key) === change);
    // the others of a transaction come again to a reader that goes on behind its first
    return shown.map((key, at) => ({
      of: parseChange(key),
      at: change.atMs,
      number: at === shown.length - 1 ? change.number : change.number - 1,
    }));
  });
  const ids = keys.flatMap(({ of }) => (typeof of === 'string' ? [of] : []));
  const edges = keys.flatMap(({ of }) => (typeof of === 'string' ? [] : [of]));
  const rows = (ids.length === 0 ? [] : await readObjectRows(context, ids)).values();
  const edgeRows = (edges.length === 0 ? [] : await readEdgeRows(context, edges)).values();
  return keys.map(({ of, at, number }): State => {
    if (typeof of === 'string') {
      const row = found(rows.next().value);
      return { number, show: (position) => ({ kind: 'object', position, at, id: of, ...stateOf(context, row) }) };
    }
    const row = edgeRows.next().value ?? null;
    return { number, show: (position) => ({ kind: 'edge', position, at, ...edgeOf(context, of, row) }) };
  });
}

function found<TRow>(row: Entry<TRow | null> | undefined): TRow | null {
  if (row instanceof Error) throw row;
  return row ?? null;
}

function stateOf({ schema }: KvetchContext, row: ObjectRow | null) {
  const type = row === null ? null : attempt(() => schema.type(row.typeId).name);
  const object = row?.state === LIVE ? attempt(() => decodeObject(row)) : null;
  return { type: type instanceof Error ? null : type, object };
}

function edgeOf({ schema }: KvetchContext, { edgeId, fromId, toId }: EdgeKey, row: EdgeRow | null) {
  const name = attempt(() => schema.edge(definedNumber(edgeId)).name);
  const isThere = row?.state === LIVE;
  const edge = name instanceof Error ? null : name;
  return { edge, fromId, toId, isThere, data: isThere ? attempt(() => edgeData(row)) : null };
}

/** Of an edge that got an order since it was written, the row that has one counts, as soon as there is one. */
async function readEdgeRows({ shards, schema }: KvetchContext, keys: readonly EdgeKey[]) {
  const places = keys.map((key) => {
    const moved = schema.findReordered(key.edgeId);
    return moved === null ? [key] : [{ ...key, edgeId: moved.edgeId }, key];
  });
  const rows = await shards.scatter({
    keys: places.flat(),
    shardOf: ({ fromId }) => shardOfId(fromId),
    call: (store, some: readonly EdgeKey[]) => store.readEdges(some, { fresh: 'store', isTracked: false, trace: null }),
    effect: 'not-applied',
  });
  const next = rows.values();
  return places.map((of) => of.map(() => found(next.next().value)).find((row) => row !== null) ?? null);
}
