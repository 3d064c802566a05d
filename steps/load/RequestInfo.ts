import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { LoadInfo, LoadPage } from './loader.ts';

/** What a load function is told when it loads for one request. Makes the signal only for loaders that ask for it. */
export class RequestInfo implements LoadInfo {
  readonly global: unknown;
  readonly attributes: readonly string[] | null;
  readonly page: LoadPage | null;
  /** What later loads announced, see `announcements`. */
  readonly announced: readonly unknown[];
  readonly trace: LoadInfo['trace'];
  readonly #extra: ExecuteExtra;

  constructor(
    global: unknown,
    attributes: readonly string[] | null,
    page: LoadPage | null,
    announced: readonly unknown[],
    extra: ExecuteExtra,
  ) {
    this.global = global;
    this.attributes = attributes;
    this.page = page;
    this.announced = announced;
    this.trace = extra.trace;
    this.#extra = extra;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the context has the application's type
  get context(): any {
    return this.#extra.context;
  }

  get signal(): AbortSignal {
    return this.#extra.signal;
  }

  /** Whether the request is over: what waits for its turn need not begin. */
  get isOver(): boolean {
    return this.#extra.isOver;
  }

  /** A value that lives as long as the request. */
  shared<T>(key: unknown, create: () => T): T {
    return this.#extra.shared(key, create);
  }

  /** Whether anybody hears of dependencies. */
  get recordsDependencies(): boolean {
    return this.#extra.recordsDependencies;
  }

  get recordDependency(): LoadInfo['recordDependency'] {
    return (dependency) => this.#extra.recordDependency(dependency);
  }
}
