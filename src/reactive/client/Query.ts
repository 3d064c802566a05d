import type { Answer, ResponseError } from './Answer.ts';
import { Dependencies } from './Dependencies.ts';
import type { AnyDocument, Operation, Variables } from './document.ts';
import type { Cause, FetchPlug } from './FetchPlug.ts';
import type { HasChanged, HeldSet, News } from './HeldSet.ts';
import type { MakeDocument, PartDocument } from './parts.ts';
import { pauseMs } from './pauseMs.ts';
import { QueryData } from './QueryData.ts';
import type { JsonObject, PossibleTypes, Scope } from './Selection.ts';
import type { Store } from './Store.ts';
import { entriesOf, type ObjectsWanted, type Wanted, type WantedLimits, wantedOf } from './wanted.ts';

/** The state of a query. It is another object only when something has changed. */
export interface Snapshot<TData> {
  /** `loading`: the server has not answered yet. `failed`: it could not be asked, and `error` is the reason; it is tried again. */
  readonly status: 'loading' | 'ready' | 'failed';
  /** The data, as the operation selects it. Before the first answer: what an earlier page has kept (`offline`), or undefined. */
  readonly data: TData | undefined;
  /** The errors of the last answer. */
  readonly errors: readonly ResponseError[] | undefined;
  /** The reason of `failed`; undefined otherwise. */
  readonly error: unknown;
}

/** A query that is kept up to date: the two functions that `useSyncExternalStore` wants. */
export interface WatchedQuery<TData> {
  /** Calls when the snapshot has changed, until the function that it returns is called. The first one fetches. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until something has changed; in it, the same objects where nothing has. */
  readonly getSnapshot: () => Snapshot<TData>;
}

export interface QueryLimits extends WantedLimits {
  /** The age in milliseconds at which data is fetched again without news of a change; 0: never. */
  readonly maxAgeMs: number;
  /** Answers whose keys are watched for one query: with more, the whole operation is fetched, which leaves one. */
  readonly maxSets: number;
  /** The milliseconds for which a query is kept that is not watched any more. */
  readonly keepMs: number;
  /** The first pause before an attempt is repeated, and the longest one. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

export const QUERY_LIMITS: QueryLimits = {
  ...{ maxAgeMs: 300_000, maxPart: 0.6, maxPositions: 100, maxSets: 50, keepMs: 5000, retryMs: 50, maxRetryMs: 30_000 },
};

/** `extensions.reactive` of a request. */
export type Reactive = { readonly [name: string]: unknown };

/** The part of the client that a query needs. */
export interface QueryHost {
  readonly store: Store;
  readonly limits: QueryLimits;
  readonly options: {
    readonly possibleTypes?: PossibleTypes;
    /** Makes a document for the parts to be fetched. Without it, the server is asked for parts of the operation. */
    readonly documents?: MakeDocument;
    /** Is told why queries are fetched. */
    readonly panel?: FetchPlug;
  };
  ask(query: Query, part: PartDocument | null, reactive: Reactive, signal: AbortSignal): Promise<Answer>;
  addSet(set: HeldSet): void;
  removeSet(set: HeldSet): void;
  /** An answer has come that was asked for at `turn` (infinite: nothing in it is stale): `apply` writes it, now or together with others. */
  came(query: Query, turn: number, apply: () => void): void;
  /** Counts events, in order. */
  turn(): number;
  failed(error: unknown): void;
  remember(query: Query): void;
  /** Nobody has watched the query for a while. */
  forget(query: Query): void;
}

type Timer = ReturnType<typeof setTimeout> | undefined;

/** A server that wants everything again, and again, gets it so often. */
const NEVER = Number.POSITIVE_INFINITY;
const RESTART_MS = 5000;
const AGAIN_MS = 30_000;

const READY = { status: 'ready', error: undefined } as const;
const LOADING: Snapshot<never> = { status: 'loading', data: undefined, errors: undefined, error: undefined };

/** One operation with its variables and its listeners. */
export class Query {
  readonly operation: Operation;
  readonly variables: Variables;
  readonly document: AnyDocument;
  /** Its answers come by themselves. */
  isLive = false;
  onClose: (() => void) | null = null;
  snapshot: Snapshot<JsonObject> = LOADING;
  readonly data: QueryData;
  readonly #host: QueryHost;
  readonly #listeners = new Set<() => void>();
  readonly #dependencies = new Dependencies();
  /** Positions at which the store has something else than the answer: they are fetched. */
  #wanting = new Set<string>();
  /** Positions at which the store had nothing when it was last read: they are fetched, too. */
  #lacking: readonly string[] = [];
  #errors: Snapshot<JsonObject>['errors'];
  /** What it shows: nothing, what was kept, or an answer. */
  #shown: 0 | 1 | 2 = 0;
  #isNull = false;
  #needsAll = true;
  /** Ids of objects that the server did not give, though they are shown. */
  #missing: readonly string[] = [];
  /** Whether it gives objects by their ids. */
  #isByIds = true;
  /** Why it is fetched next. */
  readonly #causes = new Set<Cause>();
  /** Counts news. */
  #news = 0;
  #flight: AbortController | null = null;
  #timer: Timer;
  #due = NEVER;
  /** Nothing is fetched before. */
  #notBefore = 0;
  /** When the server last wanted everything again. */
  #restarted = -NEVER;
  #ageTimer: Timer;
  #keepTimer: Timer;
  /** How often it was read in vain, one time after the other. */
  #misread = 0;
  /** How often it was asked in vain, one time after the other. */
  #failures = 0;

