import DataLoader from 'dataloader';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { makeSchema, type ObjectConfig } from 'planql';
import type { EdgePage, IndexPage, Kvetch, KvetchObject } from 'planql/kvetch';
import { MAX_MEMBERS, maySee } from './rules.ts';
import { typeDefsOf } from './typeDefs.ts';
import { edgeOf, indexOf, type World } from './world.ts';

interface PageKey {
  readonly edge: string;
  readonly fromId: string;
  readonly first?: number | null;
}

/** The loaders of one request: a kind of read each, and what does not wait for another starts with it. */
export class WorldLoaders {
  readonly #world: World;
  readonly #viewerId: string;
  readonly objects: DataLoader<string, KvetchObject | null>;
  readonly pages: DataLoader<PageKey, EdgePage, string>;
  readonly counts: DataLoader<PageKey, number, string>;
  readonly named: DataLoader<{ index: string; value: string }, IndexPage, string>;

  constructor(world: World, kvetch: Kvetch, viewerId: string) {
    this.#world = world;
    this.#viewerId = viewerId;
    const cacheKeyFn = ({ edge, fromId, first }: PageKey): string => `${edge} ${fromId} ${first}`;
    this.objects = new DataLoader((ids) => kvetch.getObjects(ids));
    this.pages = new DataLoader((keys) => kvetch.getEdgeLists(keys), { cacheKeyFn });
    this.counts = new DataLoader((keys) => kvetch.countEdgeLists(keys), { cacheKeyFn });
    this.named = new DataLoader((keys) => kvetch.queryIndexes(keys), {
      cacheKeyFn: ({ index, value }) => `${index} ${value}`,
    });
  }

  /** The object, if the viewer may see it. */
  async seen(type: number, id: unknown): Promise<KvetchObject | null> {
    if (typeof id !== 'string') return null;
    const members = this.#membersFor(type);
    const object = await this.objects.load(id);
    return this.#check(type, object, members);
  }

  /** Those of a list that the viewer may see. */
  async listed(type: number, key: PageKey): Promise<readonly KvetchObject[]> {
    const members = this.#membersFor(type);
    const { edges } = await this.pages.load(key);
    const objects = await Promise.all(edges.map(({ toId }) => this.objects.load(toId)));
    const seen = await Promise.all(objects.map((object) => this.#check(type, object, members)));
    return seen.filter((object): object is KvetchObject => object !== null);
  }

  async firstNamed(type: number, value: string): Promise<KvetchObject | null> {
    const members = this.#membersFor(type);
    const { ids } = await this.named.load({ index: indexOf(type), value });
    const objects = await Promise.all(ids.map((id) => this.objects.load(id)));
    return this.#check(type, objects.find((object) => object !== null) ?? null, members);
  }

  #membersFor(type: number): Promise<EdgePage | null> | null {
    if (this.#world.types[type]?.rule !== 'member') return null;
    return this.pages.load({ edge: 'viewer_sees', fromId: this.#viewerId, first: MAX_MEMBERS });
  }

  async #check(
    type: number,
    object: KvetchObject | null,
    members: Promise<EdgePage | null> | null,
  ): Promise<KvetchObject | null> {
    const rule = this.#world.types[type]?.rule ?? 'all';
    const reference = rule === 'reference' ? object?.r0 : null;
    const [page, referred] = await Promise.all([
      members,
      typeof reference === 'string' ? this.objects.load(reference) : null,
    ]);
    return maySee(rule, object, page, referred) ? object : null;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: sources are objects of the store
type Resolver = GraphQLFieldResolver<any, WorldLoaders>;

/** The same world as resolvers with DataLoader. */
export function resolverSchemaOf(world: World): GraphQLSchema {
  const query: Record<string, Resolver> = {};
  const objects: Record<string, ObjectConfig> = {};
  for (const [at, { references, lists }] of world.types.entries()) {
    query[`one${at}`] = (_root, { id }, loaders) => loaders.seen(at, id);
    query[`all${at}`] = (_root, { ids }, loaders) => ids.map((id: string) => loaders.seen(at, id));
    query[`named${at}`] = (_root, { name }, loaders) => loaders.firstNamed(at, name);
    const resolvers: Record<string, Resolver> = {};
    for (const [n, to] of references.entries())
      resolvers[`r${n}`] = (source, _args, loaders) => loaders.seen(to, source[`r${n}`]);
    for (const [n, to] of lists.entries()) {
      const edge = edgeOf(at, n);
      resolvers[`l${n}`] = ({ id }, { first }, loaders) => loaders.listed(to, { edge, fromId: id, first });
      resolvers[`c${n}`] = ({ id }, _args, { counts }) => counts.load({ edge, fromId: id });
    }
    objects[`T${at}`] = { resolvers };
  }
  return makeSchema({ typeDefs: typeDefsOf(world), objects: { Query: { resolvers: query }, ...objects } });
}
