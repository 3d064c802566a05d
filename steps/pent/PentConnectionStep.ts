import type { PentEntry, PentPage, PentType } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { countReadable } from '../../src/pent/reads/countReadable.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { type Entry, Step, type StepResult } from '../../src/step/Step.ts';
import { fn } from '../fn.ts';
import type { PageSteps } from '../kvetch/paging.ts';
import { lambda } from '../values/lambda.ts';
import { contextOf } from './contextOf.ts';
import { namesOf, type TypeNames, typeNames } from './PentStep.ts';
import { pentEdgePage } from './reads.ts';

const PRESENT: object = Object.freeze({});

/**
 * Represents a Relay connection over an edge. Its parts are steps of their own, made when they are asked for: a query
 * that selects `totalCount` alone loads no page. Yields an object that stands for it.
 */
export class PentConnectionStep extends Step<object> {
  static override readonly op = 'pent.connection';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;
  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    super();
    this.#parts = parts;
    this.addDependency(parts.$pent);
  }

  override noteRead(): void {}

  get(name: string): Step {
    const { types, edge, $pent, page } = this.#parts;
    const $page = (): Step<PentPage | null> => pentEdgePage(types, edge, $pent as Step<Pent | null>, page, true);
    switch (name) {
      case 'nodes':
        return access($page() as Step, 'objects') as Step;
      case 'edges':
        return lambda($page(), toEdges) as Step;
      case 'pageInfo':
        return lambda([$page(), page.$after ?? constant(null)], toPageInfo) as Step;
      case 'totalCount':
        return new PentCountStep($pent, edge, namesOf(types)) as Step;
      default:
        return access(this as Step, name) as Step;
    }
  }

  override execute(count: number): readonly object[] {
    return new Array<object>(count).fill(PRESENT);
  }
}

interface ConnectionParts {
  readonly types: PentType<Pent> | ReadonlyArray<PentType<Pent>>;
  readonly edge: string | number;
  readonly $pent: Step;
  readonly page: PageSteps;
}

const toEdges = fn('pent.edges', (page: PentPage | null) => {
  return (page?.objects ?? []).map((node, at) =>
    node instanceof Error ? node : { node, ...(page?.entries[at] as PentEntry) },
  );
});

const toPageInfo = fn('pent.pageInfo', ([page, after]: readonly [PentPage | null, unknown]) => ({
  hasNextPage: page?.hasNextPage ?? false,
  hasPreviousPage: after !== null && after !== undefined,
  startCursor: page?.entries[0]?.cursor ?? null,
  endCursor: page?.endCursor ?? null,
}));

/** Represents how many objects of lists the viewer may read. */
export class PentCountStep extends Step<number> {
  static override readonly op = 'pent.count';
  static override readonly paramShapes: ParamShapes = { edge: { type: ['string', 'integer'] }, types: typeNames };

  constructor($pent: Step, edge: string | number, types: TypeNames) {
    super();
    this.addDependency($pent);
    this.params = { edge, types };
  }

  override execute(
    _count: number,
    [pents]: readonly [ReadonlyArray<Pent | null>],
    extra: ExecuteExtra,
  ): StepResult<number> {
    const { edge } = this.params as { edge: string | number };
    const counted = countReadable(contextOf(extra), edge, pents);
    return counted as Promise<ReadonlyArray<Entry<number>>>;
  }
}

/**
 * Represents the list that `$pent` has over an edge as a Relay connection: `nodes`, `edges { cursor node data }`,
 * `pageInfo` and `totalCount`, which fields of these names find by themselves. All of them know readable objects only.
 *
 * ```ts
 * Project: { plans: { issues: ($project, { $first, $after }) => pentConnection(Issue, 'issues', $project, { $first, $after }) } }
 * ```
 */
export function pentConnection<TPent extends Pent>(
  types: PentType<TPent> | ReadonlyArray<PentType<TPent>>,
  edge: string | number,
  $pent: Step<Pent | null>,
  page: PageSteps = {},
): Step<object> {
  return new PentConnectionStep({ types, edge, $pent: $pent, page }) as Step<object>;
}