  constructor(host: QueryHost, scope: Scope, document: AnyDocument) {
    this.#host = host;
    this.document = document;
    this.operation = scope.operation;
    this.variables = scope.variables;
    this.data = new QueryData(host.store, scope);
  }

  get sets(): ReadonlySet<HeldSet> {
    return this.#dependencies.sets;
  }

  /** Whether it is watched. Otherwise it only notes what is stale (spec 12.2.8). */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Whether something is to be fetched. */
  get isStale(): boolean {
    return this.#needsAll || this.#wanting.size + this.#lacking.length > 0 || this.#dependencies.stale().share > 0;
  }

  /** `isFetched`: missing data is fetched. */
  subscribe(listener: () => void, isFetched = true): () => void {
    this.#host.remember(this);
    const own = (): void => listener();
    this.#listeners.add(own);
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    if (isFetched && this.isStale) this.#plan(0, 'watched');
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.release();
    };
  }

  /** Nobody watches it, for now. */
  release(): void {
    this.#keepTimer ??= setTimeout(() => {
      this.#host.forget(this);
      this.close();
    }, this.#host.limits.keepMs);
  }

  /** Takes an answer to the whole operation that another part of the client has fetched. */
  adopt(answer: Answer): void {
    this.#flight?.abort(); // its answer is of no use
    this.#flight = null;
    this.#needsAll = false;
    this.#wanting = new Set();
    this.#attempt(() => this.#take(answer, null, 0, this.#news)); // when it was asked for is not known
  }

  /** Within a transaction of the store. Shows what an earlier page has kept, until the server answers. */
  restore(answer: Answer): void {
    if (this.#shown > 0) return;
    this.#write(answer, null);
    this.#shown = 1;
  }

  close(): void {
    this.onClose?.();
    for (const timer of [this.#timer, this.#ageTimer, this.#keepTimer]) clearTimeout(timer);
    this.#keepTimer = undefined;
    this.#due = NEVER;
    this.#flight?.abort();
    this.#flight = null;
    for (const set of this.#dependencies.take(null, null, () => [], [], 0).removed) this.#host.removeSet(set);
    this.#needsAll = true;
  }

  /** Keys have newer versions. */
  tell(news: News): void {
    this.#dependencies.tell(news);
    if (this.#dependencies.stale().share === 0) return;
    this.#news++;
    this.#plan(0, 'told');
  }

  /** A mutation has changed keys. Whether the query is fetched again because of that. */
  tellChanged(hasChanged: HasChanged, turn: number): boolean {
    if (!this.#dependencies.tellChanged(hasChanged, turn)) return false;
    this.#news++;
    this.#plan(0, 'mutation');
    return this.isWatched;
  }

  /** The server wants the whole operation to be fetched again: at once, unless it did so a moment ago. Whether it did so lately. */
  restart(withinMs: number, cause: Cause): boolean {
    let isAgain = false;
    if (!this.#needsAll) {
      const now = performance.now();
      isAgain = now - this.#restarted < AGAIN_MS;
      this.#notBefore = this.#restarted + RESTART_MS;
      this.#restarted = Math.max(now, this.#notBefore);
    }
    this.refetch(withinMs, cause);
    return isAgain;
  }

  /** Fetches the whole operation, some time within so many milliseconds. */
  refetch(withinMs: number, cause: Cause): void {
    this.#needsAll = true;
    this.#news++;
    this.#plan(Math.random() * withinMs, cause);
  }

  /** Shows the store's data, unless some is missing, which is then fetched. Whether it has changed. */
  read(): boolean {
    let isNew = false;
    this.#attempt(() => {
      isNew = this.#shown > 0 && this.#read();
    });
    return isNew;
  }

  #read(): boolean {
    this.#lacking = [];
    if (this.#isNull) return this.#show(READY);
    const { data, wanting } = this.data.read();
    if (wanting !== null) {
      this.#lacking = wanting;
      // Data that is missing again, though it was fetched, is not fetched at once again.
      this.#plan(this.#misread++ === 0 ? 0 : this.#pauseMs(this.#misread), 'missing');
      return false;
    }
    this.#misread = 0;
    return this.#show(this.#shown > 1 ? READY : this.snapshot, data);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#host.failed(error); // the other listeners are called all the same
      }
    }
  }

  #plan(afterMs: number, cause: Cause): void {
    this.#causes.add(cause);
    if (this.#flight !== null || !this.isWatched) return; // it is fetched when it is watched again
    const now = performance.now();
    const due = Math.max(now + afterMs, this.#notBefore);
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = NEVER;
      void this.#fetch();
    }, due - now);
  }

  /** The parts to fetch; null: the whole operation. */
  #wanted(): Wanted | null {
    const { limits } = this.#host;
    const { size, sets } = this.#dependencies;
    const stale = this.#dependencies.stale();
    if (this.#needsAll || sets.size > limits.maxSets) return null;
    const chosen = this.#isByIds
      ? stale
      : {
          ...{ ...stale, objects: new Map(), under: [] },
          positions: [...stale.positions, ...stale.objects.keys(), ...stale.under.map(({ at }) => at)],
        };
    return wantedOf(chosen, size, new Set([...this.#wanting, ...this.#lacking]), this.data, limits);
  }

  async #fetch(): Promise<void> {
    if (!this.isStale) return;
    const turn = this.#host.turn();
    const news = this.#news;
    const flight = new AbortController();
    this.#flight = flight;
    let wanted: Wanted | null;
    let answer: Answer;
    try {
      const all = this.#wanted();
      const part = all === null ? null : this.#partOf(all);
      wanted = part === undefined ? all : (part?.wanted ?? null);
      this.#needsAll = false;
      this.#wanting = new Set();
      const refetch = wanted === null || part ? {} : { refetch: entriesOf(wanted) };
      const answered = this.#host.ask(this, part ?? null, { v: 1, ...refetch }, flight.signal);
      this.#host.options.panel?.asks(this, this.#dependencies, this.#causes, wanted, answered);
      answer = await answered;
    } catch (error) {
      if (this.#flight !== flight) return;
      this.#flight = null;
      return this.#failed(error);
    }
    if (this.#flight !== flight) return;
    this.#flight = null;
    this.#attempt(() => {
      const { errors, data } = answer;
      if (wanted !== null && (this.#misses(wanted.objects, answer) || errors !== undefined || data == null)) {
        return this.refetch(0, 'errors');
      }
      this.#take(answer, wanted, turn, news);
    });
  }

  #partOf(wanted: Wanted): PartDocument | null | undefined {
    const { operation, variables } = this;
    const { documents, possibleTypes = null } = this.#host.options;
    return documents?.({ operation, variables, possibleTypes, wanted, shownAt: (at) => this.data.shownAt(at) });
  }

  /** An answer that cannot be read is an error, as if none had come. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#needsAll = true;
    this.#host.failed(error);
    if (this.#shown < 2 && this.#show({ status: 'failed', error }, this.snapshot.data)) this.notify();
    this.#plan(this.#pauseMs(this.#failures++), 'failed');
  }

  #pauseMs(failures: number): number {
    const { retryMs, maxRetryMs } = this.#host.limits;
    return pauseMs(failures, retryMs, maxRetryMs);
  }

  /** Whether objects are gone: from lists and counts, too, perhaps. */
  #misses(wanted: readonly ObjectsWanted[], { extensions }: Answer): boolean {
    const read = extensions?.reactive?.objects ?? [];
    this.#missing = wanted.flatMap(({ ids }, entry) => ids.filter((_, n) => read[entry]?.objects[n] == null));
    return this.#missing.length > 0;
  }

  #take(answer: Answer, wanted: Wanted | null, turn: number, news: number): void {
    const { reactive = null } = answer.extensions ?? {};
    const recordsAt = this.data.recordsIn(answer.data, reactive ?? {});
    const replaced = wanted?.objects.flatMap((one) => this.data.replacedBy(one)) ?? [];
    const { positions = null } = wanted ?? {};
    const { added, removed } = this.#dependencies.take(reactive, positions, recordsAt, replaced, turn);
    if (added !== null) this.#host.addSet(added);
    for (const set of removed) this.#host.removeSet(set);
    if (wanted === null) {
      this.#age();
      // The server does not give by their ids the objects that it shows.
      if (this.#missing.some((id) => this.#dependencies.hasObject(id))) this.#isByIds = false;
      this.#missing = [];
    }
    // Where nobody tells of changes, it is fetched again after a while.
    this.#needsAll ||= reactive !== null && added === null;
    const isStale = this.#needsAll || this.#dependencies.stale().share > 0;
    const isNews = !isStale || news !== this.#news;
    // Asked in vain: the server has not heard of the change.
    if (isStale) this.#plan(isNews ? 0 : this.#pauseMs(this.#failures++), 'stale');
    else this.#causes.clear();
    const write = (): void => {
      this.#write(answer, wanted);
      if (isNews) this.#failures = 0;
    };
    this.#host.came(this, isStale ? turn : NEVER, () => this.#attempt(write));
  }

  #age(): void {
    const { maxAgeMs } = this.#host.limits;
    clearTimeout(this.#ageTimer);
    if (maxAgeMs > 0 && !this.isLive) this.#ageTimer = setTimeout(() => this.refetch(0, 'age'), maxAgeMs);
  }

  /** Within a transaction of the store. */
  #write({ data, errors, extensions }: Answer, wanted: Wanted | null): void {
    this.#isNull = data == null;
    if (data != null) {
      const paths = errors?.map(({ path = [] }) => path.join('.')) ?? [];
      const moved = this.data.write(data, paths, extensions?.reactive ?? {}, wanted);
      for (const at of moved) this.#wanting.add(at);
      if (this.#wanting.size > 0) this.#plan(0, 'missing'); // also what was found while another fetch was under way
    }
    if (wanted === null) this.#errors = errors;
    this.#shown = 2;
  }

  #show({ status, error }: Pick<Snapshot<JsonObject>, 'status' | 'error'>, data?: JsonObject): boolean {
    const before = this.snapshot;
    const errors = this.#errors;
    const isSame = status === before.status && data === before.data && error === before.error;
    if (isSame && JSON.stringify(errors) === JSON.stringify(before.errors)) return false;
    this.snapshot = { status, data, errors, error };
    return true;
  }
}
