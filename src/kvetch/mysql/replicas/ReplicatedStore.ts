import { errorOf } from '../../../errors/errorOf.ts';
import { itemAt } from '../../../utils/itemAt.ts';
import type { MaybePromise } from '../../../utils/MaybePromise.ts';
import type { ConsistencyToken } from '../../shards/ConsistencyToken.ts';
import { plainRead } from '../../shards/ForwardingStore.ts';
import { NodeFailure } from '../../shards/NodeFailure.ts';
import type { EdgePageRequest, EntryPageRequest } from '../../shards/pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../../shards/rows.ts';
import type {
  Batch,
  EdgePut,
  Entry,
  EntryClaim,
  EntryPut,
  ObjectInsert,
  ObjectReplacement,
  ObjectRewrite,
  ReadOptions,
  ShardSpan,
  Stamp,
} from '../../shards/ShardStore.ts';
import { MysqlShardStore, type ReplicaStatus } from '../MysqlShardStore.ts';
import type { MysqlSettings } from '../mysqlOptions.ts';
import { Beats } from './Beats.ts';
import { Replica, type ReplicaReads } from './Replica.ts';

/** How one kind of row is read from a replica, and when its answer is not taken. */
interface ReplicaKind<TKey, TOut> {
  /** Where a write would have been to change the answer. */
  readonly placeOf: (key: TKey) => string;
  readonly read: (reads: ReplicaReads, keys: readonly TKey[]) => Promise<ReadonlyArray<Entry<TOut>>>;
  /** Whether rows are missing that the caller may have heard of. */
  readonly isMissing: (key: TKey, answer: TOut) => boolean;
  readonly isShown: (freshness: ConsistencyToken, key: TKey, answer: TOut) => boolean;
}

const listPlace = ({ edgeId, fromId }: Pick<EdgeRow, 'edgeId' | 'fromId'>): string => `e ${edgeId} ${fromId}`;
const valuePlace = ({ index, value }: Pick<EntryRow, 'index' | 'value'>): string => `x ${index} ${value}`;

const objects: ReplicaKind<string, ObjectRow | null> = {
  placeOf: (id) => id,
  read: (reads, ids) => reads.objects.readObjects(ids),
  isMissing: (_id, row) => row === null,
  isShown: (freshness, id, row) => freshness.isShownByObject(id, row),
};

const lists: ReplicaKind<EdgePageRequest, readonly EdgeRow[]> = {
  placeOf: listPlace,
  read: async (reads, requests) => reads.edges.readEdgePages(requests),
  // nothing is behind an id that the replica does not know
  isMissing: ({ afterId, afterPos, limit }, rows) =>
    rows.length === 0 && afterId !== null && afterPos === null && limit > 0,
  isShown: (freshness, request, rows) => freshness.isShownByList(request, rows),
};

const entries: ReplicaKind<EntryPageRequest, readonly EntryRow[]> = {
  placeOf: valuePlace,
  read: (reads, requests) => reads.entries.readEntryPages(requests),
  isMissing: ({ afterId, limit }, rows) => rows.length === 0 && afterId === null && limit > 0,
  isShown: (freshness, request, rows) => freshness.isShownByEntries(request, rows),
};

/**
 * A database with replicas, which answer reads of objects, lists and index values where that is as good: see
 * spec/9-kvetch-cache.md, 9.8. All else goes to the primary.
 */
export class ReplicatedStore extends MysqlShardStore {
  readonly #beats: Beats;

  constructor(settings: MysqlSettings, initial: ShardSpan | null, place: string | null) {
    super(settings, initial, place);
    const replicas = settings.replicas.map((replica) => new Replica(replica, place, () => this.to.fence.knownEpoch));
    this.#beats = new Beats(this.to, replicas, settings.maxReplicaLagMs);
  }

  override readObjects(ids: readonly string[], options: ReadOptions = plainRead): Batch<ObjectRow | null> {
    return this.#read(objects, ids, options, (some) => super.readObjects(some, options));
  }

  override readEdgePages(
    requests: readonly EdgePageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EdgeRow[]> {
    return this.#read(lists, requests, options, (some) => super.readEdgePages(some, options));
  }

  override readEntryPages(
    requests: readonly EntryPageRequest[],
    options: ReadOptions = plainRead,
  ): Batch<readonly EntryRow[]> {
    return this.#read(entries, requests, options, (some) => super.readEntryPages(some, options));
  }

  override insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null> {
    const places = inserts.flatMap(({ row, edges }) => [row.id, ...edges.map((edge) => listPlace(edge.row))]);
    return this.#write(super.insertObjects(inserts), places);
  }

  override replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean> {
    const places = replacements.map(({ row }) => row.id);
    return this.#write(super.replaceObjects(replacements), places);
  }

  override rewriteObjects(rewrites: readonly ObjectRewrite[]): Batch<ObjectRow | null> {
    return this.#write(
      super.rewriteObjects(rewrites),
      rewrites.map(({ id }) => id),
    );
  }

