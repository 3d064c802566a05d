import type { AskedAhead } from '../../utils/AskedAhead.ts';
import type { RecordDependencies } from '../../utils/RecordDependencies.ts';
import type { Range } from '../codec/orderKey.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import type { EdgeRef, IndexRef, TypeRef } from '../schema/KvetchSchema.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

/** Options of a read. What one of its functions throws fails this read alone, and none that shares calls with it. */
export interface ReadExtra {
  /** Called with the dependency key of everything that was looked at, found or not, and with the id or request, as it was given, for which it was. */
  readonly recordDependency?: ((dependency: string, given?: unknown) => void) | undefined;
  /** The same for many keys that begin alike. Where it is given, it is called instead. */
  readonly recordDependencies?: RecordDependencies | undefined;
  /** Counts rounds, keys, nodes and cache hits, for `explain({ analyze: true })`. */
  readonly trace?: ((name: string, count: number) => void) | undefined;
  /** Which attributes of the answers are read: costly others may be left out. `null`: all. */
  readonly attributes?: readonly string[] | null | undefined;
  /** Called with the ids of pages before their objects are read: one entry a request, with objects that are ids alone. */
  readonly onTargets?: ((pages: ReadonlyArray<Entry<TargetIds>>, requests: readonly unknown[]) => void) | undefined;
  /** False: dependencies are not recorded. */
  readonly recordsDependencies?: boolean | undefined;
  /** Nothing but the plan step that runs now depends on the answers: no code of the application keeps them. */
  readonly isOfStep?: boolean | undefined;
  /** It is not known yet that anybody needs the answers: a failure reaches nobody. */
  readonly isAhead?: boolean | undefined;
  /** Collects the keys that the request asks for ahead, so that needed ones count as used. */
  readonly asked?: AskedAhead | null | undefined;
  /** The caller knows that no id is there twice. */
  readonly isDistinct?: boolean | undefined;
  /** Whether nobody waits for the answers any more: unsent keys are not sent. */
  readonly isOver?: boolean | undefined;
}

/** The known facts of a page of objects before they are read. */
export interface TargetIds {
  readonly objects: ReadonlyArray<Pick<KvetchObject, 'id'>>;
}

/** The size and the beginning of a page. Spec 6.6. */
export interface PageArgs {
  /** 0 or more; default 100, cut to 1,000. */
  readonly first?: number | null | undefined;
  /** A cursor, or the id of the entry to begin behind. */
  readonly after?: string | null | undefined;
}

/** Which part of a list, and from which end. */
export interface PageWays extends PageArgs {
  /** In place of `first`: the last ones, or those right before `before`. They come in the order of the list. */
  readonly last?: number | null | undefined;
  /** A cursor to stop before: the page ends there, even if the list goes on. */
  readonly before?: string | null | undefined;
  /** The list in the opposite order: all other arguments mean that one. */
  readonly reverse?: boolean | undefined;
}

/** The size and the beginning of a page of a list, and bounds of its order. Spec 6.4.4. */
export interface ListArgs extends PageWays {
  /**
   * Of an ordered list: one value, or bounds (`from` and `to`, both included; `startsWith`), by attribute of its order:
   * `{ priceCents: { from: 1000, to: 5000 } }`. Attributes before the last one have one value.
   */
  readonly range?: Range | null | undefined;
}

/** A request for a page of a list. */
export interface EdgesRequest extends ListArgs {
  /** The edge type: its name, number or definition. */
  readonly edge: EdgeRef;
  /** The object that has the list. */
  readonly fromId: string;
}

export interface IndexRequest extends ListArgs {
  readonly index: IndexRef;
  /** Of an index of several attributes: an object of them. */
  readonly value: unknown;
  /** The page is turned when it is there: it tells where its first entry is. */
  readonly isTurned?: boolean;
}

/** The part of a list that is counted. */
export interface CountArgs {
  /** Of an ordered list: see `ListArgs`. */
  readonly range?: Range | null | undefined;
  /** Count no further: the answer is this number where there are as many, or more. */
  readonly upTo?: number | null | undefined;
}

/** The part of a list that is counted, or added up. */
export interface SumArgs extends CountArgs {
  /**
   * The attribute whose sum is asked for, in place of the number of entries: the first one of the list's order, of kind `int` or
   * `float`. Absent values add nothing. It goes without `upTo`.
   */
  readonly sum?: string | null | undefined;
}

export interface EdgeCountRequest extends SumArgs {
  readonly edge: EdgeRef;
  readonly fromId: string;
}

