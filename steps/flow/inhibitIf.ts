import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { exit } from '../../src/step/signals.ts';
import { GateStep } from './gate.ts';

/** Represents a value unless a condition holds. Yields it; a row in which the condition holds ends early, with null. */
export class InhibitIfStep<TData> extends GateStep<TData> {
  static override readonly op = 'inhibitIf';
  static override readonly paramShapes: ParamShapes = {};

  protected override end(): unknown {
    return exit;
  }
}

/**
 * Represents `$value`; where `$condition` is truthy, nothing that depends on it runs.
 *
 * ```ts
 * plans: { email: ($user) => get(inhibitIf($user, get($user, 'isPrivate')), 'email') }
 * ```
 */
export function inhibitIf<TData>($value: Step<TData>, $condition: Step<unknown>): Step<TData> {
  return new InhibitIfStep<TData>($value, $condition, FORWARDED);
}
