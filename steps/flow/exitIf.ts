import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { exitWith, fail } from '../../src/step/signals.ts';
import { GateStep } from './gate.ts';

/** How a row ends in which the condition holds. */
type Ending = null | readonly never[] | Error;

/** Represents a value unless a condition holds. Yields it; a row in which the condition holds ends early, with a given result. */
export class ExitIfStep<TData> extends GateStep<TData> {
  static override readonly op = 'exitIf';
  static override readonly paramShapes: ParamShapes = { result: { type: ['null', 'array'], maxItems: 0 } };

  declare params: { readonly result: Ending };

  constructor($value: Step, $condition: Step, result: Ending) {
    super($value, $condition, FORWARDED);
    if (!(result instanceof Error)) exitWith(result); // refused now, not in each row
    this.params = { result };
  }

  protected override end(): unknown {
    const { result } = this.params;
    return result instanceof Error ? fail(result) : exitWith(result);
  }
}

/**
 * Represents `$value` (without it, the condition's own value); a row with a truthy `$condition` ends
 * with `result`, which is null, an empty list or an error: nothing that depends on this step runs.
 *
 * ```ts
 * plans: {
 *   friends: ($user) => {
 *     const $id = exitIf(get($user, 'isPrivate'), [], get($user, 'id'));
 *     return loadMany($id, friendsOf);
 *   },
 * }
 * ```
 */
export function exitIf<TCondition>($condition: Step<TCondition>, result: null | readonly [] | Error): Step<TCondition>;
export function exitIf<TData>(
  $condition: Step<unknown>,
  result: null | readonly [] | Error,
  $value: Step<TData>,
): Step<TData>;
export function exitIf($condition: Step<unknown>, result: Ending, $value: Step<unknown> = $condition): Step<unknown> {
  return new ExitIfStep($value, $condition, result);
}
