import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { LoadInfo, LoadPage } from './loader.ts';
import type { RequestInfo } from './RequestInfo.ts';

/** What a load function is told when it loads for several requests. All but their contexts and ends is equal. */
export class SharedInfo implements LoadInfo {
  readonly #name: string;
  readonly #infos: readonly RequestInfo[];
  readonly #sharesContext: boolean;
  #signal: AbortSignal | null = null;

  constructor(name: string, infos: readonly RequestInfo[], sharesContext: boolean) {
    this.#name = name;
    this.#infos = infos;
    this.#sharesContext = sharesContext;
  }

  get #first(): RequestInfo {
    return this.#infos[0] as RequestInfo;
  }

  get global(): unknown {
    return this.#first.global;
  }

  get attributes(): readonly string[] | null {
    return this.#first.attributes;
  }

  get page(): LoadPage | null {
    return this.#first.page;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the context has the application's type
  get context(): any {
    if (this.#sharesContext) return this.#first.context;
    throw new PlanqlError(
      'CONTEXT_NOT_SHARED',
      `Loader "${this.#name}" shares calls between requests, but reads "context". Give it batch.sharedContext, which says by a key whose contexts are alike to it.`,
    );
  }

  /** Aborted when all of the requests are: the end of one is no concern of the others. */
  get signal(): AbortSignal {
    this.#signal ??= signalOfAll(this.#infos.map(({ signal }) => signal));
    return this.#signal;
  }

  get recordDependency(): (key: string) => void {
    return (key) => {
      for (const { recordDependency } of this.#infos) recordDependency(key);
    };
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
