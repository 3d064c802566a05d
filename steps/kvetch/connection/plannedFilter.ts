import type { KvetchObject } from '../../../src/kvetch/KvetchObject.ts';
import { ConstantStep } from '../../../src/step/builtin/ConstantStep.ts';
import type { PlanningGraph, Step } from '../../../src/step/Step.ts';
import { inhibitIf } from '../../flow/inhibitIf.ts';
import { fn } from '../../fn.ts';
import { lambda } from '../../values/lambda.ts';

/** The filters of a connection's objects. */
export interface PlannedFilter {
  /** In the words of messages. */
  readonly by: string;
  /** The names of the object types whose `authorize` is part of it. */
  readonly types: ReadonlySet<string>;
  /** Represents whether an object is shown; null where it is known that all are. */
  isShown($object: Step): Step | null;
}

/** The author's filter, and the authorization of the nodes' types; null where all objects are shown. */
export function plannedFilter(
  graph: PlanningGraph,
  coordinate: string | null,
  filter: (($object: Step<KvetchObject>) => Step<unknown>) | undefined,
): PlannedFilter | null {
  const here = graph.coordinate;
  const { authorization } = graph;
  const ofNodes = (place: string | null) => (place === null ? null : (authorization?.ofNodes(place) ?? null));
  const nodes = ofNodes(here) ?? ofNodes(coordinate);
  if (nodes === null && filter === undefined) return null;
  const types = nodes?.types ?? new Set();
  const by = nodes === null ? 'the filter' : `"authorize" of ${[...types].map((type) => `"${type}"`).join(' and ')}`;
  return {
    by,
    types,
    isShown: ($object) => {
      const $wanted = filter === undefined ? null : filter($object as Step<KvetchObject>);
      // An object that the filter leaves out needs no authorization.
      const $left = $wanted === null ? $object : inhibitIf($object, lambda($wanted, isFalse));
      const $visible = nodes?.isVisible($left) ?? null;
      if ($visible === null) return isTrue($wanted) ? null : $wanted;
      return $visible;
    },
  };
}

const isFalse = fn('kvetch.isFalse', (value: unknown) => !value);

function isTrue($step: Step | null): boolean {
  return $step instanceof ConstantStep && $step.value === true;
}
