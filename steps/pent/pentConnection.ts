import type { PentPage, PentType } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { get } from '../../src/step/get.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { ConnectionStep } from '../connection/ConnectionStep.ts';
import { ListWindowStep } from '../kvetch/connection/ListWindowStep.ts';
import { partsOverPages } from '../kvetch/connection/listParts.ts';
import { loadEdgeObjects } from '../kvetch/loadEdges.ts';
import { loadIndexObjects } from '../kvetch/loadIndex.ts';
import type { ListName, ListSteps } from '../kvetch/paging.ts';
import { rangeStep } from '../kvetch/RangeStep.ts';
import { isChoice, type ListRef } from './chosenList.ts';
import { PentCountStep } from './PentCountStep.ts';
import { namesOf } from './PentStep.ts';
import { listParts, type PageParts, type PentListSteps, pageOf, partOf } from './reads.ts';

type Types<TPent extends Pent> = PentType<TPent> | ReadonlyArray<PentType<TPent>>;

/**
 * Represents the list that `$pent` has over an edge as a Relay connection: `nodes`, `edges { cursor node data }`,
 * `pageInfo` and `totalCount`, which fields of these names find by themselves. All of them know readable objects only.
 * It pages both ways, within bounds.
 *
 * ```ts
 * Project: { plans: { issues: ($project, { $first, $after }) => pentConnection(Issue, 'issues', $project, { $first, $after }) } }
 * ```
 */
export function pentConnection<TPent extends Pent>(
  types: Types<TPent>,
  edge: ListRef,
  $pent: Step<Pent | null>,
  page: PentListSteps = {},
): Step<object> {
  const $given = resolveStep('pentConnection', $pent);
  const $of = (): Step<string> => get($given.graph.resolve($given), 'id');
  return connectionOf(types, 'edge', edge, $given, $of, page, null, (name, part) => loadEdgeObjects(name, $of(), part));
}

/** Represents the objects that an index holds for a value, in its order, as a Relay connection like those of edges. */
export function pentIndexConnection<TPent extends Pent>(
  types: Types<TPent>,
  index: ListRef,
  $value: Step<unknown>,
  page: PentListSteps = {},
): Step<object> {
  const $given = resolveStep('pentIndexConnection', $value);
  const $of = (): Step => $given.graph.resolve($given);
  const mark = `i:${isChoice(index) ? index.names.join('+') : index}`;
  return connectionOf(types, 'index', index, $given, $of, page, mark, (name, part) =>
    loadIndexObjects(name, $of(), part),
  );
}

function connectionOf<TPent extends Pent>(
  types: Types<TPent>,
  kind: 'edge' | 'index',
  list: ListRef,
  $given: Step,
  $of: () => Step,
  page: PentListSteps,
  mark: string | null,
  load: (name: ListName, part: ListSteps) => Step<unknown>,
): Step<object> {
  const { graph } = $given;
  const { $first, $last, $before, $after } = page;
  const { name, $name, $reverse, source } = listParts(kind, list, page);
  const window = new ListWindowStep(
    { first: $first, last: $last, before: $before, after: $after, reverse: $reverse },
    { ...WINDOW, mark },
  );
  const isForward = [$last, $before, $reverse].every(($argument) => $argument === undefined);
  const $range = rangeStep(page.range);
  const now = ($step: Step): Step => graph.resolve($step);
  const $window = (): Step => graph.resolve(window);
  const parts = (): PageParts => ({
    ...($range && { $range: now($range) }),
    ...($name && { $name: now($name) }),
  });
  const $page = (): Step<PentPage | null> => {
    const { $range: $bounds, $name: $list } = parts();
    const part: ListSteps = {
      $first: access<number>($window(), 'limit'),
      $after: access<string | null>($window(), 'after'),
      ...(!isForward && {
        $before: access<string | null>($window(), 'until'),
        $reverse: access<boolean>($window(), 'reverse'),
      }),
      ...($bounds && { range: $bounds }),
    };
    const $raw = load($list ?? name, part);
    const size = { $first: access<number>($window(), 'first') };
    const more = { $range: $bounds, $name: $list, $window: isForward ? undefined : $window() };
    return pageOf(types, source, $raw, $of(), size, false, more, () => $window() as ListWindowStep);
  };
  const totalCount = (): Step => {
    const $owner = kind === 'edge' ? now($given) : $of();
    return new PentCountStep(source, namesOf(types), $owner, partOf(parts()));
  };
  const connection = partsOverPages($page, $window, mark, totalCount);
  const identity = ['pent', source, $name ?? null, $range, namesOf(types)];
  const used = { ...($range !== null && { $range }), ...($name && { $list: $name }) };
  return new ConnectionStep($given, window, identity, connection, used) as Step<object>;
}

const WINDOW = { reverse: true, defaultFirst: 100, maxFirst: 1000 };
