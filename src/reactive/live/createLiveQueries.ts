import { createHash } from 'node:crypto';
import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { anything, atLeast, checkOptions, integer, type OptionTable, positive } from '../../errors/checkOptions.ts';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { documentText } from '../../schema/documentText.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import { Semaphore } from '../../utils/Semaphore.ts';
import { valueKey } from '../../utils/valueKey.ts';
import type { Reactive } from '../createReactive.ts';
import type { LiveArgs } from '../ReactiveArgs.ts';
import type { EngineArgs } from '../ReactiveEngine.ts';
import { errorResult, refusal } from './errorResult.ts';
import { LIVE_LIMITS, type LiveLimits } from './limits.ts';
import { liveOf } from './liveDirective.ts';
import { type LiveCounts, SharedRuns } from './SharedRuns.ts';
import { asksForDependencies, trackedRun } from './trackedRun.ts';

/** The options of `createLiveQueries`. */
export interface LiveQueriesOptions<TArgs extends EngineArgs = EngineArgs> {
  /** Runs the queries, and is told of changes. */
  readonly reactive: Reactive<TArgs>;
  /**
   * Live queries of one scope share their runs where document, operation name and variables are equal: all with one scope
   * may see the same. Null: nothing is shared. Default: the subject; without a subject nothing is shared.
   */
  readonly scope?: (args: TArgs & LiveRequest) => string | null;
  /** Limits on the live queries of this process. Spec 11.7.13. */
  readonly limits?: Partial<LiveLimits>;
  /** The age at which a query is run again without news of a change, in milliseconds; 0: never. Default 300,000. */
  readonly maxAgeMs?: number;
}

/** A request that may be a live query. */
export interface LiveRequest extends LiveArgs {
  /** The object that limits count by: the socket, say. Default: none. */
  readonly connection?: object;
  /** The transport cannot send several results: the query runs once, live or not. */
  readonly once?: boolean;
}

/** The live queries of this process, in figures. */
export interface LiveStats extends Readonly<LiveCounts> {
  /** Live queries of clients. */
  readonly queries: number;
  /** Of these, how many are different: equal ones share their runs. */
  readonly different: number;
}

type Results = AsyncGenerator<ExecutionResult, void, void>;

const MAX_AGE_MS = 300_000;

const liveQueriesOptions: OptionTable<LiveQueriesOptions> = {
  reactive: anything,
  scope: anything,
  limits: {
    queries: integer(0),
    perConnection: integer(0),
    perSubject: integer(0),
    minThrottleMs: atLeast(0),
    runs: integer(1),
    runMs: positive,
  },
  maxAgeMs: atLeast(0),
};

/**
 * Makes the functions by which servers run live queries (`@live`): a query runs again whenever data that it has read has
 * changed, and equal queries share their runs. Spec 11.7, docs/reactive.md.
 *
 * @throws PlanqlError with the code `BAD_OPTION`.
 */
export function createLiveQueries<TArgs extends EngineArgs>(options: LiveQueriesOptions<TArgs>): LiveQueries<TArgs> {
  checkOptions('createLiveQueries', options, liveQueriesOptions);
  if (options.reactive.schema.getDirective('live') == null) {
    throw new PlanqlError(
      'LIVE_SCHEMA',
      'The schema does not have @live: no query would be live. Add liveTypeDefs to its typeDefs, or ...liveDirectives to the directives of a schema that is made in code.',
    );
  }
  return new LiveQueries(options);
}

/** The result of `createLiveQueries`. Hand it to `forGraphqlWs`, `forGraphqlSse`, `useLiveQueries` or `attachReactive`. */
export class LiveQueries<TArgs extends EngineArgs = EngineArgs> {
  /** The option `reactive`. */
  readonly reactive: Reactive<TArgs>;
  readonly #scope: (args: TArgs & LiveRequest) => string | null;
  readonly #limits: LiveLimits;
  readonly #maxAgeMs: number;
  readonly #turns: Semaphore;
  readonly #shared = new Map<string, SharedRuns>();
  readonly #bySubject = new Map<string, number>();
  readonly #byConnection = new WeakMap<object, number>();
  readonly #counts: LiveCounts = { runs: 0, parts: 0, diffs: 0 };
  #queries = 0;
  #unshared = 0;

  constructor({ reactive, scope, limits, maxAgeMs = MAX_AGE_MS }: LiveQueriesOptions<TArgs>) {
    this.reactive = reactive;
    this.#scope = scope ?? (({ subject }) => subject ?? null);
    this.#limits = { ...LIVE_LIMITS, ...limits };
    this.#maxAgeMs = maxAgeMs;
    this.#turns = new Semaphore(this.#limits.runs);
    this.execute = this.execute.bind(this);
    this.subscribe = this.subscribe.bind(this);
  }

