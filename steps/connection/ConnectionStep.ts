import { access } from '../../src/step/builtin/AccessStep.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { BOUNDARY, type ReadPath } from '../../src/step/reads.ts';
import { Step } from '../../src/step/Step.ts';
import type { WindowStep } from './WindowStep.ts';

export type ConnectionData<TNode = unknown> = {
  readonly nodes: readonly TNode[];
  readonly edges: ReadonlyArray<{ readonly node: TNode; readonly cursor: string }>;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
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

const PRESENT: object = Object.freeze({});

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

  constructor($of: Step, $window: Step, identity: readonly unknown[], parts: ConnectionParts) {
    super();
    this.#parts = parts;
    this.#identity = identity;
    this.addDependency($of);
    this.addGlobalDependency($window);
    this.dependency(0).noteRead([BOUNDARY]);
  }

  protected override get forwardsReads(): boolean {
    return true;
  }

  /** The parts are read as steps. Branches of an interface read them once the window is written down. */
  override noteRead([name]: ReadPath): void {
    const $window = this.dependency(1) as Step & Pick<WindowStep, 'want'>;
    if (name === undefined) for (const answer of ['hasNextPage', 'hasPreviousPage'] as const) $window.want(answer);
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
