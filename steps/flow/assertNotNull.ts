import { SafeError } from '../../src/errors/SafeError.ts';
import { type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { NULLNESS, type ReadParts } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { Exit, fail } from '../../src/step/signals.ts';
import { conditionOf, type GateOptions, GateStep } from './gate.ts';

/**
 * Represents a value that must be there. Yields it; a row in which it is null, or ended early with null, fails with a
 * message for clients.
 */
export class AssertNotNullStep<TData> extends GateStep<TData> {
  static override readonly op = 'assertNotNull';
  static override readonly paramShapes: ParamShapes = { message: text };

  declare params: { readonly message: string };

  constructor($value: Step, $condition: Step | null, message: string) {
    super($value, $condition, NULLNESS);
    this.params = { message };
  }

  protected override takeValue($value: Step, parts: ReadParts): void {
    this.addTrappedDependency($value, parts);
  }

  protected override end(entry: unknown): unknown {
    const value = entry instanceof Exit ? entry.value : entry;
    return value === null || value === undefined ? fail(new SafeError(this.params.message)) : undefined;
  }
}

/**
 * Represents `$value`; where it is null or inhibited, the field fails with `message`, which clients get to see.
 *
 * ```ts
 * plans: { account: (_$root, { $id }) => assertNotNull(loadOne($id, accountById), 'There is no such account.') }
 * ```
 */
export function assertNotNull<TData>(
  $value: Step<TData>,
  message: string,
  options: GateOptions = {},
): Step<NonNullable<TData>> {
  return new AssertNotNullStep<NonNullable<TData>>($value, conditionOf('assertNotNull', options), message);
}