  /** The schema of its engine. */
  get schema(): GraphQLSchema {
    return this.reactive.schema;
  }

  /** Counters since the start: runs, parts, comparisons, live queries, and different ones. */
  get stats(): LiveStats {
    return { ...this.#counts, queries: this.#queries, different: this.#shared.size };
  }

  /**
   * The results of a live query, one after the other; of other operations the result of `reactive.execute`. It goes
   * wherever `execute` may give an async iterable: into graphql-ws and graphql-sse, say. A refused query is a result
   * with an error.
   */
  execute(args: TArgs & LiveRequest): PromiseOrValue<ExecutionResult> | Results {
    try {
      const live = args.once === true ? null : liveOf(this.schema, args);
      if (live !== null) return this.#join(args, live.throttleMs);
    } catch (error) {
      return errorResult(error);
    }
    return withContext(args, this.reactive.execute);
  }

  /** `reactive.subscribe`. */
  subscribe(args: TArgs & LiveRequest): PromiseOrValue<ExecutionResult | Results> {
    return withContext(args, this.reactive.subscribe);
  }

  #join(args: TArgs & LiveRequest, throttleMs: number): Results {
    const { key, isShared } = this.#keyOf(args);
    const leave = this.#enter(args);
    let runs = isShared ? this.#shared.get(key) : undefined;
    if (runs === undefined || runs.isOver) {
      const { watches } = this.reactive;
      const { runMs, minThrottleMs } = this.#limits;
      const host = { watches, turns: this.#turns, counts: this.#counts, runMs };
      runs = new SharedRuns(host, { throttleMs: Math.max(throttleMs, minThrottleMs), maxAgeMs: this.#maxAgeMs });
      this.#shared.set(key, runs);
    }
    const own = runs;
    return own.join({
      run: trackedRun(this.reactive, args),
      isDivisible: !asksForDependencies(args),
      wants: propertiesOf(propertiesOf(args.extensions).live).patch === true ? 'patch' : 'whole',
      abortSignal: args.abortSignal,
      onEnd: () => {
        leave();
        if (own.isOver && this.#shared.get(key) === own) this.#shared.delete(key);
      },
    });
  }

  /** Equal live queries have equal keys. */
  #keyOf(args: TArgs & LiveRequest): { readonly key: string; readonly isShared: boolean } {
    const scope = this.#scope(args);
    if (scope === null) return { key: `#${++this.#unshared}`, isShared: false };
    const { document, operationName, variableValues, extensions, subject } = args;
    // The dependencies of a response are sent under a permission of its subject.
    const asked = propertiesOf(extensions).reactive;
    const parts = [
      documentText(document),
      ...[operationName ?? null, variableValues ?? {}, scope],
      ...(asked === undefined ? [] : [subject ?? null, asked]),
    ];
    try {
      return { key: createHash('sha256').update(valueKey(parts)).digest('base64url'), isShared: true };
    } catch {
      throw refusal('BAD_LIVE', 'The variables of a live query are nested too deeply.');
    }
  }

  /** Counts a live query until the function is called that it returns. @throws GraphQLError `LIVE_LIMIT` */
  #enter({ connection, subject }: LiveRequest): () => void {
    const { queries, perConnection, perSubject } = this.#limits;
    const ofConnection = connection === undefined ? 0 : (this.#byConnection.get(connection) ?? 0);
    const ofSubject = subject === undefined ? 0 : (this.#bySubject.get(subject) ?? 0);
    if (ofConnection >= perConnection) throw tooMany(perConnection, 'connection');
    if (ofSubject >= perSubject) throw tooMany(perSubject, 'user');
    if (this.#queries >= queries) throw tooMany(queries, 'server');
    const add = (more: number): void => {
      this.#queries += more;
      if (connection !== undefined) {
        this.#byConnection.set(connection, (this.#byConnection.get(connection) ?? 0) + more);
      }
      if (subject === undefined) return;
      const count = (this.#bySubject.get(subject) ?? 0) + more;
      if (count === 0) this.#bySubject.delete(subject);
      else this.#bySubject.set(subject, count);
    };
    add(1);
    return () => add(-1);
  }
}

/** Runs an operation that is not live. */
function withContext<TArgs extends LiveRequest, TResult>(
  args: TArgs,
  run: (args: TArgs) => PromiseOrValue<TResult>,
): PromiseOrValue<TResult | ExecutionResult> {
  const { context } = args;
  if (context === undefined) return run(args);
  return (async () => {
    let contextValue: unknown;
    try {
      contextValue = await context();
    } catch (error) {
      return errorResult(error);
    }
    return run({ ...args, contextValue });
  })();
}

function tooMany(count: number, what: string): GraphQLError {
  return refusal('LIVE_LIMIT', `There are ${count} live queries of this ${what} already. End one of them first.`);
}
