import type { Kvetch } from '../kvetch/Kvetch.ts';
import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import { ConsistencyToken } from '../kvetch/shards/ConsistencyToken.ts';
import type { Context, Loaded, PentModel, PentObject, ViewerId } from './contract.ts';
import { PentError } from './errors.ts';
import { KnownPents, type PentLists } from './KnownPents.ts';

export interface PentContextOptions<TViewer> {
  readonly kvetch: Kvetch;
  readonly model: PentModel;
  /** On whose behalf everything is read and written. The privacy rules' business. */
  readonly viewer: TViewer;
  /**
   * Tells this viewer from all others, in every request: idempotency keys belong to it. Null for viewers who are not
   * signed in. Default: the viewer's `id`, or the viewer where it is a text, a number or null.
   */
  readonly viewerId?: ViewerId;
  readonly clock?: () => number;
  /** The `context.freshness` after this client's earlier writes: the reads show these. */
  readonly freshness?: string | null;
  /** Called with errors that no response shows: of privacy rules and observers. Default: `console.error`. */
  readonly onError?: (error: Error, place: string) => void;
}

/**
 * The state that the reads and writes of one request share: the store, caches, privacy decisions. It is the request's
 * GraphQL context, or its property `pent` is. Never shared between viewers.
 *
 * ```ts
 * const context = new PentContext({ kvetch, model, viewer });
 * const user = await TodoUser.get(context, id);
 * ```
 */
export class PentContext<TViewer = unknown> implements Context<TViewer> {
  readonly model: PentModel;
  readonly viewer: TViewer;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether privacy rules apply. */
  readonly isRestricted: boolean;
  /** How many privacy rules ask each other; 0 outside of rules. */
  readonly depth: number;
  readonly isOfStep: boolean;
  readonly report: (error: Error, place: string) => void;

  readonly #givenId: ViewerId | undefined;
  readonly #shared: SharedStore;
  readonly #viewers: PentContext<TViewer>;
  #rules: PentContext<TViewer>[] = [];
  #rulesOfStep: PentContext<TViewer>[] = [];
  readonly #pents = new KnownPents(this);
  #scopes = 0;
  // Made when it is needed: without privacy rules nobody asks for it.
  #decisions: WeakMap<PentObject, boolean> | null = null;
  #decidedBy: WeakMap<PentObject, readonly unknown[]> | null = null;

  constructor(options: PentContextOptions<TViewer>);
  /** @internal */
  constructor(options: PentContextOptions<TViewer>, outer?: PentContext<TViewer>, depth = 0, isOfStep = true) {
    const { kvetch, model, viewer, clock = Date.now, freshness = null, onError = logError } = options;
    if (kvetch?.reads === undefined)
      throw new PentError('NO_KVETCH', 'A PentContext needs { kvetch }: see createKvetch.');
    if (model?.classes === undefined)
      throw new PentError('NO_MODEL', 'A PentContext needs { model }: see definePents.');
    this.model = model;
    this.viewer = viewer;
    this.clock = clock;
    this.report = outer?.report ?? safely(onError);
    this.depth = depth;
    this.isOfStep = isOfStep;
    this.isRestricted = outer === undefined;
    this.#viewers = outer ?? this;
    this.#givenId = options.viewerId;
    this.#shared = outer === undefined ? new SharedStore(kvetch, freshness) : outer.#shared;
  }

  /** The decisions of privacy rules. */
  get decisions(): WeakMap<PentObject, boolean> {
    this.#decisions ??= new WeakMap();
    return this.#decisions;
  }

  get decidedBy(): WeakMap<PentObject, readonly unknown[]> {
    this.#decidedBy ??= new WeakMap();
    return this.#decidedBy;
  }

  /** The store. From the first write on it shows this context's writes, whatever caches say. */
  get kvetch(): Kvetch {
    return this.#shared.kvetch;
  }

  /** A token of the writes of this context and its client: for the client's next request. Empty without writes. */
  get freshness(): string {
    return this.#shared.freshness?.toString() ?? '';
  }

