import type { EdgeObjectsPage, EdgePage, IndexPage, ObjectPage } from '../../src/kvetch/reads/KvetchReads.ts';
import type { KvetchSchemaConfig } from '../../src/kvetch/schema/definitions.ts';
import type {
  EdgeName,
  IdOf,
  IndexedType,
  IndexedValue,
  IndexName,
  KvetchId,
  KvetchRecord,
  TargetOf,
  TypeName,
} from '../../src/kvetch/schema/inferred.ts';
import type { KvetchSchema } from '../../src/kvetch/schema/KvetchSchema.ts';
import type { Step } from '../../src/step/Step.ts';
import { browseObjects } from './browseObjects.ts';
import { countEdges, loadEdgeObjects, loadEdges } from './loadEdges.ts';
import { loadIndex, loadIndexObjects } from './loadIndex.ts';
import { loadObject } from './loadObject.ts';
import { loadObjects } from './loadObjects.ts';
import type { PageSteps } from './paging.ts';

/** The load steps of a schema: like those without a schema, with its names and attributes. */
export interface KvetchSteps<TConfig extends KvetchSchemaConfig> {
  /** The type of an id from elsewhere, an argument say, is unknown: `loadObject<'User'>($id)` tells it. */
  loadObject<TName extends TypeName<TConfig>>(
    $id: Step<KvetchId<TName> | null | undefined>,
  ): Step<KvetchRecord<TConfig, TName> | null>;
  loadObject<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    $id: Step<string | null | undefined>,
  ): Step<KvetchRecord<TConfig, TName> | null>;

  loadObjects<TName extends TypeName<TConfig>>(
    $page: Step<EdgePage<KvetchId<TName>> | IndexPage<KvetchId<TName>> | null>,
  ): Step<ReadonlyArray<KvetchRecord<TConfig, TName>>>;
  loadObjects<TName extends TypeName<TConfig>>(
    $ids: Step<ReadonlyArray<KvetchId<TName>> | null>,
  ): Step<ReadonlyArray<KvetchRecord<TConfig, TName> | null>>;
  loadObjects<TName extends TypeName<TConfig> = TypeName<TConfig>>(
    $ids: Step<readonly string[] | null>,
  ): Step<ReadonlyArray<KvetchRecord<TConfig, TName> | null>>;

  loadEdges<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    $fromId: Step<string>,
    page?: PageSteps,
  ): Step<EdgePage<IdOf<TargetOf<TConfig, TEdge>>> | null>;

  loadEdgeObjects<TEdge extends EdgeName<TConfig>>(
    edge: TEdge,
    $fromId: Step<string>,
    page?: PageSteps,
  ): Step<EdgeObjectsPage<KvetchRecord<TConfig, TargetOf<TConfig, TEdge>>, IdOf<TargetOf<TConfig, TEdge>>> | null>;

  countEdges(edge: EdgeName<TConfig>, $fromId: Step<string>): Step<number | null>;

  loadIndex<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    $value: Step<IndexedValue<TConfig, TIndex> | null | undefined>,
    page?: PageSteps,
  ): Step<IndexPage<IdOf<IndexedType<TConfig, TIndex>>> | null>;

  loadIndexObjects<TIndex extends IndexName<TConfig>>(
    index: TIndex,
    $value: Step<IndexedValue<TConfig, TIndex> | null | undefined>,
    page?: PageSteps,
  ): Step<ObjectPage<KvetchRecord<TConfig, IndexedType<TConfig, TIndex>>> | null>;

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
  const steps = {
    loadObject,
    loadObjects,
    loadEdges: (edge: string, $fromId: Step<string>, page?: PageSteps) =>
      loadEdges(schema.edge(edge).name, $fromId, page),
    loadEdgeObjects: (edge: string, $fromId: Step<string>, page?: PageSteps) =>
      loadEdgeObjects(schema.edge(edge).name, $fromId, page),
    countEdges: (edge: string, $fromId: Step<string>) => countEdges(schema.edge(edge).name, $fromId),
    loadIndex: (index: string, $value: Step, page?: PageSteps) => loadIndex(schema.index(index).name, $value, page),
    loadIndexObjects: (index: string, $value: Step, page?: PageSteps) =>
      loadIndexObjects(schema.index(index).name, $value, page),
    browseObjects: (type: string, page?: PageSteps) => browseObjects(schema.type(type).name, page),
  };
  return steps as KvetchSteps<TConfig>;
}
