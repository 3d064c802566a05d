import { createHash } from 'node:crypto';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { BuildingError } from './errors.ts';
import { type EdgeType, followsObjects, type IndexType, type KvetchSchema } from './schema/KvetchSchema.ts';
import { chain, chainAll, isPromise } from './shards/chain.ts';
import type { ShardStore } from './shards/ShardStore.ts';
import { withDeadline } from './shards/withDeadline.ts';

/** An edge or index that follows from an attribute, or an order that follows from data. */
interface Derivation {
  readonly of: EdgeType | IndexType;
  /** For people: `index "username"`. */
  readonly label: string;
  /** The type whose objects it follows from. */
  readonly typeId: number;
  /** The mark under which stores remember it: another one when the definition changes. */
  readonly mark: string;
  /** The name that all definitions of it share. */
  readonly name: string;
}

/** The mark of a store whose marks are kept. One without it is empty, or older than marks: all that is defined is filled in. */
const KEPT = 'built';
/** A store that answers later than this keeps nobody waiting. */
const WAIT_MS = 2000;
const ASK_AGAIN_MS = 1000;

/**
 * Knows which edges and indexes are not filled in yet for the objects that were there before them. Each store remembers
 * the filled ones: from when it had no object of the type, or from when a full run of the cleaners ended. A store that
 * does not answer is taken to have everything filled in.
 */
export class Backfills {
  readonly #all: readonly Derivation[];
  readonly #stores: readonly ShardStore[];
  /** The unfilled edges and indexes of each store; stores that were not heard are not in it. */
  readonly #lacking = new Map<ShardStore, readonly Derivation[]>();
  /** Those that a store of an earlier version has marked without their names. */
  readonly #unnamed = new Map<ShardStore, readonly Derivation[]>();
  #building: ReadonlySet<EdgeType | IndexType> = new Set();
  #asking: MaybePromise<void> | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Whether every store has everything: that stays. */
  #isComplete = false;

  constructor(schema: KvetchSchema, stores: readonly ShardStore[]) {
    this.#all = derivationsOf(schema);
    this.#stores = stores;
  }

  /** The promise to wait for before derived rows are read or objects written: mostly none. */
  ready(): MaybePromise<void> {
    if (this.#isComplete) return undefined;
    const isLate = performance.now() - this.#askedAt >= ASK_AGAIN_MS;
    const asked = this.#asking ?? (isLate ? this.#ask() : undefined);
    // a store that is away was waited for once
    return this.#askedAt === Number.NEGATIVE_INFINITY || this.#building.size > 0 ? asked : undefined;
  }

  /** Throws when an edge or index is not filled in. */
  check(of: EdgeType | IndexType): void {
    if (this.#building.size === 0 || !this.#building.has(of)) return;
    const found = this.#all.find((one) => one.of === of);
    throw new BuildingError(found?.label ?? of.name);
  }

  /** The edges and indexes that are not filled in everywhere, as stores report now: labels by mark. */
  async pending(): Promise<ReadonlyMap<string, string>> {
    await this.#ask();
    const pending = [...this.#lacking.values()].flat();
    return new Map(pending.map(({ mark, label }) => [mark, label]));
  }

  /** Has all stores remember that these are filled in, and no other definitions of the same. */
  async complete(marks: readonly string[]): Promise<void> {
    const filled = this.#all.filter(({ mark }) => marks.includes(mark));
    for (const store of this.#stores) {
      const named = [...filled, ...(this.#unnamed.get(store) ?? [])];
      if (named.length > 0) await store.addBuilt(namesOf(named));
    }
    if (marks.length > 0) await this.#ask();
  }

  #ask(): MaybePromise<void> {
    const asked = chain(chainAll(this.#stores.map((store) => this.#askStore(store))), () => {
      this.#building = new Set([...this.#lacking.values()].flat().map(({ of }) => of));
      this.#isComplete = this.#building.size === 0 && this.#lacking.size === this.#stores.length;
      this.#askedAt = performance.now();
      this.#asking = null;
    });
    if (isPromise(asked)) this.#asking = asked;
    return asked;
  }

  /** The call that needs the store reports a failure. */
  #askStore(store: ShardStore): MaybePromise<void> {
    try {
      const asked = this.#learn(store);
      if (!isPromise(asked)) return asked;
      return withDeadline(Promise.resolve(asked), WAIT_MS, `Asking ${store.name} for its indexes`).catch(() => {});
    } catch {
      return undefined;
    }
  }

  #learn(store: ShardStore): MaybePromise<void> {
    const types = [...new Set(this.#all.map(({ typeId }) => typeId))];
    return chain(store.builtOf(types), ({ marks, used }) => {
      const unmarked = this.#all.filter(({ mark }) => !marks.has(mark));
      const lacking = marks.has(KEPT) ? unmarked.filter(({ typeId }) => used.includes(typeId)) : [];
      const fresh = namesOf(unmarked.filter((one) => !lacking.includes(one)));
      if (!marks.has(KEPT)) fresh.set(KEPT, KEPT);
      const isUnnamed = ({ mark, name }: Derivation): boolean => marks.has(mark) && marks.get(mark) !== name;
      this.#unnamed.set(store, this.#all.filter(isUnnamed));
      return chain(fresh.size === 0 ? undefined : store.addBuilt(fresh), () => {
        this.#lacking.set(store, lacking);
      });
    });
  }
}

function namesOf(all: readonly Derivation[]): Map<string, string> {
  return new Map(all.map(({ mark, name }) => [mark, name]));
}

function derivationsOf({ edges, indexes }: KvetchSchema): readonly Derivation[] {
  return [
    ...edges
      // plain edges without an order are as they were written
      .filter(({ storedIdAttr, order }) => storedIdAttr !== null || order !== null)
      .map((of) => {
        const { edgeId, fromTypeId, toTypeId, storedIdAttr, name } = of;
        const mark = markOf('edge', edgeId, fromTypeId, toTypeId, storedIdAttr, ...ruleOf(of));
        const typeId = storedIdAttr === null ? fromTypeId : toTypeId;
        return { of, label: `edge "${name}"`, typeId, mark, name: `${KEPT}:edge ${edgeId}` };
      }),
    ...indexes.filter(followsObjects).map((index) => {
      const { name, typeId, attr, attrs, kind, unique, list } = index;
      const keys = list?.source?.attrs ?? attrs;
      // as stores remember those of one attribute
      const key = keys.length === 1 ? (keys[0]?.attr ?? attr) : JSON.stringify(keys);
      const rule = list === null ? ruleOf(index) : ['list', list.source?.parts ?? 1, ...ruleOf(list)];
      const mark = markOf('index', name, typeId, key, kind, unique, ...rule);
      return { of: list ?? index, label: `index "${name}"`, typeId, mark, name: `${KEPT}:index ${name}` };
    }),
  ];
}

/** Which objects are listed, and in which order: nothing for lists without either, as stores remember them. */
function ruleOf({
  where,
  order = null,
}: Pick<EdgeType, 'where'> & Partial<Pick<EdgeType, 'order'>>): readonly string[] {
  const conditions = where.map(({ attr, kind, keys }) => [attr, kind, ...[...keys].sort()]);
  return [
    ...(where.length > 0 ? [JSON.stringify(conditions)] : []),
    ...(order === null ? [] : [JSON.stringify(order.map(({ attr, kind, descending }) => [attr, kind, descending]))]),
  ];
}

function markOf(...parts: ReadonlyArray<string | number | boolean | null>): string {
  return `${KEPT}:${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)}`;
}