  /** @throws PentError `NO_VIEWER_ID` when it is not given. */
  get viewerId(): ViewerId {
    const given = this.viewers.#givenId;
    const id = given === undefined ? idOf(this.viewer) : given;
    if (id !== undefined) return id;
    throw new PentError(
      'NO_VIEWER_ID',
      'An idempotency key belongs to a viewer, and this one has no "id". Give PentContext { viewerId }.',
    );
  }

  /** The context in which privacy applies: this one, or that for which rules are running. */
  get viewers(): PentContext<TViewer> {
    return this.#viewers;
  }

  /** The same viewer without privacy, for rules, scripts and triggers that must see everything. */
  get unrestricted(): PentContext<TViewer> {
    return this.forRules(0);
  }

  /** The viewer's context without privacy, that many rules deep: rules that load run in it. */
  forRules(depth: number, isOfStep = false): PentContext<TViewer> {
    if (!this.isRestricted) return this.#viewers.forRules(depth, isOfStep);
    const rules = isOfStep ? this.#rulesOfStep : this.#rules;
    rules[depth] ??= new (PentContext as InnerConstructor<TViewer>)(
      { kvetch: this.kvetch, model: this.model, viewer: this.viewer, clock: this.clock },
      this,
      depth,
      isOfStep,
    );
    return rules[depth];
  }

  /** The Pent for a record: the same instance for the same version. Null for a type that the model does not know. */
  wrap(record: KvetchObject): PentObject | null {
    return this.#pents.wrap(record);
  }

  /** Whether nothing was wrapped yet. */
  get isNew(): boolean {
    return this.#pents.isEmpty;
  }

  wrapFirst(lists: ReadonlyArray<readonly Loaded[]>, ids?: readonly string[]): PentLists | null {
    return this.#pents.wrapFirst(lists, ids);
  }

  /** The store for a write, which from now on every read of this context shows. */
  beginWrite(): Kvetch {
    return this.#shared.beginWrite();
  }

  /** Forgets all reads and decisions, after a change. */
  forget(): void {
    const { viewers } = this;
    viewers.#pents.forget();
    viewers.#decisions = null;
    viewers.#decidedBy = null;
    for (const rules of [...viewers.#rules, ...viewers.#rulesOfStep]) if (rules !== undefined) rules.#pents.forget();
  }

  /**
   * Called once by each part of a request that must read anew: a mutation field, a subscription event. The first one
   * keeps the reads that were made with the context.
   */
  enterScope(): this {
    if (this.#scopes++ > 0) this.forget();
    return this;
  }
}

/** The viewer's id; undefined where it has none. */
function idOf(viewer: unknown): ViewerId | undefined {
  const id = typeof viewer === 'object' && viewer !== null && 'id' in viewer ? viewer.id : viewer;
  return typeof id === 'string' || typeof id === 'number' || id === null ? id : undefined;
}

type InnerConstructor<TViewer> = new (
  options: PentContextOptions<TViewer>,
  outer: PentContext<TViewer>,
  depth: number,
  isOfStep: boolean,
) => PentContext<TViewer>;

/** The store of a request, for all contexts of it. */
class SharedStore {
  kvetch: Kvetch;
  freshness: ConsistencyToken | null;
  readonly #base: Kvetch;

  constructor(kvetch: Kvetch, freshness: string | null) {
    this.freshness = freshness === null || freshness === '' ? null : ConsistencyToken.parse(freshness);
    this.#base = kvetch;
    const store = this.freshness === null ? kvetch : kvetch.with({ freshness: this.freshness });
    this.kvetch = store.forRequest();
  }

  beginWrite(): Kvetch {
    if (this.freshness === null) {
      this.freshness = new ConsistencyToken();
      this.kvetch = this.#base.with({ freshness: this.freshness }).forRequest();
    }
    return this.kvetch;
  }
}

function logError(error: Error, place: string): void {
  console.error(`planql/pent: ${place} failed:`, error);
}

/** A reporter that throws must not change an answer. */
function safely(onError: (error: Error, place: string) => void): (error: Error, place: string) => void {
  return (error, place) => {
    try {
      onError(error, place);
    } catch (failure) {
      console.error('planql/pent: onError failed:', failure);
    }
  };
}
