import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { EdgeObjectsPage, EdgePage, IndexPage, ObjectPage } from '../../src/kvetch/reads/KvetchReads.ts';
import type { KvetchSchemaConfig } from '../../src/kvetch/schema/definitions.ts';
import type {
  EdgeName,
  EdgeRange,
  IdOf,
  IndexedType,
  IndexedValue,
  IndexName,
  IndexRange,
  KvetchId,
  KvetchRecord,
  TargetOf,
  TypeName,
} from '../../src/kvetch/schema/inferred.ts';
import type { EdgeType, KvetchSchema } from '../../src/kvetch/schema/KvetchSchema.ts';
import { Step } from '../../src/step/Step.ts';
import { browseObjects } from './browseObjects.ts';
import { type CountSteps, countEdges, countIndex, sumEdges, sumIndex } from './counts.ts';
import { hasEdge } from './hasEdge.ts';
import { loadEdgeObjects, loadEdges } from './loadEdges.ts';
import { loadIndex, loadIndexObjects } from './loadIndex.ts';
import { loadObject } from './loadObject.ts';
import { loadObjects } from './loadObjects.ts';
import type { ListSteps, PageSteps } from './paging.ts';
import type { RangeOfSteps } from './RangeStep.ts';

/** Refuses bounds that the order does not give, when the plan is made. @throws PlanqlError */
function assertBounds(range: ListSteps['range'], list: Pick<EdgeType, 'order'> | null, place: string): void {
  if (range === undefined || range instanceof Step) return;
  const order = list?.order?.map(({ attr }) => attr) ?? [];
  const wanted = Object.keys(range).filter((attr) => range[attr] !== undefined);
  const first = order.slice(0, wanted.length);
  if (wanted.every((attr) => first.includes(attr))) return;
  const known = order.length === 0 ? 'has no order' : `is ordered by ${order.join(', ')}`;
  throw new PlanqlError(
    'NO_SUCH_BOUND',
    `${place} ${known}, and is asked for bounds of ${wanted.join(', ')}. Declare a list of the same objects with orderBy: ${JSON.stringify(wanted)}.`,
  );
}

/** The load steps of a schema: like those without a schema, with its names and attributes. */
export interface KvetchSteps<TConfig extends KvetchSchemaConfig> {
  /** The type of an id from elsewhere, an argument say, is unknown: `loadObject<'User'>($id)` tells it. */
  loadObject<TName extends TypeName<TConfig>>(
    $id: Step<KvetchId<TName> | null | undefined>,
  ): Step<KvetchRecord<TConfig, TName> | null>;
  loadObject<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    $id: Step<string | null | undefined>,
  ): Step<KvetchRecord<TConfig, TName> | null>;

  /** As the function `loadObjects`: a list a row. */
  loadObjects<TName extends TypeName<TConfig>>(
    $page: Step<EdgePage<KvetchId<TName>> | IndexPage<KvetchId<TName>> | null>,
  ): Step<ReadonlyArray<KvetchRecord<TConfig, TName>>>;
  loadObjects<TName extends TypeName<TConfig>>(
    $ids: Step<ReadonlyArray<KvetchId<TName>> | null>,
  ): Step<ReadonlyArray<KvetchRecord<TConfig, TName> | null>>;
  loadObjects<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    $ids: Step<readonly string[] | null>,
  ): Step<ReadonlyArray<KvetchRecord<TConfig, TName> | null>>;

  /** As the function `loadEdges`: a page of a list; null where the id is null. */
  loadEdges<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    $fromId: Step<string>,
    page?: ListSteps<RangeOfSteps<EdgeRange<TConfig, TEdge>>>,
  ): Step<EdgePage<IdOf<TargetOf<TConfig, TEdge>>> | null>;

  /** As the function `loadEdgeObjects`: a page of a list with its objects. */
  loadEdgeObjects<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    $fromId: Step<string>,
    page?: ListSteps<RangeOfSteps<EdgeRange<TConfig, TEdge>>>,
  ): Step<EdgeObjectsPage<KvetchRecord<TConfig, TargetOf<TConfig, TEdge>>, IdOf<TargetOf<TConfig, TEdge>>> | null>;

  /** As the function `countEdges`; null where the id is null. */
  countEdges<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    $fromId: Step<string>,
    options?: CountSteps<RangeOfSteps<EdgeRange<TConfig, TEdge>>>,
  ): Step<number | null>;

  /**
   * The sum of the numbers that a list is ordered by: `attr` is the first attribute of its order, of kind `int` or `float`. Absent
   * values add nothing; null where the id is null. Spec 6.4.4.
   */
  sumEdges<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    $fromId: Step<string>,
    attr: string,
    options?: Omit<CountSteps<RangeOfSteps<EdgeRange<TConfig, TEdge>>>, 'upTo'>,
  ): Step<number | null>;

  /** The same of what an index lists for a value. */
  sumIndex<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    $value: Step<IndexedValue<TConfig, TIndex> | null | undefined>,
    attr: string,
    options?: Omit<CountSteps<RangeOfSteps<IndexRange<TConfig, TIndex>>>, 'upTo'>,
  ): Step<number | null>;

  /** As the function `hasEdge`; null where one of the ids is null. */
  hasEdge(
    edge: EdgeName<TConfig>,
    $fromId: Step<string | null | undefined>,
    $toId: Step<string | null | undefined>,
  ): Step<boolean | null>;

  /** As the function `countIndex`; null where the value is null. */
  countIndex<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    $value: Step<IndexedValue<TConfig, TIndex> | null | undefined>,
    options?: CountSteps<RangeOfSteps<IndexRange<TConfig, TIndex>>>,
  ): Step<number | null>;

  /** As the function `loadIndex`: a page of ids; null where the value is null. */
  loadIndex<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    $value: Step<IndexedValue<TConfig, TIndex> | null | undefined>,
    page?: ListSteps<RangeOfSteps<IndexRange<TConfig, TIndex>>>,
  ): Step<IndexPage<IdOf<IndexedType<TConfig, TIndex>>> | null>;

  /** As the function `loadIndexObjects`: a page of objects. */
  loadIndexObjects<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    $value: Step<IndexedValue<TConfig, TIndex> | null | undefined>,
    page?: ListSteps<RangeOfSteps<IndexRange<TConfig, TIndex>>>,
  ): Step<ObjectPage<KvetchRecord<TConfig, IndexedType<TConfig, TIndex>>> | null>;

  /** As the function `browseObjects`: a page of all objects of a type. */
  browseObjects<TName extends TypeName<TConfig>>(
    type: TName,
    page?: PageSteps,
  ): Step<ObjectPage<KvetchRecord<TConfig, TName>> | null>;
}

