import { AuthorizeStep } from '../../schema/steps/AuthorizeStep.ts';
import { EntryStep } from '../../step/builtin/EntryStep.ts';
import type { GuardsObjects } from '../../step/GuardsObjects.ts';
import type { Step } from '../../step/Step.ts';

/** The step from which the objects of a position come as they are, if it guards them. */
export function guardOf($value: Step): GuardsObjects | null {
  let $step: Step | null = $value;
  while ($step !== null) {
    $step = $step.graph.resolve($step);
    if (isGuard($step)) return $step;
    $step = sourceOf($step);
  }
  return null;
}

function isGuard($step: Step): $step is Step & GuardsObjects {
  return 'guardObject' in $step;
}

function sourceOf($step: Step): Step | null {
  if ($step instanceof AuthorizeStep) return $step.dependency(0);
  if ($step instanceof EntryStep) {
    const { source, contributions } = $step.layer;
    return source ?? contributions[0]?.$value ?? null;
  }
  const { origin } = $step;
  return origin?.kind === 'same' || origin?.kind === 'part' || origin?.kind === 'someItems'
    ? $step.dependency(origin.of)
    : null;
}
