import type { PentPage, PentType } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { countReadable } from '../../src/pent/reads/countReadable.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { get } from '../../src/step/get.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { ConnectionStep } from '../connection/ConnectionStep.ts';
import { ListWindowStep } from '../kvetch/connection/ListWindowStep.ts';
import { partsOverPages } from '../kvetch/connection/listParts.ts';
import { loadEdgeObjects } from '../kvetch/loadEdges.ts';
import type { PageSteps } from '../kvetch/paging.ts';
import { contextOf } from './contextOf.ts';
import { namesOf, type TypeNames, typeNames } from './PentStep.ts';
import { pageOf } from './reads.ts';

/** Represents the number of objects of lists that the viewer may read. */
export class PentCountStep extends Step<number> {
  static override readonly op = 'pent.count';
  declare params: { readonly edge: string | number; readonly types: TypeNames } & Record<string, unknown>;
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
    const { edge } = this.params;
    const counted = countReadable(contextOf(extra), edge, pents, extra);
    return counted;
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
  { $first, $after }: PageSteps = {},
): Step<object> {
  const $given = resolveStep('pentConnection', $pent);
  const { graph } = $given;
  const window = new ListWindowStep({ first: $first, after: $after }, WINDOW);
  // Whether a page is followed by something readable Pent finds out as it fills it.
  window.want('hasNextPage');
  const $window = (): Step => graph.resolve(window);
  const $page = (): Step<PentPage | null> => {
    const $owner = graph.resolve($given);
    const $of = get($owner, 'id');
    const page = { $first: access<number>($window(), 'limit'), $after: access<string | null>($window(), 'after') };
    const $raw = loadEdgeObjects(edge, $of, page);
    const source = { kind: 'edge', name: edge } as const;
    return pageOf(types, source, $raw, $of, { $first: access<number>($window(), 'first') }, true);
  };
  const totalCount = (): Step => new PentCountStep(graph.resolve($given), edge, namesOf(types));
  const parts = partsOverPages($page, $window, null, totalCount);
  const identity = ['pent', edge, namesOf(types)];
  return new ConnectionStep($given, window, identity, parts) as Step<object>;
}

const WINDOW = { mark: null, reverse: false, defaultFirst: 100, maxFirst: 1000 };
