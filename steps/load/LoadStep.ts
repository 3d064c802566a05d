import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { LinkContext } from '../../src/step/LinkContext.ts';
import { flag, namedLoader, type ParamShapes, text } from '../../src/step/paramShapes.ts';
import type { ReadPath } from '../../src/step/reads.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { codeAt } from '../../src/utils/codeAt.ts';
import { valueKey } from '../../src/utils/valueKey.ts';
import { type AttributeNeed, attributesOf, sorted } from './attributes.ts';
import { callLoader } from './callLoader.ts';
import { type GlobalSteps, globalValue } from './globals.ts';
import { LoadCache, slotOf } from './LoadCache.ts';
import { assertLoader, type LoaderSource, loaderSource } from './LoaderSource.ts';
import type { LoaderLike, LoadPage } from './loader.ts';
import { RequestInfo } from './RequestInfo.ts';

// biome-ignore lint/suspicious/noExplicitAny: loaders of any types are called alike
type AnyLoader = LoaderLike<any, any, any>;

interface LoadParams {
  readonly loader: AnyLoader;
  readonly globals: GlobalSteps['shape'];
  readonly isPaged: boolean;
  readonly attributes: readonly string[] | null;
  /** What later loads announced. Not there when there is nothing. */
  readonly announced?: readonly unknown[];
}

const NOTHING: readonly unknown[] = [];

/** For loaders whose loads can be begun ahead: tells the loads before one that it is needed. At plan time. */
export const announcers: WeakMap<object, ($load: LoadStep<unknown>) => void> = new WeakMap();

/** What every call of a load step needs, of params that do not change any more. */
interface LinkedLoad {
  readonly source: LoaderSource;
  /** Equal for loads whose keys have the same values. */
  readonly key: string;
  /** For which what was announced is equal too. */
  readonly batchKey: string;
  readonly makeCache: () => LoadCache;
}

/** The base of `loadOne` and `loadMany`: calls a loader once for the keys of all rows that are not loaded yet. */
export abstract class LoadStep<TData> extends Step<TData> {
  static override readonly paramShapes: ParamShapes = {
    loader: namedLoader,
    globals: { type: ['null', 'string', 'array'], pattern: '^value$', items: text },
    isPaged: flag,
    attributes: { type: ['null', 'array'], items: text },
    announced: {
      type: 'array',
      items: { type: 'array', items: { type: ['string', 'integer', 'null'] } },
      optional: true,
    },
  };
  declare params: LoadParams & Record<string, unknown>;
  /** Of the instance that executes. */
  declare linked: LinkedLoad;
  /** Plan time only. Steps of an earlier stage of the plan have fixed what they load: they are no peers. */
  readonly #stage: number;
  readonly #attributes = new Set<string>();
  #isReadFreely = false;
  #announced: readonly unknown[] = NOTHING;
  #signature: string | null = null;

  constructor($key: Step, loader: AnyLoader, globals: GlobalSteps, $page: Step | null) {
    super();
    assertLoader(this.op, loader);
    this.#stage = this.graph.frozen;
    this.addDependency($key);
    for (const $global of globals.$steps) this.addGlobalDependency($global);
    if ($page !== null) this.addGlobalDependency($page);
    this.params = { loader, globals: globals.shape, isPaged: $page !== null, attributes: null };
  }

  get source(): LoaderSource {
    return loaderSource(this.params.loader);
  }

  /** The steps that `globals` was given as, for another load that differs in its page. */
  protected get globals(): GlobalSteps {
    const end = this.dependencies.length - (this.params.isPaged ? 1 : 0);
    const $steps = this.dependencies.slice(1, end).map((_, index) => this.dependency(index + 1));
    return { $steps, shape: this.params.globals };
  }

  override peerKey(): string {
    return `${this.graph.paramsKey(this.params)}${this.#stage}`;
  }

