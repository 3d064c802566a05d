import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { AskedAhead } from '../../src/utils/AskedAhead.ts';
import { isRecord } from '../../src/utils/isRecord.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import type { LoadInfo, LoadPage } from './loader.ts';
import { mapKeyOf } from './mapKeys.ts';

/** Called with values when only their ids are known, each with the request (and its key) that it answers. */
export type TargetsListener = (values: readonly unknown[], requests: readonly unknown[]) => void;

/** A call that is made ahead of its turn. */
export interface AheadCall {
  readonly onTargets: TargetsListener | null;
  /** Called with the keys that are asked for below the loader; null where they are not counted. */
  readonly asked: AskedAhead | null;
}

const ignore = (): void => {};

function targetsListener({ onIds }: ExecuteExtra): TargetsListener | undefined {
  if (onIds === undefined || onIds === null) return undefined;
  return (values, requests) => {
    const byKey = new Map(
      requests.map((request, at) => [mapKeyOf(isRecord(request) ? request.key : undefined), values[at]]),
    );
    onIds((key) => byKey.get(mapKeyOf(key)));
  };
}

/** The `info` of a load function when it loads for one request. Makes the signal only for loaders that ask for it. */
export class RequestInfo implements LoadInfo {
  readonly global: unknown;
  readonly page: LoadPage | null;
  readonly #ahead: AheadCall | null;
  readonly #extra: ExecuteExtra;
  readonly #attributes: readonly string[] | null;
  readonly #record: RecordDependencies | null;
  #ownAttributes: readonly string[] | null = null;

  constructor(
    global: unknown,
    attributes: readonly string[] | null,
    page: LoadPage | null,
    extra: ExecuteExtra,
    ahead: AheadCall | null = null,
    record: RecordDependencies | null = null,
  ) {
    this.global = global;
    this.#attributes = attributes;
    this.page = page;
    this.#ahead = ahead;
    this.#extra = extra;
    this.#record = record;
  }

  get onTargets(): TargetsListener | undefined {
    return this.#ahead === null ? targetsListener(this.#extra) : (this.#ahead.onTargets ?? undefined);
  }

  get trace(): LoadInfo['trace'] {
    return this.#extra.trace;
  }

  /** A list of its own: loaders add to it, and the plan's must stay (rule R25). */
  get attributes(): readonly string[] | null {
    this.#ownAttributes ??= this.#attributes?.slice() ?? null;
    return this.#ownAttributes;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the context has the application's type
  get context(): any {
    return this.#extra.context;
  }

  get signal(): AbortSignal {
    return this.#extra.signal;
  }

  onAbort(listener: (reason: unknown) => void): () => void {
    return this.#extra.onAbort(listener);
  }

  get isOver(): boolean {
    return this.#extra.isOver;
  }

  shared<T>(key: unknown, create: () => T): T {
    return this.#extra.shared(key, create);
  }

  get recordsDependencies(): boolean {
    return this.#extra.recordsDependencies;
  }

  get asked(): AskedAhead | null {
    return this.#ahead?.asked ?? null;
  }

  /** Whether it is not known yet that the load is needed. */
  get isAhead(): boolean {
    return this.#ahead !== null;
  }

  get recordDependency(): LoadInfo['recordDependency'] {
    const record = this.recordDependencies;
    return (dependency, key) => record('', [dependency], key === undefined ? null : [key]);
  }

  get recordDependencies(): RecordDependencies {
    return this.#record ?? ignore;
  }
}
