import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { NULLNESS } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { exit } from '../../src/step/signals.ts';
import { conditionOf, type GateOptions, GateStep } from './gate.ts';

/** Represents a list, text, map or set with something in it. Yields it; a row with an empty one, or null, ends early, with null. */
export class InhibitOnEmptyStep<TData> extends GateStep<TData> {
  static override readonly op = 'inhibitOnEmpty';
  static override readonly paramShapes: ParamShapes = {};

  protected override end(value: unknown): unknown {
    return value === null || value === undefined || isEmpty(value) ? exit : undefined;
  }
}

function isEmpty(value: unknown): boolean {
  const { length, size } = value as { length?: unknown; size?: unknown };
  return length === 0 || (typeof value === 'object' && size === 0);
}

/**
 * Represents `$value`; where it is null or empty, nothing that depends on it runs.
 *
 * ```ts
 * plans: { search: (_$root, { $text }) => loadMany(inhibitOnEmpty($text), filmsByText) }
 * ```
 */
export function inhibitOnEmpty<TData>($value: Step<TData>, options: GateOptions = {}): Step<NonNullable<TData>> {
  return new InhibitOnEmptyStep<NonNullable<TData>>($value, conditionOf('inhibitOnEmpty', options), NULLNESS);
}
