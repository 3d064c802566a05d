import { anything, atLeast, checkOptions, type OptionTable } from '../errors/checkOptions.ts';
import type { Kvetch } from '../kvetch/Kvetch.ts';
import { ConsistencyToken } from '../kvetch/shards/ConsistencyToken.ts';
import { inspect } from '../utils/inspect.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { ContextOfPents } from './ContextOfPents.ts';
import type { Context, Loaded, PentClass, PentModel, Verdicts, ViewerId } from './contract.ts';
import { PentError } from './errors.ts';
import { definitionOf } from './ofType.ts';
import { around, Decisions } from './privacy/Decisions.ts';
import { RuleBudget } from './privacy/RuleBudget.ts';
import { type Ending, endedBy, Waits } from './privacy/Waits.ts';

/** The options of a `PentContext`. */
export interface PentContextOptions<TViewer> {
  /** The store. The context takes its request scope (`forRequest`) by itself. */
  readonly kvetch: Kvetch;
  /** The result of `definePents`. */
  readonly model: PentModel;
  /** On whose behalf everything is read and written. The privacy rules' business. */
  readonly viewer: TViewer;
  /**
   * Tells this viewer from all others, in every request: idempotency keys belong to it. Null for viewers who are not
   * signed in. Default: the viewer's `id`, or the viewer where it is a text, a number or null.
   */
  readonly viewerId?: ViewerId;
  /** Milliseconds since 1970, for hooks. Default `Date.now`. */
  readonly clock?: () => number;
  /** The `context.freshness` after this client's earlier writes: the reads show these. */
  readonly freshness?: string | null;
  /** Ends reads that wait for privacy rules. In a request, its own signal and deadline do. */
  readonly signal?: AbortSignal;
  /**
   * For so many objects the privacy rules of one request may run (of a subscription: for one event). Beyond, its reads
   * fail. Default: 500,000.
   */
  readonly maxDecisions?: number;
  /** Called with errors that no response shows: of privacy rules and observers. Default: `console.error`. */
  readonly onError?: (error: Error, place: string) => void;
}

const contextOptions: OptionTable<PentContextOptions<unknown>> = {
  kvetch: anything,
  model: anything,
  viewer: anything,
  viewerId: anything,
  clock: anything,
  freshness: anything,
  signal: anything,
  maxDecisions: atLeast(0),
  onError: anything,
};

/**
 * The state that the reads and writes of one request share: the store, caches, privacy decisions. It is the request's
 * GraphQL context, or its property `pent` is. Never shared between viewers.
 *
 * ```ts
 * const context = new PentContext({ kvetch, model, viewer });
 * const user = await TodoUser.get(context, id);
 * ```
 */
export class PentContext<TViewer = unknown> extends ContextOfPents implements Context<TViewer> {
  /** The classes of the application. */
  readonly model: PentModel;
  /** The application's own viewer. */
  readonly viewer: TViewer;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly isRestricted: boolean;
  /** The option `onError`. */
  readonly report: (error: Error, place: string) => void;

  readonly #givenId: ViewerId | undefined;
  /** The option `signal`. */
  readonly #given: Ending | null;
  /** Rules and hooks about writes that are under way. */
  #writes: Waits | null = null;
  readonly #shared: SharedStore;
  readonly #viewers: PentContext<TViewer>;
  readonly #budget: RuleBudget;
  /** The context for whose rule this one was made. */
  readonly #madeIn: Context | null;
  #unrestricted: PentContext<TViewer> | null = null;
  // Made when it is needed: without privacy rules nobody asks for it.
  #decisions: Decisions | null = null;
  #scopes = 0;
  #request: Ending | null = null;