export interface IndexCountRequest extends SumArgs {
  readonly index: IndexRef;
  readonly value: unknown;
}

/** Whether an edge is there. */
export interface EdgeQuestion {
  readonly edge: EdgeRef;
  readonly fromId: string;
  readonly toId: string;
}

export interface BrowsePageRequest extends PageWays {
  readonly type: TypeRef;
}

interface Page {
  /** Whether more follows. Of a page by `last`: whether it was asked for what stands before a cursor. */
  readonly hasNextPage: boolean;
  /** The cursor behind which the next page begins; `null` when this page looked at nothing. */
  readonly endCursor: string | null;
  /** Of a page by `last` alone: whether more stands before it. */
  readonly hasPreviousPage?: boolean;
  /** Of a page by `last` alone: the cursor before which the page before it ends. Before it is turned, that of its first entry. */
  readonly startCursor?: string | null;
}

/** A page of a list of edges. */
export interface EdgePage<TToId extends string = string> extends Page {
  /** Readers of the same page may get the same list, which is frozen then. */
  readonly edges: ReadonlyArray<KvetchEdge<TToId>>;
}

/** A page of the entries of an index. */
export interface IndexPage<TId extends string = string> extends Page {
  /** The ids of the objects, in the order of the index. */
  readonly ids: readonly TId[];
  /** The cursor of each: where they were asked for, by `attributes`. */
  readonly cursors?: readonly string[];
}

/**
 * Objects in order. It may be shorter than `first` though more follow: stale edges and entries are left out.
 * An object that could not be loaded (its shard is down) is an `Error` in its place.
 */
export interface ObjectPage<TObject = KvetchObject> extends Page {
  /** The objects, in order. */
  readonly objects: ReadonlyArray<Entry<TObject>>;
  /** How many entries were left out; absent where none was. */
  readonly stale?: number;
  /** Makes `endCursor`, where the attribute "end" is read in its place: most readers never read on. */
  readonly end?: (() => string | null) | undefined;
}

/** A list with edges and their targets side by side: `objects[i]` is at the end of `edges[i]`. */
export interface EdgeObjectsPage<TObject = KvetchObject, TToId extends string = string> extends ObjectPage<TObject> {
  /** The edges, in order. */
  readonly edges: ReadonlyArray<KvetchEdge<TToId>>;
}

/**
 * The batched reads that plan steps use. Each answers one entry per request, in request order: a value, or an `Error`
 * for that entry alone. Nothing throws, and nothing is a promise while all shards answer at once.
 */
export interface KvetchReads {
  /** Whether reads wait for nothing, neither for shards nor for other requests: then nothing is gained by asking ahead. */
  readonly answersAtOnce: boolean;
  /** Whether a listener records reads that no plan step records. */
  readonly isRecorded: boolean;
  /** One round. `null` for objects that do not exist. */
  objects(ids: readonly unknown[], extra?: ReadExtra): Batch<KvetchObject | null>;
  /** One round. Raw lists: an edge may be there a moment longer than its target. */
  edges(requests: readonly EdgesRequest[], extra?: ReadExtra): Batch<EdgePage>;
  /** Two rounds: lists with their targets. Stale edges are left out and reported to `onRepair`. */
  edgeObjects(requests: readonly EdgesRequest[], extra?: ReadExtra): Batch<EdgeObjectsPage>;
  /** One round. */
  counts(requests: readonly EdgeCountRequest[], extra?: ReadExtra): Batch<number>;
  /** One round: how many objects a list of values has. */
  indexCounts(requests: readonly IndexCountRequest[], extra?: ReadExtra): Batch<number>;
  /** One round, past caches: whether edges are there. */
  has(questions: readonly EdgeQuestion[], extra?: ReadExtra): Batch<boolean>;
  /** One round. Raw ids: an entry may be there a moment longer than its value. */
  index(requests: readonly IndexRequest[], extra?: ReadExtra): Batch<IndexPage>;
  /** Two rounds: the objects that have a value. Stale entries are left out and reported to `onRepair`. */
  indexObjects(requests: readonly IndexRequest[], extra?: ReadExtra): Batch<ObjectPage>;
  /** One round. Objects of a type by id, merged over all shards; one shard down fails the page. */
  browse(requests: readonly BrowsePageRequest[], extra?: ReadExtra): Batch<ObjectPage>;
  /**
   * The same reads for one request: each key is asked for once, and the keys of one turn of the event loop go
   * out together, as one call a server. Called again, for the request's next part (the next mutation field), reads are
   * read anew.
   */
  forRequest(): KvetchReads;
}
