import type { PentPage, PentType } from '../../src/pent/contract.ts';
import { MAX_COUNTED, tooLong } from '../../src/pent/reads/Tally.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { ConnectionStep } from '../connection/ConnectionStep.ts';
import { fn } from '../fn.ts';
import { type ListWindow, ListWindowStep } from '../kvetch/connection/ListWindowStep.ts';
import { partsOverPages } from '../kvetch/connection/listParts.ts';
import { lambda } from '../values/lambda.ts';
import { type FindPage, PentMethodPageStep } from './PentMethodPageStep.ts';
import { namesOf } from './PentStep.ts';

// biome-ignore lint/suspicious/noExplicitAny: arguments of a plan resolver are of any kind
type FieldArgs = any;

/** A list is read, to be counted. */
const WHOLE: ListWindow = {
  ...{ first: MAX_COUNTED, limit: MAX_COUNTED + 1, after: null, until: null },
  ...{ reverse: false, isLast: false, wantsNext: true },
};

const countOf = fn('pent.countOfPage', (page: PentPage | null) => {
  if (page?.hasNextPage === true) throw tooLong();
  return page?.objects.length ?? 0;
});

/**
 * Represents a list that a hand-written method finds as a Relay connection. The method gives pages of references; the plan
 * reads their objects, leaves out those that the viewer may not read, and asks for more.
 */
export function methodConnection(
  f: FindPage,
  place: string,
  types: PentType | readonly PentType[],
  $of: Step,
  fieldArgs: FieldArgs,
): ConnectionStep {
  const { graph } = $of;
  const $args: Step = fieldArgs.all();
  const mark = `m:${place}`;
  const $arguments = { first: fieldArgs.$first, after: fieldArgs.$after };
  const window = new ListWindowStep($arguments, { mark, reverse: false, defaultFirst: 100, maxFirst: 1_000 });
  // Whether a page is followed by something readable is found out as it is filled.
  window.want('hasNextPage');
  const now = ($step: Step): Step => graph.resolve($step);
  const page = ($window: Step): Step<PentPage | null> =>
    new PentMethodPageStep(now($of), now($args), $window, f, place, namesOf(types));
  const parts = partsOverPages(
    () => page(now(window)),
    () => now(window),
    mark,
    () => lambda(page(constant(WHOLE)), countOf),
  );
  return new ConnectionStep($of, window, ['pent.method', place], parts, { $list: $args });
}