  constructor(options: PentContextOptions<TViewer>);
  /** @internal */
  constructor(options: PentContextOptions<TViewer>, outer?: PentContext<TViewer>) {
    super();
    checkOptions('PentContext', options, contextOptions);
    const { kvetch, model, viewer, clock = Date.now, freshness = null, onError = logError, signal } = options;
    if (kvetch?.reads === undefined)
      throw new PentError('NO_KVETCH', 'A PentContext needs { kvetch }: see createKvetch.');
    if (model?.classes === undefined)
      throw new PentError('NO_MODEL', 'A PentContext needs { model }: see definePents.');
    this.#madeIn = outer === undefined ? around.context : null;
    this.#assertNotDeep();
    this.model = model;
    this.viewer = viewer;
    this.clock = clock;
    this.report = outer?.report ?? safely(onError);
    this.isRestricted = outer === undefined;
    this.#viewers = outer ?? this;
    this.#givenId = options.viewerId;
    this.#given = signal ? endedBy(signal) : null;
    this.#shared = outer === undefined ? new SharedStore(kvetch, freshness) : outer.#shared;
    this.#budget = outer === undefined ? new RuleBudget(options.maxDecisions ?? MAX_DECISIONS) : outer.#budget;
  }

  protected get self(): Context<TViewer> {
    return this;
  }

  /** The store. From the first write on it shows this context's writes, whatever caches say. */
  get kvetch(): Kvetch {
    return this.#shared.kvetch;
  }

  /** A token of the writes of this context and its client: for the client's next request. Empty without writes. */
  get freshness(): string {
    return this.#shared.freshness?.toString() ?? '';
  }

  /** @throws PentError `NO_VIEWER_ID` when it is not given, `BAD_VIEWER_ID` when other viewers have the same. */
  get viewerId(): ViewerId {
    const given = this.viewers.#givenId;
    const id = given === undefined ? idOf(this.viewer) : given;
    if (isOwn(id)) return id;
    if (id !== undefined) throw badViewerId(given === undefined ? 'The "id" of the viewer' : '"viewerId"', id);
    throw new PentError(
      'NO_VIEWER_ID',
      'An idempotency key belongs to a viewer, and this one has no "id". Give PentContext { viewerId }.',
    );
  }

  get seesAll(): boolean {
    return !this.isRestricted;
  }

  /** The context in which privacy applies: this one, or that which this one is the unrestricted one of. */
  get viewers(): PentContext<TViewer> {
    return this.#viewers;
  }

  get current(): Context<TViewer> {
    const running = this.#decisions?.running ?? null;
    return running === null ? this : running.viewers;
  }

