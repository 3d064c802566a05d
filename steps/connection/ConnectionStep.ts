import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { PLACE, type ReadPath } from '../../src/step/reads.ts';
import { Step } from '../../src/step/Step.ts';
import type { WindowStep } from './WindowStep.ts';

/** An entry of a connection: what its fields read. */
export type ConnectionData<TNode = unknown> = {
  /** The items of the page, in order. */
  readonly nodes: readonly TNode[];
  /** The items with their cursors. */
  readonly edges: ReadonlyArray<{ readonly node: TNode; readonly cursor: string }>;
  /** Relay's `PageInfo`; the cursors are null for an empty page. */
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** The length of the whole list; null where it is not selected, or the loader does not count. */
  readonly totalCount: number | null;
};

/** The parts of a connection, each made when it is asked for: unselected parts are not planned. */
export interface ConnectionParts {
  nodes(): Step;
  edges(): Step;
  pageInfo(): Step;
  totalCount(): Step;
}

const PARTS: ReadonlySet<string> = new Set<keyof ConnectionParts>(['nodes', 'edges', 'pageInfo', 'totalCount']);

/** Stands for a connection that is there. Its parts are steps: read as properties they would be nothing, unnoticed. */
const PRESENT: object = Object.freeze(
  Object.create(
    Object.prototype,
    Object.fromEntries([...PARTS].map((name) => [name, { get: () => refuse(name), enumerable: false }])),
  ),
);

function refuse(name: string): never {
  throw new PlanqlError(
    'CONNECTION_AS_VALUE',
    `"${name}" was read of the value of a connection, and its parts are steps. Return the connection itself, or the list that each() plans of connections; other steps can take in get($connection, "${name}").`,
  );
}

/**
 * Represents a Relay connection: its parts are steps of their own. Yields an empty object that stands for it, null where
 * there is no list; nothing is loaded for that.
 */
export class ConnectionStep<TData = ConnectionData> extends Step<TData | null> {
  static override readonly op = 'connection';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;
  /** Plan time only. */
  readonly #parts: ConnectionParts;
  /** Plan time only: equal for connections whose parts are equal. Steps in it stand for those that they were merged into. */
  readonly #identity: readonly unknown[];
  /** Plan time only. */
  readonly #hasCallback: boolean;

  /**
   * `hasCallback`: its parts are planned with a callback, which may use any step of the place where it was written.
   * `$range`, `$list`: its parts use them, too.
   */
  constructor(
    $of: Step,
    $window: Step,
    identity: readonly unknown[],
    parts: ConnectionParts,
    {
      hasCallback = false,
      $range,
      $list,
    }: { readonly hasCallback?: boolean; readonly $range?: Step; readonly $list?: Step } = {},
  ) {
    super();
    this.#parts = parts;
    this.#identity = identity;
    this.#hasCallback = hasCallback;
    this.addDependency($of, PLACE);
    this.addGlobalDependency($window);
    for (const $used of [$range, $list]) if ($used !== undefined) this.addDependency($used, PLACE);
  }

  /** The parts are read as steps. Branches of an interface read them once the window is written down. */
  override noteRead([name]: ReadPath): void {
    const $window = this.dependency(1) as Step & Pick<WindowStep, 'want'>;
    if (name === undefined) for (const answer of ['hasNextPage', 'hasPreviousPage'] as const) $window.want(answer);
  }

  override get isPinned(): boolean {
    return this.#hasCallback;
  }

  override get hasPlannedParts(): boolean {
    return true;
  }

  override peerKey(): string {
    return JSON.stringify(this.#identity, (_name, value) =>
      value instanceof Step ? `$${this.graph.resolve(value).stepNumber}` : value,
    );
  }

  get(name: string): Step {
    return PARTS.has(name) ? this.#parts[name as keyof ConnectionParts]() : access(this, name);
  }

  override execute(count: number, [owners]: readonly [readonly unknown[]]): ReadonlyArray<never> {
    const results = new Array<unknown>(count);
    for (let row = 0; row < count; row++) {
      results[row] = owners[row] === null || owners[row] === undefined ? null : PRESENT;
    }
    return results as never[];
  }
}
