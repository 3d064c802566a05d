import { type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import { anything, checkOptions, integer, type OptionTable } from '../errors/checkOptions.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { type ReactiveMessage, reactiveChannel } from '../telemetry/reactiveChannels.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { propertiesOf } from '../utils/propertiesOf.ts';
import type { ReactiveExtension } from '../utils/reactiveExtension.ts';
import { ALL_KEYS } from '../utils/wireKeys.ts';
import { Invalidator, type InvalidatorOptions, invalidatorOptions } from './Invalidator.ts';
import { splitSeeds } from './keys/Seals.ts';
import { SharedRuns } from './live/SharedRuns.ts';
import { asksForDependencies, trackedRun } from './live/trackedRun.ts';
import type { LiveArgs, ReactiveArgs } from './ReactiveArgs.ts';
import type { EngineArgs, IncrementalResult, ReactiveEngine } from './ReactiveEngine.ts';
import { type Refetched, refetchParts } from './refetch/refetchParts.ts';
import { refuseOtherUser } from './refuseOtherUser.ts';
import { type DescribeParts, describe, inlineOf } from './response/describe.ts';
import { type Describe, describeEvents, describeParts } from './response/describeParts.ts';
import { KeyTables } from './response/KeyTables.ts';
import { operationDigest } from './response/operationDigest.ts';
import { withMore } from './response/sealExtension.ts';
import { type FieldRules, NO_FIELD_RULES } from './tracking/FieldRules.ts';
import { eachObjectIn } from './tracking/objectsIn.ts';
import { Tracker } from './tracking/Tracker.ts';
import { type Begun, beginOf } from './versions/beginOf.ts';
import { KnownReadings } from './versions/KnownReadings.ts';

/** The options of `createReactive`. */
export interface ReactiveOptions<TArgs extends EngineArgs = EngineArgs> extends InvalidatorOptions {
  /** The engine that runs the operations. */
  readonly engine: ReactiveEngine<TArgs>;
  /** The largest number of keys in a response. One with more has the status `overflow` and names none. Default 2,000. */
  readonly maxKeys?: number;
  /** Fields such as `User.lastSeen` whose changes are not told, nor those of all that is selected below them. Default none. */
  readonly withoutReactivity?: readonly string[];
  /**
   * Whether a refetch of some objects reads them by `Query.node`, so that only they are read. With false the server reads
   * the whole position and takes the objects out of it: for servers whose `node` gives objects to everybody with an id.
   * Default true, and false where the engine runs trusted documents only. Spec 11.6.6.
   */
  readonly refetchByNode?: boolean;
}

const reactiveOptions: OptionTable<ReactiveOptions> = {
  ...invalidatorOptions,
  engine: anything,
  maxKeys: integer(0),
  withoutReactivity: anything,
  refetchByNode: anything,
};

/**
 * Wraps an engine: responses name their dependencies where a request asks for them, and changes of data are told to
 * clients and servers. Spec chapter 11, docs/reactive.md.
 *
 * @throws PlanqlError with the code `BAD_OPTION`, for options that it does not know or cannot use.
 */
export function createReactive<TArgs extends EngineArgs>(options: ReactiveOptions<TArgs>): Reactive<TArgs> {
  checkOptions('createReactive', options, reactiveOptions);
  return new Reactive(options);
}

const MAX_KEYS = 2000;

/** The result of `createReactive`: an engine whose responses name their dependencies, and an `Invalidator`. */
export class Reactive<TArgs extends EngineArgs = EngineArgs> extends Invalidator {
  readonly #engine: ReactiveOptions<TArgs>['engine'];
  /** The option `maxKeys`. */
  readonly maxKeys: number;
  readonly #tables: KeyTables;
  #readings: KnownReadings | null = null;
  readonly #refetchByNode: boolean;
  readonly #rules: FieldRules;

  constructor(options: ReactiveOptions<TArgs>) {
    super(options);
    this.#engine = options.engine;
    this.maxKeys = options.maxKeys ?? MAX_KEYS;
    this.#tables = new KeyTables(this.wireKeys, this.maxKeys);
    const off = new Set(options.withoutReactivity);
    const { fields: everyMs } = this.throttle;
    this.#rules = off.size + everyMs.size === 0 ? NO_FIELD_RULES : { off, everyMs };
    this.#refetchByNode = options.refetchByNode ?? options.engine.onlyKnownDocuments !== true;
    this.execute = this.execute.bind(this);
    this.executeIncrementally = this.executeIncrementally.bind(this);
    this.subscribe = this.subscribe.bind(this);
  }

  /**
   * The engine's `execute`. Where the request's extensions ask for it, the response has its dependencies in
   * `extensions.reactive`; otherwise the response is the engine's, and the version store is not asked.
   */
  execute(args: TArgs & ReactiveArgs): PromiseOrValue<ExecutionResult> {
    const refused = refuseOtherUser(args);
    if (refused !== null) return refused;
    const asked = whatIsAsked(args);
    if (asked === null) return this.#engine.execute(args);
    const { liveAfter } = args;
    // A live query runs only its stale parts again: that is still a live run.
    const kind = liveAfter !== undefined ? 'live' : asked.refetch !== null ? 'refetch' : 'query';
    return told(kind, () => this.#tracked(args, asked.refetch), liveAfter);
  }

  /**
   * The engine's `executeIncrementally`. Where the request asks for it, each part of the response has in its
   * `extensions` the dependencies that the parts before it do not have.
   */
  executeIncrementally(args: TArgs & ReactiveArgs): PromiseOrValue<ExecutionResult | IncrementalResult> {
    const refused = refuseOtherUser(args);
    if (refused !== null) return refused;
    const asked = whatIsAsked(args);
    if (asked === null) return this.#engine.executeIncrementally(args);
    if (asked.refetch !== null) return this.execute(args);
    return told('incremental', () =>
      describeParts(this.#engine, args, this.versions, this.#rules, this.#describer(args)),
    );
  }

  /** The engine's schema. */
  get schema(): GraphQLSchema {
    return this.#engine.schema;
  }

  /** The engine's `subscribe`. Where the request asks for it, each event has the dependencies of its data. */
  subscribe(args: TArgs & ReactiveArgs): PromiseOrValue<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult> {
    if (whatIsAsked(args) === null) return this.#engine.subscribe(args);
    return told('subscribe', () =>
      describeEvents(this.#engine, args, this.versions, this.#rules, this.#describer(args)),
    );
  }

  /**
   * Runs a query again whenever its data has changed: the results, one after the other, without those that equal the
   * last one. Each run has a context of its own where `context` makes one. Closing the generator ends the current run.
   */
  live(args: TArgs & LiveArgs): AsyncGenerator<ExecutionResult, void, void> {
    assertQuery(args);
    const { abortSignal } = args;
    const run = trackedRun(this, args);
    const isDivisible = !asksForDependencies(args);
    return new SharedRuns(this, args).join({ run, isDivisible, wants: 'plain', abortSignal });
  }

  override close(): Promise<void> {
    this.#readings?.close();
    return super.close();
  }

  async #tracked(args: TArgs & ReactiveArgs, refetch: readonly unknown[] | null): Promise<ExecutionResult> {
    const asOf = beginOf(this.versions);
    const tracker = new Tracker(this.#rules);
    const { result, runs, objects } = await tracker.run(() =>
      refetch === null
        ? this.#whole(args, tracker)
        : refetchParts(this.#engine, args, refetch, { byNode: this.#refetchByNode, rules: this.#rules }),
    );
    const reactive = await this.#describe(runs, objects, asOf, args, tracker);
    return { ...result, extensions: { ...result.extensions, reactive } };
  }

  get #parts(): DescribeParts {
    this.#readings ??= new KnownReadings(this.versions);
    return { versions: this.versions, readings: this.#readings, tables: this.#tables, sets: this.sets };
  }

  #describer(args: TArgs & ReactiveArgs): Describe {
    return (dependencies, asOf, tracker) => this.#describe([dependencies], [], asOf, args, tracker);
  }

  async #describe(
    runs: Refetched['runs'],
    objects: Refetched['objects'],
    asOf: Begun | null,
    args: ReactiveArgs,
    tracker: Tracker,
  ): Promise<ReactiveExtension> {
    const subject = args.subject ?? '';
    const { isInline = false, held = null } = whatIsAsked(args) ?? {};
    const described = await describe(this.#parts, runs, objects, asOf, { subject, operation: operationDigest(args) });
    const written = isInline ? withMore(described, inlineOf(described)) : described;
    if (tracker.invalidated.size === 0) return written;
    const names = this.wireKeys.words('', [...tracker.invalidated]);
    return withMore(written, {
      invalidated: held === null ? ALL_KEYS : this.sets.everywhere(subject, names, held),
    });
  }

  async #whole(args: TArgs, tracker: Tracker): Promise<Refetched> {
    const result = await this.#engine.execute({ ...args, ...tracker.args });
    const { data } = result;
    return { result, runs: [tracker.dependencies((at, visit) => eachObjectIn(data, at, visit))], objects: [] };
  }
}

/** Runs a request; the channel of such requests publishes it, where it has listeners. */
function told<T>(kind: ReactiveMessage['kind'], run: () => T, after = 0): T {
  return reactiveChannel.isHeard ? reactiveChannel.trace({ kind, after }, run) : run();
}

interface Asked {
  /** The positions that are wanted; null: all of them. */
  readonly refetch: readonly unknown[] | null;
  /** Whether the groups are written out. */
  readonly isInline: boolean;
  /** The seeds of the positions whose keys the client holds; null: it does not say. */
  readonly held: readonly string[] | null;
}

/** The reactive part of a request's extensions; null: none, or none is given. */
function whatIsAsked({ extensions, subject }: ReactiveArgs): Asked | null {
  if (subject === null) return null;
  const { v, refetch, inline, held } = propertiesOf(propertiesOf(extensions).reactive);
  if (v !== 1) return null;
  const wanted = refetch === undefined || refetch === null ? null : Array.isArray(refetch) ? refetch : [refetch];
  return { refetch: wanted, isInline: inline === true, held: typeof held === 'string' ? splitSeeds(held) : null };
}

/** @throws PlanqlError `LIVE_QUERY` */
function assertQuery({ document, operationName }: EngineArgs): void {
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation === 'query') return;
  const seen = operation === undefined ? 'the document has no such operation' : `this is a ${operation}`;
  throw new PlanqlError('LIVE_QUERY', `Only a query can be live, and ${seen}.`);
}
