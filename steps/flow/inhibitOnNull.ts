import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { NULLNESS } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { exit } from '../../src/step/signals.ts';
import { conditionOf, type GateOptions, GateStep } from './gate.ts';

/** Represents a value that is there. Yields it; a row in which it is null ends early, with null. */
export class InhibitOnNullStep<TData> extends GateStep<TData> {
  static override readonly op = 'inhibitOnNull';
  static override readonly paramShapes: ParamShapes = {};

  protected override end(value: unknown): unknown {
    return value === null || value === undefined ? exit : undefined;
  }
}

/**
 * Represents `$value`; where it is null, nothing that depends on it runs, and fields that do are null.
 *
 * ```ts
 * plans: { manager: ($user) => loadOne(inhibitOnNull(get($user, 'managerId')), userById) }
 * ```
 */
export function inhibitOnNull<TData>($value: Step<TData>, options: GateOptions = {}): Step<NonNullable<TData>> {
  return new InhibitOnNullStep<NonNullable<TData>>($value, conditionOf('inhibitOnNull', options), NULLNESS);
}
