import { type ExecutionResult, getOperationAST } from 'graphql';
import { PlanqlError } from '../errors/PlanqlError.ts';
import type { ChangeListener } from '../kvetch/KvetchContext.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { Invalidations } from './Invalidations.ts';
import { type DependencyKey, toKey } from './keys/dependencyKeys.ts';
import { Grants } from './keys/Grants.ts';
import { type ReactiveSecret, WireKeys } from './keys/WireKeys.ts';
import { type LiveOptions, liveRuns, type TrackedRun } from './live/liveRuns.ts';
import type { EngineArgs, ReactiveEngine } from './ReactiveEngine.ts';
import { refetchParts } from './refetch/refetchParts.ts';
import { describe, type ReactiveExtension } from './response/describe.ts';
import { ambientRecorder, currentTracker, Tracker } from './tracking/Tracker.ts';
import type { Held } from './versions/staleness.ts';
import type { VersionStore } from './versions/VersionStore.ts';
import { Watches } from './versions/Watches.ts';

export interface ReactiveOptions<TArgs extends EngineArgs = EngineArgs> {
  readonly engine: ReactiveEngine<TArgs>;
  /** Where changes are counted: `memoryVersions()` for one process, `redisVersions()` for many. */
  readonly versions: VersionStore;
  /** The first names keys and signs grants; what the others have named and signed is still good. */
  readonly secrets: readonly ReactiveSecret[];
  /** Keys of different tenants have different names. Default: none. */
  readonly tenant?: string;
  /** A response with more keys says `overflow` and names none. Default 2,000. */
  readonly maxKeys?: number;
  /** How long a client may ask about the keys of a response, in seconds. Default 3,600. */
  readonly grantSeconds?: number;
}

/** A request that may ask for what its response depends on. */
export interface ReactiveArgs extends EngineArgs {
  /** The `extensions` of the request: `{ reactive: { v: 1 } }` asks for dependencies, `refetch: [{ at }]` in it for some positions. */
  readonly extensions?: unknown;
  /** Who asks: only requests of the same subject can use the keys. Default: everybody. */
  readonly subject?: string;
}

/** A query that is run again when what it has read has changed. */
export interface LiveArgs extends ReactiveArgs, LiveOptions {
  /** Makes the context of each run: caches and permissions of one run are not those of the next. Default: `contextValue`. */
  readonly context?: () => unknown;
}

/** Adds what they depend on to responses that are asked for it, and tells of changes. */
export function createReactive<TArgs extends EngineArgs>(options: ReactiveOptions<TArgs>): Reactive<TArgs> {
  return new Reactive(options);
}

const MAX_KEYS = 2000;
const GRANT_SECONDS = 3600;

export class Reactive<TArgs extends EngineArgs = EngineArgs> {
  readonly versions: VersionStore;
  readonly wireKeys: WireKeys;
  readonly grants: Grants;
  readonly #engine: ReactiveOptions<TArgs>['engine'];
  readonly #maxKeys: number;
  readonly #invalidations: Invalidations;
  #watches: Watches | null = null;
  /** Connects a store: give it to `createKvetch({ changes })`. */
  readonly changes: ChangeListener = {
    recorder: ambientRecorder,
    invalidate: (keys) => {
      const tracker = currentTracker();
      for (const key of keys) tracker?.invalidated.add(key);
      return this.#invalidations.tell(keys);
    },
  };

  constructor(options: ReactiveOptions<TArgs>) {
    const { engine, versions, secrets, tenant = '', maxKeys = MAX_KEYS, grantSeconds = GRANT_SECONDS } = options;
    this.#engine = engine;
    this.versions = versions;
    this.wireKeys = new WireKeys(secrets, tenant);
    this.grants = new Grants(secrets, grantSeconds);
    this.#maxKeys = maxKeys;
    this.#invalidations = new Invalidations(versions, this.wireKeys);
    this.execute = this.execute.bind(this);
  }

  /**
   * The engine's `execute`. Where the request's extensions ask for it, the response says in `extensions.reactive` what it
   * depends on; otherwise the response is the engine's, and nothing is asked of the version store.
   */
  execute(args: TArgs & ReactiveArgs): PromiseOrValue<ExecutionResult> {
    const asked = whatIsAsked(args.extensions);
    return asked === null ? this.#engine.execute(args) : this.#tracked(args, asked.refetch);
  }

