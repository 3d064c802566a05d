import type { CreateOptions, Kvetch } from './Kvetch.ts';
import type { WhileBuilding } from './KvetchContext.ts';
import type { CountArgs, EdgePage, IndexPage, ListArgs, ObjectPage, PageWays } from './reads/KvetchReads.ts';
import type { KvetchSchemaConfig } from './schema/definitions.ts';
import type {
  ConditionsOf,
  CreateData,
  EdgeName,
  EdgeRange,
  IdOf,
  IndexedType,
  IndexedValue,
  IndexName,
  IndexRange,
  KvetchId,
  KvetchRecord,
  PlainEdgeName,
  PlainId,
  TargetOf,
  TypeName,
  UpdateData,
} from './schema/inferred.ts';
import type { EdgeType, IndexType, KvetchSchema, ObjectType } from './schema/KvetchSchema.ts';
import type { ConsistencyToken } from './shards/ConsistencyToken.ts';
import type { Entry } from './shards/ShardStore.ts';
import type { UpdateOptions } from './writes/changeInTurn.ts';
import type { AttributesInput } from './writes/checkAttributes.ts';
import type { EdgeInput } from './writes/plainWrites.ts';
import type { CreateRequest } from './writes/prepareCreate.ts';

/** The store of a schema: `Kvetch`, with the types of its names and attributes. */
export type KvetchOf<TSchema extends KvetchSchema> =
  TSchema extends KvetchSchema<infer TConfig> ? StoreOf<TConfig> : never;

/** The store of a config: names that are no literals leave it untyped. */
export type StoreOf<TConfig extends KvetchSchemaConfig> =
  string extends TypeName<TConfig> ? Kvetch : TypedKvetch<TConfig>;

/** A page of a list whose bounds are known. */
type ListArgsOf<TRange> = Omit<ListArgs, 'range'> & { readonly range?: TRange | null };

type CountArgsOf<TRange> = Omit<CountArgs, 'range'> & { readonly range?: TRange | null };

/** A store whose methods know names and attributes. Numbers and definitions are accepted too, without their types. */
export interface TypedKvetch<TConfig extends KvetchSchemaConfig> extends Kvetch {
  readonly schema: KvetchSchema<TConfig>;

  with(options: {
    readonly freshness?: ConsistencyToken;
    readonly whileBuilding?: WhileBuilding;
    readonly unchecked?: boolean;
  }): TypedKvetch<TConfig>;
  forRequest(): TypedKvetch<TConfig>;

  createObject<TName extends TypeName<TConfig>>(
    type: TName,
    data: CreateData<TConfig, TName>,
    options?: CreateOptions,
  ): Promise<IdOf<TName>>;
  createObject(type: number | ObjectType, data: AttributesInput, options?: CreateOptions): Promise<string>;

  createObjects<TName extends TypeName<TConfig>>(
    type: TName,
    requests: ReadonlyArray<CreateOptions & { readonly data: CreateData<TConfig, TName> }>,
  ): Promise<ReadonlyArray<Entry<IdOf<TName>>>>;
  createObjects(type: number | ObjectType, requests: readonly CreateRequest[]): Promise<ReadonlyArray<Entry<string>>>;

  /** The object, or `null` when there is none. The type of a plain string is unknown: `getObject<'User'>(id)` tells it. */
  getObject<TName extends TypeName<TConfig>>(id: KvetchId<TName>): Promise<KvetchRecord<TConfig, TName> | null>;
  getObject<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    id: PlainId,
  ): Promise<KvetchRecord<TConfig, TName> | null>;

  getObjects<TName extends TypeName<TConfig>>(
    ids: ReadonlyArray<KvetchId<TName>>,
  ): Promise<ReadonlyArray<Entry<KvetchRecord<TConfig, TName> | null>>>;
  getObjects<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    ids: readonly PlainId[],
  ): Promise<ReadonlyArray<Entry<KvetchRecord<TConfig, TName> | null>>>;

  updateObject<TName extends TypeName<TConfig>>(
    id: KvetchId<TName>,
    patch: UpdateData<TConfig, TName>,
    options?: UpdateOptions<ConditionsOf<TConfig, TName>>,
  ): Promise<KvetchRecord<TConfig, TName>>;
  updateObject<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    id: PlainId,
    patch: UpdateData<TConfig, TName>,
    options?: UpdateOptions<ConditionsOf<TConfig, TName>>,
  ): Promise<KvetchRecord<TConfig, TName>>;

  insertEdges(
    edge: PlainEdgeName<TConfig> | number | EdgeType,
    inputs: readonly EdgeInput[],
  ): Promise<ReadonlyArray<Entry<null>>>;
  insertEdge(edge: PlainEdgeName<TConfig> | number | EdgeType, input: EdgeInput): Promise<void>;
  deleteEdge(edge: PlainEdgeName<TConfig> | number | EdgeType, input: Omit<EdgeInput, 'data'>): Promise<void>;

  getEdges<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    fromId: string,
    page?: ListArgsOf<EdgeRange<TConfig, TEdge>>,
  ): Promise<EdgePage<IdOf<TargetOf<TConfig, TEdge>>>>;
  getEdges(edge: number | EdgeType, fromId: string, page?: ListArgs): Promise<EdgePage>;

  countEdges<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    fromId: string,
    part?: CountArgsOf<EdgeRange<TConfig, TEdge>>,
  ): Promise<number>;
  countEdges(edge: number | EdgeType, fromId: string, part?: CountArgs): Promise<number>;

  countIndex<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    value: IndexedValue<TConfig, TIndex>,
    part?: CountArgsOf<IndexRange<TConfig, TIndex>>,
  ): Promise<number>;
  countIndex(index: number | IndexType, value?: unknown, part?: CountArgs): Promise<number>;

  hasEdge(edge: EdgeName<TConfig> | number | EdgeType, fromId: string, toId: string): Promise<boolean>;

  queryIndex<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    value: IndexedValue<TConfig, TIndex>,
    page?: ListArgsOf<IndexRange<TConfig, TIndex>>,
  ): Promise<IndexPage<IdOf<IndexedType<TConfig, TIndex>>>>;
  queryIndex(index: number | IndexType, value: unknown, page?: ListArgs): Promise<IndexPage>;

  browse<TName extends TypeName<TConfig>>(
    type: TName,
    page?: PageWays,
  ): Promise<ObjectPage<KvetchRecord<TConfig, TName>>>;
  browse(type: number | ObjectType, page?: PageWays): Promise<ObjectPage>;

  browsePages<TName extends TypeName<TConfig>>(
    type: TName,
    start?: Pick<PageWays, 'first' | 'after'>,
  ): AsyncGenerator<ObjectPage<KvetchRecord<TConfig, TName>>, void, undefined>;
  browsePages(
    type: number | ObjectType,
    start?: Pick<PageWays, 'first' | 'after'>,
  ): AsyncGenerator<ObjectPage, void, undefined>;
}
