import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { AheadStart, StartedAhead, StartsAhead } from '../../src/step/ahead/StartsAhead.ts';
import type { PathKey } from '../../src/step/builtin/AccessStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { observeAhead, observeOwnLoad } from '../../src/step/observeLoad.ts';
import type { PlainLoad } from '../../src/step/PlainLoad.ts';
import { flag, namedLoader, type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { BOUNDARY, ITEM, PRESENCE, type ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import { type MaxRows, remake, Step, type StepResult } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { isSignal } from '../../src/step/signals.ts';
import { AskedAhead } from '../../src/utils/AskedAhead.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import { valueKey } from '../../src/utils/valueKey.ts';
import { AheadCache, type StartedKey } from './AheadCache.ts';
import { aheadTraits } from './aheadTraits.ts';
import { type AttributeNeed, attributesOf, sorted } from './attributes.ts';
import { callLoader } from './callLoader.ts';
import { type GlobalSteps, globalValue } from './globals.ts';
import { areDistinct, type EntryCheck, LoadCache, type LoadCall, rise } from './LoadCache.ts';
import { type CallRecords, LoadDependencies } from './LoadDependencies.ts';
import { assertLoader, type LoaderSource, loaderSource } from './LoaderSource.ts';
import type { LoaderLike, LoadPage } from './loader.ts';
import { allMapKeys, firstMapKeys, isOwnMapKey, mapKeyOf, mapKeysOf } from './mapKeys.ts';
import { type AheadCall, RequestInfo } from './RequestInfo.ts';

// biome-ignore lint/suspicious/noExplicitAny: loaders of any types are called alike
type AnyLoader = LoaderLike<any, any, any>;

interface LoadParams {
  readonly loader: AnyLoader;
  readonly globals: GlobalSteps['shape'];
  readonly isPaged: boolean;
  readonly attributes: readonly string[] | null;
  /** False: it starts in its turn. Not there where it may start before. */
  readonly ahead?: false;
}

/** The loads of one request by a loader with equal globals and attributes, and those that it started ahead. */
interface RequestLoads {
  readonly cache: LoadCache;
  ahead: AheadCache | null;
  /** Null as long as dependencies are not recorded. */
  dependencies: LoadDependencies | null;
}

/** The needs of every call of a load step, from params that do not change any more. */
interface LinkedLoad {
  readonly source: LoaderSource;
  /** Equal for loads whose keys have the same values. */
  readonly key: string;
  readonly makeAhead: () => AheadCache;
  readonly makeLoads: () => RequestLoads;
}

/** The base of `loadOne` and `loadMany`: calls a loader once for the keys of all rows that are not loaded yet. */
export abstract class LoadStep<TData> extends Step<TData> implements StartsAhead, PlainLoad {
  static override readonly paramShapes: ParamShapes = {
    loader: namedLoader,
    globals: { type: ['null', 'string', 'array'], pattern: '^value$', items: text },
    isPaged: flag,
    attributes: { type: ['null', 'array'], items: text },
    ahead: { const: false, optional: true },
  };
  declare params: LoadParams & Record<string, unknown>;
  /** Of the instance that executes. */
  declare linked: LinkedLoad;
  /** Plan time only. */
  readonly #attributes = new Set<string>();
  #isReadFreely = false;
  #signature: string | null = null;

  constructor($key: Step, loader: AnyLoader, globals: GlobalSteps, $page: Step | null, ahead = true) {
    super();
    assertLoader(this.op, loader);
    // Before a dependency is refused: the graph has this step by then.
    const params = { loader, globals: globals.shape, isPaged: $page !== null, attributes: null };
    this.params = ahead ? params : { ...params, ahead: false };
    this.addDependency($key);
    for (const $global of globals.$steps) this.addGlobalDependency($global);
    if ($page !== null) this.addGlobalDependency($page);
  }

  get source(): LoaderSource {
    return loaderSource(this.params.loader);
  }

  /** The steps that `globals` was given as, for another load that differs in its page. */
  protected get globals(): GlobalSteps {
    // Steps that wait for an effect have that as a dependency, too.
    const $steps = this.dependencies.flatMap(({ kind }, index) => (kind === 'global' ? [this.dependency(index)] : []));
    if (this.params.isPaged) $steps.pop();
    return { $steps, shape: this.params.globals };
  }

  /** The number that the global of this name yields; null where there is none. */
  protected globalNamed(name: string): MaxRows {
    const { $steps, shape } = this.globals;
    const $global = $steps[shape === 'value' ? 0 : (shape?.indexOf(name) ?? -1)];
    return $global === undefined ? null : valueAt($global);
  }

  override get load(): StepLoad {
    return { keys: 1, maxKeys: this.source.maxKeys };
  }

  override deduplicatedWith(peer: Step): void {
    if (!(peer instanceof LoadStep)) return;
    if (this.#isReadFreely) peer.#isReadFreely = true;
    for (const name of this.#attributes) peer.#attributes.add(name);
  }

  /** Notes that something is read of each value that is loaded; without a name, anything. */
  protected noteAttribute(name: ReadPath[number] | undefined): void {
    if (name === PRESENCE || name === BOUNDARY) return;
    // A list in the place of an object has no attributes to select.
    const attribute = name === ITEM ? undefined : (name as string | number | undefined);
    if (this.graph.isWritten(this)) this.#assertLoaded(attribute);
    if (attribute === undefined) this.#isReadFreely = true;
    else this.#attributes.add(String(attribute));
  }

  #assertLoaded(name: string | number | undefined): void {
    const { attributes } = this.params;
    if (attributes === null || (name !== undefined && attributes.includes(String(name)))) return;
    const what = name === undefined ? 'all attributes' : `attribute "${name}"`;
    throw new PlanqlError(
      'ATTRIBUTES_FIXED',
      `The plan of "${this.graph.coordinate}" reads ${what} of an object that "${this.source.name}" loaded for the type's position. Load it again here, or read it in the plan of the field that gave it.`,
    );
  }

  protected get isRead(): boolean {
    return this.#isReadFreely || this.#attributes.size > 0;
  }

  override finalize(): void {
    const attributes = attributesOf(this.graph, this.#sign(), LoadStep.needOf);
    this.params = { ...this.params, attributes: attributes === null ? null : sorted(attributes) };
  }

  /** Of steps that are final. */
  #sign(): string {
    if (this.#signature === null) {
      let signature = `${this.op}|${this.source.number}|${this.params.globals}|`;
      for (let index = 1; index < this.dependencies.length; index++)
        signature += `${this.dependency(index).stepNumber},`;
      this.#signature = signature;
    }
    return this.#signature;
  }

  /** The needs of a load that is not written down yet; null for any other step. */
  static needOf(step: unknown): AttributeNeed | null {
    if (!(step instanceof LoadStep) || step.graph.isWritten(step)) return null;
    return { signature: step.#sign(), attributes: step.#isReadFreely ? null : step.#attributes };
  }

  static override fromParams(params: LoadStep<unknown>['params']): Step {
    const step = remake<LoadStep<unknown>>(this, params);
    const source = loaderSource(params.loader);
    const { name } = source;
    const key = cacheKeyOf(step.op, source.number, params);
    const check: EntryCheck = (entry, key) => step.checkEntry(entry, key, name);
    step.linked = {
      source,
      key,
      makeAhead: () => new AheadCache(name, check, step.idsOf, step.givesData),
      makeLoads: () => ({ cache: new LoadCache(name, check), ahead: null, dependencies: null }),
    };
    return step;
  }

  override batchKey(): string {
    return this.linked.key;
  }

  /** Checks the entry of a key. */
  protected abstract checkEntry(entry: unknown, key: unknown, name: string): unknown;

  override execute(_count: number, values: readonly unknown[], extra: ExecuteExtra): StepResult<TData> {
    const { params, linked } = this;
    const keys = keysOf(values);
    const variant = variantOf(linked, values);
    const loads = extra.shared(variant, linked.makeLoads);
    const { cache, ahead } = loads;
    if (extra.recordsDependencies) loads.dependencies ??= new LoadDependencies();
    const { dependencies } = loads;
    const call: LoadCall = (missing, mapKeys) => {
      const record = dependencies === null ? null : dependencies.begin(mapKeys).record;
      return callLoader(linked.source, variant, missing, mapKeys, infoOf(params, values, extra, null, record));
    };
    const isPlain = ahead === null && dependencies === null;
    const entries = isPlain
      ? cache.load(keys, cache.isEmpty ? firstMapKeys(keys) : mapKeysOf(keys), call)
      : loadNoted(loads, keys, extra, call);
    return entries as StepResult<TData>;
  }

  override get plainLoad(): PlainLoad | null {
    return this.params.isPaged ? null : this;
  }

  get yieldsLists(): boolean {
    return false;
  }

  areDistinct(values: readonly unknown[]): boolean {
    const keys = keysOf(values);
    return rise(keys, undefined) || (keys.every(isOwnMapKey) && areDistinct(keys));
  }

  highestAbove(values: readonly unknown[], after: unknown): unknown {
    const keys = keysOf(values);
    return rise(keys, after) ? keys[keys.length - 1] : undefined;
  }

  ask(values: readonly unknown[], extra: ExecuteExtra): unknown {
    const { source } = this.linked;
    const keys = keysOf(values);
    const info = infoOf(this.params, values, extra, null);
    if (source.batch === null) return observeOwnLoad(source, keys.slice(), info); // loaders cut up their lists
    return callLoader(source, variantOf(this.linked, values), keys, mapKeysOf(keys), info);
  }

  answered(values: readonly unknown[], answer: () => unknown, extra: ExecuteExtra): unknown {
    const keys = keysOf(values);
    const { cache } = extra.shared(variantOf(this.linked, values), this.linked.makeLoads);
    return cache.load(keys, mapKeysOf(keys), answer);
  }

  override get startsAhead(): StartsAhead | null {
    return this.params.ahead === false || !this.source.ahead ? null : this;
  }

  keyPath(_attribute: PathKey): readonly PathKey[] | null {
    return null;
  }

  get idsOf(): string | null {
    return aheadTraits.get(this.params.loader)?.idsOf ?? null;
  }

  get givesData(): boolean {
    return aheadTraits.get(this.params.loader)?.givesData === true;
  }

  answersAtOnce(context: unknown): boolean {
    return aheadTraits.get(this.params.loader)?.answersAtOnce(context) === true;
  }

  start({ keys, globals, extra, owner, limit, onIds, readEarly }: AheadStart): StartedAhead {
    const { params, linked } = this;
    const values = [keys, ...globals];
    const variant = variantOf(linked, values);
    const loads = extra.shared(variant, linked.makeLoads);
    const { cache } = loads;
    loads.ahead ??= linked.makeAhead();
    const { ahead } = loads;
    // The trace of the step that started it, whichever step needs it.
    const wasUsed = (used: number): void => {
      extra.trace('thrown away', -used);
      observeAhead(linked.source.name, 0, used);
    };
    const asked = aheadTraits.has(params.loader) ? new AskedAhead() : null;
    if (extra.recordsDependencies) loads.dependencies ??= new LoadDependencies();
    const { dependencies } = loads;
    const by: StartedKey = { owner, wasUsed, asked, records: null };
    const { batch } = linked.source;
    const load: LoadCall = (missing) => {
      // Loaders cut up their lists.
      by.records = dependencies?.begin(firstMapKeys(missing.slice())) ?? null;
      const info = infoOf(params, values, extra, { onTargets: onIds, asked }, by.records?.record ?? null);
      return callLoader(linked.source, variant, missing, batch === null ? missing : missing.map(mapKeyOf), info);
    };
    const { attributes } = params;
    // What the plan does not read may be without end: of that, lists are read that cannot be closed, as those of arrays.
    const isRead = (attribute: string | null): boolean =>
      attribute === null || attributes?.includes(attribute) === true;
    const { count, entries } = ahead.start(keys, limit, cache, by, load, (list, attribute) =>
      isRead(attribute) || !('return' in list) ? readEarly(list) : [],
    );
    if (count > 0) {
      extra.trace('started ahead', count);
      extra.trace('thrown away', count);
      observeAhead(linked.source.name, count, 0);
    }
    const found = (all: readonly unknown[]): readonly unknown[] => all.filter((entry) => !isSignal(entry));
    const isLater = isPromiseLike(entries);
    return { count, isAtOnce: !isLater, values: isLater ? entries.then(found) : found(entries) };
  }
}

/** Loads where keys were started ahead, or dependencies are recorded. */
function loadNoted(
  { cache, ahead, dependencies }: RequestLoads,
  keys: readonly unknown[],
  extra: ExecuteExtra,
  call: LoadCall,
): unknown {
  const load = (): MaybePromise<readonly unknown[]> => {
    const mapKeys = mapKeysOf(keys);
    const entries = cache.load(keys, mapKeys, ahead === null ? call : takeStarted(ahead, call));
    if (dependencies === null) return entries;
    return dependencies.tellWith(entries, mapKeys, extra, ahead === null);
  };
  if (ahead === null) return load();
  // Mostly all of it was started ahead, or nothing.
  const tell =
    dependencies === null ? null : (records: CallRecords | null) => dependencies.tellAhead(records, keys, extra);
  return ahead.takeAll(keys, load, tell);
}

/** Some keys may have been started ahead: their answers are used. */
function takeStarted(ahead: AheadCache, call: LoadCall): LoadCall {
  return (keys, mapKeys) => {
    ahead.use(keys);
    return ahead.take(keys, allMapKeys(mapKeys), call);
  };
}

/** The keys in the values of `execute`: all others are global values. */
function keysOf([keys]: readonly unknown[]): readonly unknown[] {
  return keys as readonly unknown[];
}

/** Loads with equal variants have equal values for equal keys. */
function variantOf({ key }: LinkedLoad, values: readonly unknown[]): string {
  return values.length === 1 ? key : `${key}${valueKey(values.slice(1))}`;
}

/** The `info` of a load function; globals and page are the values of `execute` after the keys. */
function infoOf(
  { globals, isPaged, attributes }: LoadParams,
  values: readonly unknown[],
  extra: ExecuteExtra,
  ahead: AheadCall | null,
  record: RecordDependencies | null = null,
): RequestInfo {
  if (globals === null && !isPaged) return new RequestInfo(undefined, attributes, null, extra, ahead, record);
  const end = isPaged ? values.length - 1 : values.length;
  const page = isPaged ? { ...(values[end] as LoadPage) } : null;
  return new RequestInfo(globalValue(globals, values.slice(1, end)), attributes, page, extra, ahead, record);
}

function cacheKeyOf(op: string, number: number, { globals, isPaged, attributes }: LoadParams): string {
  let key = `${op}|${number}|${globals === null ? '' : JSON.stringify(globals)}|${isPaged ? 'p' : ''}`;
  if (attributes === null) return key;
  // With their lengths: no list of names reads as another one.
  for (const name of attributes) key += `|${name.length}:${name}`;
  return `${key}|`;
}