  /**
   * The same viewer without privacy, for scripts and mutations that must see everything. Objects that are read through
   * it lead to others of the unrestricted world; where a plan shows one, it becomes one of the viewer's world, or null.
   */
  get unrestricted(): PentContext<TViewer> {
    if (!this.isRestricted) return this;
    this.#unrestricted ??= new (PentContext as InnerConstructor<TViewer>)(
      { kvetch: this.kvetch, model: this.model, viewer: this.viewer, clock: this.clock },
      this,
    );
    return this.#unrestricted;
  }

  get scope(): object {
    return this.#viewers.#ownDecisions;
  }

  get $used(): this {
    return this;
  }

  decide(records: readonly Loaded[], field: string | null = null): MaybePromise<Verdicts | null> {
    return this.isRestricted ? this.#ownDecisions.decide(records, field) : null;
  }

  get #ownDecisions(): Decisions {
    this.#decisions ??= new Decisions(this, this.$pents, this.#budget, () => this.#endings());
    return this.#decisions;
  }

  #endings(): readonly Ending[] {
    return [this.#given, this.#request].filter((ending) => ending !== null);
  }

  whileOpen<T>(work: Promise<T>): Promise<T> {
    const viewers = this.#viewers;
    viewers.#writes ??= new Waits(
      () => viewers.#endings(),
      () => undefined,
    );
    return viewers.#writes.whileOpen(work);
  }

  newId(pentClass: PentClass, data: object = {}, options: { readonly near?: string | undefined } = {}): string {
    const { kvetch, newIds } = this.#shared;
    const id = kvetch.newId(definitionOf(pentClass).name, { ...data }, options);
    newIds.add(id);
    return id;
  }

  mayCreateAs(id: string): boolean {
    return this.seesAll || this.#shared.newIds.has(id);
  }

  /** The store for a write, which from now on every read of this context shows. */
  beginWrite(): Kvetch {
    return this.#shared.beginWrite();
  }

  /** Forgets all reads and decisions, after a change. Those under way go on for those who wait for them. */
  forget(): void {
    const { viewers } = this;
    viewers.$forgetPents();
    viewers.#decisions = null;
    viewers.#unrestricted?.$forgetPents();
  }

  /**
   * Called once by each part of a request that must read anew: a mutation field, a subscription event. The first one
   * keeps the reads that were made with the context. Until its first step, nobody knows what ends the part.
   */
  enterScope(): this {
    this.#request = null;
    if (this.#scopes++ > 0) this.forget();
    this.kvetch.reads.forRequest();
    this.#budget.renew();
    return this;
  }

  /** Rules that read by contexts of their own would go on for ever: no decision knows of those of another context. */
  #assertNotDeep(): void {
    const contexts = [...this.#contextsAround()];
    if (contexts.length < MAX_CONTEXTS) return;
    const error = new PentError(
      'CONTEXTS_IN_RULES',
      `A privacy rule has made a PentContext whose rules have made another one, and so on, ${MAX_CONTEXTS} deep. Read by the context that a rule is given, and ask it with canRead.`,
    );
    for (const context of contexts) context.#ownDecisions.fail(error);
    throw error;
  }

  *#contextsAround(): Generator<PentContext> {
    for (let context = this.#madeIn; context instanceof PentContext; context = context.#madeIn) yield context;
  }

  /** Called by each step: reads that wait for privacy rules end with its request. */
  enterStep(request: Ending): void {
    this.#request = request;
  }
}

/** Contexts that rules make for themselves, one in the other. */
const MAX_CONTEXTS = 16;

/** Rules that run this often take seconds. */
const MAX_DECISIONS = 500_000;

/** The viewer's id; undefined where it has none. */
function idOf(viewer: unknown): ViewerId | undefined {
  const id = typeof viewer === 'object' && viewer !== null && 'id' in viewer ? viewer.id : viewer;
  return typeof id === 'string' || typeof id === 'number' || id === null ? id : undefined;
}

/** Whether an id is of one viewer only. Viewers who are not signed in are one. */
function isOwn(id: unknown): id is ViewerId {
  return typeof id === 'string' || id === null || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER);
}

/** `Number(header)` is NaN for an absent header, and the same number for two long ones. */
function badViewerId(place: string, id: unknown): PentError<'BAD_VIEWER_ID'> {
  return new PentError(
    'BAD_VIEWER_ID',
    `${place} of a PentContext is ${inspect(id)}, which does not tell this viewer from all others. Pass a text or a safe number, or null for a viewer who is not signed in.`,
  );
}

type InnerConstructor<TViewer> = new (
  options: PentContextOptions<TViewer>,
  outer: PentContext<TViewer>,
) => PentContext<TViewer>;

/** The store of a request, for all contexts of it. */
class SharedStore {
  kvetch: Kvetch;
  freshness: ConsistencyToken | null;
  /** Ids that were made for objects which units may create. */
  readonly newIds = new Set<string>();

  constructor(kvetch: Kvetch, freshness: string | null) {
    this.freshness = freshness === null || freshness === '' ? null : ConsistencyToken.parse(freshness);
    const store = this.freshness === null ? kvetch : kvetch.with({ freshness: this.freshness });
    this.kvetch = store.forRequest();
  }

  beginWrite(): Kvetch {
    if (this.freshness === null) {
      this.freshness = new ConsistencyToken();
      this.kvetch = this.kvetch.noting(this.freshness);
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