  override putEdges(puts: readonly EdgePut[]): Batch<Stamp | null> {
    const places = puts.map(({ row }) => listPlace(row));
    return this.#write(super.putEdges(puts), places);
  }

  override putEntries(puts: readonly EntryPut[]): Batch<Stamp | null> {
    const places = puts.map(({ row }) => valuePlace(row));
    return this.#write(super.putEntries(puts), places);
  }

  override claimEntries(claims: readonly EntryClaim[]): Batch<EntryRow | null> {
    const places = claims.map(({ row }) => valuePlace(row));
    return this.#write(super.claimEntries(claims), places);
  }

  /** The replicas, as this process knows them. */
  override get replicas(): readonly ReplicaStatus[] {
    return this.#beats.replicas;
  }

  /** Waits until each replica shows the writes so far, for as long as they may lag: which do not, and why. */
  override async checkReplicas(): Promise<readonly string[]> {
    const { replicas } = this.#beats;
    const { maxReplicaLagMs } = this.settings;
    const begunAt = performance.now();
    const isBehind = ({ shown }: Replica): boolean => shown === null || shown.begunAt < begunAt;
    for (const end = begunAt + maxReplicaLagMs; performance.now() < end && replicas.some(isBehind); ) {
      await this.#beats.beat();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return replicas
      .filter(isBehind)
      .map(
        ({ name, problem }) =>
          `Replica "${name}" of "${this.name}" is not read from: ${problem ?? 'it lags'}, for ${maxReplicaLagMs} ms.`,
      );
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), ...this.#beats.replicas.map((replica) => replica.close())]);
  }

  /** Reads from a replica where that is good enough; missing rows and failed reads come from the primary. */
  #read<TKey, TOut>(
    kind: ReplicaKind<TKey, TOut>,
    keys: readonly TKey[],
    { fresh, isTracked }: ReadOptions,
    fromPrimary: (keys: readonly TKey[]) => Batch<TOut>,
  ): Batch<TOut> {
    const replica = fresh === 'store' || isTracked ? null : this.#beats.choose();
    if (replica === null) return fromPrimary(keys);
    const accepts = (key: TKey, answer: Entry<TOut>): boolean =>
      !(answer instanceof Error) &&
      !kind.isMissing(key, answer) &&
      (fresh === null || kind.isShown(fresh as ConsistencyToken, key, answer));
    return this.#readBoth(kind, keys, replica, accepts, fromPrimary);
  }

  async #readBoth<TKey, TOut>(
    kind: ReplicaKind<TKey, TOut>,
    keys: readonly TKey[],
    replica: Replica,
    accepts: (key: TKey, answer: Entry<TOut>) => boolean,
    fromPrimary: (keys: readonly TKey[]) => Batch<TOut>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const out: Entry<TOut>[] = new Array(keys.length);
    const ask = async (
      places: readonly number[],
      read: (keys: readonly TKey[]) => Batch<TOut>,
      isTaken: (key: TKey, answer: Entry<TOut>) => boolean,
    ): Promise<readonly number[]> => {
      if (places.length === 0) return [];
      const answers = await read(places.map((at) => itemAt(keys, at)));
      return places.filter((at, i) => {
        out[at] = itemAt(answers, i);
        return !isTaken(itemAt(keys, at), out[at]);
      });
    };
    const all = keys.map((_, at) => at);
    const isShown = (at: number): boolean => this.#beats.isShown(kind.placeOf(itemAt(keys, at)), replica);
    const [shown, unshown] = [all.filter(isShown), all.filter((at) => !isShown(at))];
    const fromReplica = (some: readonly TKey[]): Promise<ReadonlyArray<Entry<TOut>>> =>
      kind.read(replica.reads, some).catch((error: unknown) => {
        replica.failed(error);
        const failure = errorOf(error);
        return some.map(() => failure);
      });
    const always = (): boolean => true;
    const [lacking] = await Promise.all([ask(shown, fromReplica, accepts), ask(unshown, fromPrimary, always)]);
    const failure = lacking.find((at) => out[at] instanceof NodeFailure);
    if (failure !== undefined) replica.failed(out[failure]);
    replica.counts.answered += shown.length - lacking.length;
    replica.counts.lacking += unshown.length + lacking.length;
    await ask(lacking, fromPrimary, always);
    return out;
  }

  /** Whether a write succeeds or fails, replicas without it are not asked for its places any more. */
  async #write<T>(writing: MaybePromise<T>, places: readonly string[]): Promise<T> {
    try {
      return await writing;
    } finally {
      this.#beats.wrote(places);
    }
  }
}