/**
 * The load steps of a schema. TypeScript knows its names and attributes, and a name that the schema has not is an
 * `UnknownDefinitionError` when the plan is made.
 *
 * ```ts
 * const { loadEdges, loadObjects } = kvetchSteps(schema);
 * User: { plans: { lists: ($user) => loadObjects(loadEdges('user_to_list', get($user, 'id'))) } },
 * ```
 */
export function kvetchSteps<TConfig extends KvetchSchemaConfig>(schema: KvetchSchema<TConfig>): KvetchSteps<TConfig> {
  const ofEdge = (ref: string, { range }: Pick<ListSteps, 'range'> = {}): string => {
    const edge = schema.edge(ref);
    assertBounds(range, edge, `The edge "${edge.name}"`);
    return edge.name;
  };
  const ofIndex = (ref: string, { range }: Pick<ListSteps, 'range'> = {}): string => {
    const { name, list } = schema.index(ref);
    assertBounds(range, list, `The index "${name}"`);
    return name;
  };
  const steps = {
    loadObject,
    loadObjects,
    loadEdges: (edge: string, $fromId: Step<string>, page?: ListSteps) => loadEdges(ofEdge(edge, page), $fromId, page),
    loadEdgeObjects: (edge: string, $fromId: Step<string>, page?: ListSteps) =>
      loadEdgeObjects(ofEdge(edge, page), $fromId, page),
    countEdges: (edge: string, $fromId: Step<string>, options?: CountSteps) =>
      countEdges(ofEdge(edge, options), $fromId, options),
    sumEdges: (edge: string, $fromId: Step<string>, attr: string, options?: CountSteps) =>
      sumEdges(ofEdge(edge, options), $fromId, attr, options),
    sumIndex: (index: string, $value: Step, attr: string, options?: CountSteps) =>
      sumIndex(ofIndex(index, options), $value, attr, options),
    hasEdge: (edge: string, $fromId: Step<string>, $toId: Step<string>) =>
      hasEdge(schema.edge(edge).name, $fromId, $toId),
    loadIndex: (index: string, $value: Step, page?: ListSteps) => loadIndex(ofIndex(index, page), $value, page),
    loadIndexObjects: (index: string, $value: Step, page?: ListSteps) =>
      loadIndexObjects(ofIndex(index, page), $value, page),
    countIndex: (index: string, $value: Step, options?: CountSteps) =>
      countIndex(ofIndex(index, options), $value, options),
    browseObjects: (type: string, page?: PageSteps) => browseObjects(schema.type(type).name, page),
  };
  return steps as KvetchSteps<TConfig>;
}