  override deduplicatedWith(peer: Step): void {
    if (!(peer instanceof LoadStep)) return;
    if (this.#isReadFreely) peer.#isReadFreely = true;
    for (const name of this.#attributes) peer.#attributes.add(name);
    for (const announcement of this.#announced) peer.announce(announcement);
  }

  /**
   * Plan time: says that a later load will ask for something as soon as it has what this one loads. The loader is told,
   * and may begin with it. JSON.
   */
  announce(announcement: unknown): void {
    if (this.id < this.graph.frozen) return;
    const text = JSON.stringify(announcement);
    if (this.#announced.some((other) => JSON.stringify(other) === text)) return;
    this.#announced = [...this.#announced, announcement];
  }

  override optimize(): Step {
    announcers.get(this.params.loader as object)?.(this as unknown as LoadStep<unknown>);
    return this as unknown as Step;
  }

  /** Notes that something is read of each value that is loaded; without a name, anything. */
  protected noteAttribute(name: ReadPath[number] | undefined): void {
    if (typeof name === 'symbol') return;
    if (this.id < this.graph.frozen) this.#assertLoaded(name);
    if (name === undefined) this.#isReadFreely = true;
    else this.#attributes.add(String(name));
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

  /** Whether any attribute is read, or may be. */
  protected get isRead(): boolean {
    return this.#isReadFreely || this.#attributes.size > 0;
  }

  override finalize(): void {
    const attributes = attributesOf(this.graph, this.#sign(), LoadStep.needOf);
    const { loader, globals, isPaged } = this.params;
    const params = { loader, globals, isPaged, attributes: attributes === null ? null : sorted(attributes) };
    this.params = this.#announced.length === 0 ? params : { ...params, announced: this.#announced };
  }

  /** Of steps that are final. */
  #sign(): string {
    if (this.#signature === null) {
      let signature = `${this.op}|${this.source.number}|${this.params.globals}|`;
      for (let index = 1; index < this.dependencies.length; index++) signature += `${this.dependency(index).id},`;
      this.#signature = signature;
    }
    return this.#signature;
  }

  /** What a load that is not written down yet needs; null for any other step. */
  static needOf(step: unknown): AttributeNeed | null {
    if (!(step instanceof LoadStep) || step.id < step.graph.frozen) return null;
    return { signature: step.#sign(), attributes: step.#isReadFreely ? null : step.#attributes };
  }

  static override fromParams(params: LoadStep<unknown>['params'], link: LinkContext): Step {
    const step = super.fromParams(params, link) as LoadStep<unknown>;
    const source = loaderSource(params.loader);
    const { name } = source;
    const key = cacheKeyOf(step.op, source.number, params);
    step.linked = {
      source,
      key,
      batchKey: params.announced === undefined ? key : `${key}${JSON.stringify(params.announced)}`,
      makeCache: () => new LoadCache(name, (entry, key) => step.checkEntry(entry, key, name)),
    };
    return step;
  }

  override batchKey(): string {
    return this.linked.batchKey;
  }

  /** Checks what was loaded for a key. */
  protected abstract checkEntry(entry: unknown, key: unknown, name: string): unknown;

  override execute(_count: number, values: readonly unknown[], extra: ExecuteExtra): StepResult<TData> {
    const { params, linked } = this;
    const keys = values[0] as readonly unknown[];
    const variant = values.length === 1 ? linked.key : `${linked.key}${valueKey(values.slice(1))}`;
    const cache = extra.shared(variant, linked.makeCache);
    const slots = keys.every(isOwnSlot) ? keys : keys.map(slotOf);
    return cache.load(keys, slots, (missing, missingSlots) =>
      callLoader(linked.source, variant, missing, missingSlots, infoOf(params, values, extra)),
    ) as StepResult<TData>;
  }
}

/** What the load function is told; globals and page are what `execute` gets behind the keys. */
function infoOf(
  { globals, isPaged, attributes, announced = NOTHING }: LoadParams,
  values: readonly unknown[],
  extra: ExecuteExtra,
): RequestInfo {
  if (globals === null && !isPaged) return new RequestInfo(undefined, attributes, null, announced, extra);
  const end = isPaged ? values.length - 1 : values.length;
  const page = isPaged ? (values[end] as LoadPage) : null;
  return new RequestInfo(globalValue(globals, values.slice(1, end)), attributes, page, announced, extra);
}

function cacheKeyOf(op: string, number: number, { globals, isPaged, attributes }: LoadParams): string {
  let key = `${op}|${number}|${globals === null ? '' : JSON.stringify(globals)}|${isPaged ? 'p' : ''}`;
  if (attributes === null) return key;
  // With their lengths: no list of names reads as another one.
  for (const name of attributes) key += `|${name.length}:${name}`;
  return `${key}|`;
}

function isOwnSlot(key: unknown): boolean {
  return typeof key === 'number' || key === null || (typeof key === 'string' && (key === '' || codeAt(key, 0) !== 0));
}
