import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { EntryStep } from '../../src/step/builtin/EntryStep.ts';
import { notAStep } from '../../src/step/notAStep.ts';
import type { Layer } from '../../src/step/Step.ts';
import { Step } from '../../src/step/Step.ts';

/** The plan for the items of a list. */
export interface ItemPlan {
  readonly $list: Step;
  readonly $item: Step;
  readonly layer: Layer;
  /** The step that the callback returned, as it is after steps were moved and merged. */
  readonly $result: Step;
}

/** Plans `callback` for the items of `$source`: its steps run once for the items of all lists, not once a list. */
export function planItems(name: string, $source: Step, callback: ($item: Step) => unknown): ItemPlan {
  if (!($source instanceof Step)) throw notAStep(name, $source);
  const { graph } = $source;
  graph.settle();
  const $list = graph.resolve($source);
  let $item = $list;
  const { layer, $result } = graph.planItems($list, (items) => {
    $item = items.entry ?? new EntryStep(items);
    const $planned = callback($item);
    if ($planned instanceof Step) return $planned;
    const place = graph.coordinate === null ? '' : ` in the plan of "${graph.coordinate}"`;
    throw new PlanqlError(
      'NO_STEP',
      `The callback of ${name}()${place} returned no step. It plans, and is not called for each item.`,
    );
  });
  return { $list, $item: graph.resolve($item), layer, $result };
}
