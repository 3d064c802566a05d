import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { ownCopy } from '../../src/utils/ownCopy.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import type { LoadInfo, LoadPage } from './loader.ts';
import { type MapKey, mapKeyOf } from './mapKeys.ts';
import type { RequestInfo } from './RequestInfo.ts';
import type { LoadShare } from './shares.ts';

/** The `info` of a load function when it loads for several requests. All but their contexts and ends is equal. */
export class SharedInfo implements LoadInfo {
  readonly #name: string;
  readonly #shares: readonly LoadShare[];
  readonly #infos: readonly RequestInfo[];
  readonly #sharesContext: boolean;
  #byKey: ReadonlyMap<MapKey, readonly RequestInfo[]> | null = null;
  #signal: AbortSignal | null = null;
  #global: unknown = null;
  #attributes: readonly string[] | null = null;
  #page: LoadPage | null = null;

  constructor(name: string, shares: readonly LoadShare[], sharesContext: boolean) {
    this.#name = name;
    this.#shares = shares;
    this.#infos = shares.map(({ part }) => part.info);
    this.#sharesContext = sharesContext;
  }

  get #first(): RequestInfo {
    return itemAt(this.#infos, 0);
  }

  /** Copies: the requests must not see the writes of this call. */
  get global(): unknown {
    this.#global ??= ownCopy(this.#first.global);
    return this.#global;
  }

  get attributes(): readonly string[] | null {
    this.#attributes ??= ownCopy(this.#first.attributes);
    return this.#attributes;
  }

  get page(): LoadPage | null {
    this.#page ??= ownCopy(this.#first.page);
    return this.#page;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the context has the application's type
  get context(): any {
    if (this.#sharesContext) return this.#first.context;
    throw new PlanqlError(
      'CONTEXT_NOT_SHARED',
      `Loader "${this.#name}" shares calls between requests, but reads "context". Give it batch.contextKey, a function that returns equal keys for requests that may share its calls.`,
    );
  }

  /** Aborted when all of the requests are: the end of one is no concern of the others. */
  get signal(): AbortSignal {
    this.#signal ??= signalOfAll(this.#infos.map(({ signal }) => signal));
    return this.#signal;
  }

  /** Goes to the requests with the key: to all where no key is given, or none that was asked for. */
  get recordDependency(): LoadInfo['recordDependency'] {
    return (dependency, key) => this.recordDependencies('', [dependency], key === undefined ? null : [key]);
  }

  get recordsDependencies(): boolean {
    return this.#infos.some(({ recordsDependencies }) => recordsDependencies);
  }

  get recordDependencies(): RecordDependencies {
    return (prefix, names, keys) => {
      if (keys === null) return this.#recordFor(this.#infos, prefix, names, null);
      for (const [at, name] of names.entries()) {
        const key = keys[at];
        const askers = key === undefined ? undefined : this.#askers.get(mapKeyOf(key));
        this.#recordFor(askers ?? this.#infos, prefix, [name], key === undefined ? null : [key]);
      }
    };
  }

  #recordFor(infos: readonly RequestInfo[], ...record: Parameters<RecordDependencies>): void {
    for (const { recordDependencies } of infos) recordDependencies(...record);
  }

  /** By key, the requests that asked for it. */
  get #askers(): ReadonlyMap<MapKey, readonly RequestInfo[]> {
    if (this.#byKey !== null) return this.#byKey;
    const byKey = new Map<MapKey, RequestInfo[]>();
    for (const { part, from, to } of this.#shares) {
      for (const mapKey of part.mapKeys.slice(from, to)) getOrCreate(byKey, mapKey, () => []).push(part.info);
    }
    this.#byKey = byKey;
    return byKey;
  }

  /** Works without its object too, as that of one request does. */
  readonly trace = (name: string, value: number | string): void => {
    for (const { trace } of this.#infos) trace(name, value);
  };
}

function signalOfAll(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  let left = new Set(signals).size;
  for (const signal of new Set(signals)) {
    const onAbort = (): void => {
      if (--left === 0) controller.abort(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  }
  return controller.signal;
}