  /**
   * Runs a query again whenever something that it has read has changed: the results, one after the other, without those that
   * equal the last one. Each run has a context of its own where `context` makes one. Closing the generator ends what runs.
   */
  live(args: TArgs & LiveArgs): AsyncGenerator<ExecutionResult, void, void> {
    const run = async (abortSignal: AbortSignal): Promise<TrackedRun> => {
      const own = args.context === undefined ? null : { contextValue: await args.context() };
      const result = await this.#tracked({ ...args, ...own, abortSignal }, null);
      const { reactive, ...others } = result.extensions as { reactive: ReactiveExtension };
      const { extensions: _extensions, ...rest } = result;
      const isWanted = whatIsAsked(args.extensions) !== null;
      const kept = isWanted ? result : Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
      return { result: kept, held: heldOf(reactive) };
    };
    assertQuery(args);
    return liveRuns(run, this.watches, args, args.abortSignal ?? null);
  }

  /** Who holds keys in this process. */
  get watches(): Watches {
    this.#watches ??= new Watches(this.versions);
    return this.#watches;
  }

  /**
   * Says that what keys name has changed: keys of `objectKey` and the like, or texts, which are `manualKey`s. Call it after
   * the commit. False: the version store could not be told yet; that goes on as long as this process lives.
   */
  invalidate(...keys: readonly (DependencyKey | string)[]): Promise<boolean> {
    const all = keys.map(toKey);
    const tracker = currentTracker();
    for (const key of all) tracker?.invalidated.add(key);
    return this.#invalidations.tellOrOwe(all);
  }

  /** Tells what is owed, if that is possible. The version store stays open. */
  close(): Promise<void> {
    this.#watches?.close();
    return this.#invalidations.close();
  }

  async #tracked(args: TArgs & ReactiveArgs, refetch: readonly unknown[] | null): Promise<ExecutionResult> {
    const asOf = this.versions.seen;
    const tracker = new Tracker(this.#maxKeys);
    const { record: recordDependency, around } = tracker;
    const tracked = { ...args, recordDependency, around };
    const result = await tracker.run(() =>
      refetch === null ? this.#engine.execute(tracked) : refetchParts(this.#engine, tracked, refetch),
    );
    const described = await describe(this, tracker.dependencies(), asOf, args.subject ?? '');
    const invalidated = [...tracker.invalidated].map((key) => this.wireKeys.of(key));
    const reactive: ReactiveExtension = invalidated.length === 0 ? described : { ...described, invalidated };
    return { ...result, extensions: { ...result.extensions, reactive } };
  }
}

interface Asked {
  /** The positions that are wanted; null: all of them. */
  readonly refetch: readonly unknown[] | null;
}

/** What the extensions of a request ask for; null: nothing. */
function whatIsAsked(extensions: unknown): Asked | null {
  const reactive = (extensions as { reactive?: unknown } | null | undefined)?.reactive;
  if (typeof reactive !== 'object' || reactive === null || (reactive as { v?: unknown }).v !== 1) return null;
  const { refetch } = reactive as { refetch?: unknown };
  return { refetch: refetch === undefined || refetch === null ? null : Array.isArray(refetch) ? refetch : [refetch] };
}

/** @throws PlanqlError `LIVE_QUERY` */
function assertQuery({ document, operationName }: EngineArgs): void {
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation === 'query') return;
  const seen = operation === undefined ? 'the document has no such operation' : `this is a ${operation}`;
  throw new PlanqlError('LIVE_QUERY', `Only a query can be live, and ${seen}.`);
}

/** What can be watched of a response; null: not all that it depends on. */
function heldOf({ status, epoch, asOf, groups = [] }: ReactiveExtension): Held | null {
  if (epoch === undefined || asOf === undefined || status === 'overflow' || status === 'unavailable') return null;
  const byKey = new Map(groups.flatMap(({ keys, versions }) => keys.map((key, at) => [key, versions[at] as number])));
  return { epoch, seq: asOf, keys: [...byKey.keys()], versions: [...byKey.values()] };
}
