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

/** What a store has told. */
interface Told {
  readonly unfilled: readonly Derivation[];
  /** Those that are filled in on all stores, as it was told once. */
  readonly everywhere: ReadonlySet<Derivation>;
  /** Those that a store of an earlier version has marked without their names. */
  readonly unnamed: readonly Derivation[];
}

/** The mark of a store whose marks are kept. One without it is empty, or older than marks: all that is defined is filled in. */
const KEPT = 'built';
/** Before the mark and the name of what is filled in on all stores. */
const EVERYWHERE = 'everywhere:';
/** A store that answers later than this is waited for no longer. */
const WAIT_MS = 5000;
const ASK_AGAIN_MS = 1000;

/**
 * Knows which edges and indexes are not filled in yet for the objects that were there before them. Each store remembers
 * the filled ones: from when it had no object of the type, or from when a full run of the cleaners ended. As rows follow
 * from objects of other stores, a list is whole only where all stores have filled it in. A process that has heard all of
 * them has each remember that, too, so that a later one needs no store that is away.
 */
export class Backfills {
  readonly #all: readonly Derivation[];
  readonly #stores: readonly ShardStore[];
  readonly #told = new Map<ShardStore, Told>();
  /** The error of the store that failed last when it was asked. */
  #silence: unknown = new Error('No server has been asked yet.');
  /** What must not be read: `true` where it is not filled in, `false` where that is not known. */
  #doubts: ReadonlyMap<EdgeType | IndexType, boolean> | null = null;
  #asking: MaybePromise<void> | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(schema: KvetchSchema, stores: readonly ShardStore[]) {
    this.#all = derivationsOf(schema);
    this.#stores = stores;
  }

  /** The promise to wait for before derived rows are read or objects written: mostly none. */
  ready(): MaybePromise<void> {
    if (this.#isSure()) return undefined;
    const isFirst = this.#askedAt === Number.NEGATIVE_INFINITY;
    if (this.#asking === null && performance.now() - this.#askedAt >= ASK_AGAIN_MS) void this.#ask();
    // a store that is away was waited for once
    return isFirst && this.#asking !== null ? this.#asking : undefined;
  }

  /** Throws when an edge or index is not filled in, or may not be. */
  check(of: EdgeType | IndexType): void {
    const isKnown = this.#doubts?.get(of);
    if (isKnown === undefined) return;
    const label = this.#all.find((one) => one.of === of)?.label ?? of.name;
    throw isKnown ? new BuildingError(label) : new BuildingError(label, this.#silence);
  }

  /** The edges and indexes that are not filled in everywhere, as the stores that answer report now: labels by mark. */
  async pending(): Promise<ReadonlyMap<string, string>> {
    await this.#ask();
    const pending = [...this.#told.values()].flatMap(({ unfilled }) => unfilled);
    return new Map(pending.map(({ mark, label }) => [mark, label]));
  }

  /** Has all stores remember that these are filled in, and no other definitions of the same. */
  async complete(marks: readonly string[]): Promise<void> {
    const filled = this.#all.filter(({ mark }) => marks.includes(mark));
    for (const store of this.#stores) {
      const named = [...filled, ...(this.#told.get(store)?.unnamed ?? [])];
      if (named.length > 0) await store.addBuilt(namesOf(named));
    }
    if (marks.length > 0) await this.#ask();
  }

  #isSure(): boolean {
    return this.#doubts?.size === 0;
  }

  /** Ends when all stores were asked. */
  #ask(): MaybePromise<void> {
    const answers = this.#stores.map((store) => chain(this.#askStore(store), () => this.#weigh()));
    const asked = chain(
      chain(chainAll(answers), () => this.#spread()),
      () => {
        this.#askedAt = performance.now();
        this.#asking = null;
      },
    );
    if (!isPromise(asked)) return asked;
    // reads need no store for which others vouch
    const vouched = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#isSure() && this.#told.size < this.#stores.length) resolve();
      };
      for (const answer of answers) void Promise.resolve(answer).then(look);
    });
    this.#asking = Promise.race([asked, vouched]);
    return asked;
  }

  #askStore(store: ShardStore): MaybePromise<void> {
    const what = `Asking ${store.name} for what it has filled in`;
    const ask = (): MaybePromise<void> => {
      const asked = this.#learn(store);
      return isPromise(asked) ? withDeadline(Promise.resolve(asked), WAIT_MS, what) : asked;
    };
    return caught(ask, (cause) => {
      this.#silence = new Error(`${what} failed.`, { cause });
    });
  }

  #learn(store: ShardStore): MaybePromise<void> {
    const types = [...new Set(this.#all.map(({ typeId }) => typeId))];
    return chain(store.builtOf(types), ({ marks, used }) => {
      const unmarked = this.#all.filter(({ mark }) => !marks.has(mark));
      const unfilled = marks.has(KEPT) ? unmarked.filter(({ typeId }) => used.includes(typeId)) : [];
      const fresh = namesOf(unmarked.filter((one) => !unfilled.includes(one)));
      if (!marks.has(KEPT)) fresh.set(KEPT, KEPT);
      const everywhere = new Set(this.#all.filter(({ mark }) => marks.has(mark) && marks.has(EVERYWHERE + mark)));
      const unnamed = this.#all.filter(({ mark, name }) => marks.has(mark) && marks.get(mark) !== name);
      return chain(fresh.size === 0 ? undefined : store.addBuilt(fresh), () => {
        this.#told.set(store, { unfilled, everywhere, unnamed });
      });
    });
  }

  #weigh(): void {
    const told = [...this.#told.values()];
    const isWhole = told.length === this.#stores.length;
    const isVouched = (one: Derivation): boolean =>
      isWhole || (told.length > 0 && told.every(({ everywhere }) => everywhere.has(one)));
    const doubted = this.#all.filter((one) => !isVouched(one)).map(({ of }) => [of, false] as const);
    const unfilled = told.flatMap((one) => one.unfilled).map(({ of }) => [of, true] as const);
    this.#doubts = new Map([...doubted, ...unfilled]);
  }

  /** Has the stores remember what is filled in on all of them. Where one does not write it, the next process tries again. */
  #spread(): MaybePromise<void> {
    const told = [...this.#told];
    if (told.length < this.#stores.length) return undefined;
    const filled = this.#all.filter(({ of }) => !this.#doubts?.has(of));
    const writes = told.map(([store, { everywhere }]) => {
      const added = filled.filter((one) => !everywhere.has(one));
      const marks = added.map(({ mark, name }) => [EVERYWHERE + mark, EVERYWHERE + name] as const);
      return marks.length === 0
        ? undefined
        : caught(
            () => store.addBuilt(new Map(marks)),
            () => {},
          );
    });
    return chain(chainAll(writes), () => undefined);
  }
}

/** A call whose failure goes to `failed`: it neither throws nor rejects. */
function caught(run: () => MaybePromise<void>, failed: (cause: unknown) => void): MaybePromise<void> {
  try {
    const done = run();
    return isPromise(done) ? Promise.resolve(done).catch(failed) : done;
  } catch (error) {
    return failed(error);
  }
}

/** What a store has to write: these are filled in on it. What it knew of other definitions of the same is forgotten. */
function namesOf(all: readonly Derivation[]): Map<string, string> {
  return new Map(
    all.flatMap(({ mark, name }) => [
      [mark, name],
      [EVERYWHERE + markOf(name), EVERYWHERE + name],
    ]),
  );
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
