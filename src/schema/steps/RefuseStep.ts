import { namedFunction, type ParamShapes } from '../../step/paramShapes.ts';
import { type Entry, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';

/**
 * Represents objects whose selections cannot be collected in this request. Yields an error where there is an object:
 * null stays null.
 */
export class RefuseStep extends Step {
  static override readonly op = 'refuse';
  static override readonly paramShapes: ParamShapes = { error: namedFunction };
  declare params: { readonly error: () => unknown };

  constructor($value: Step, error: unknown) {
    super();
    this.addDependency($value);
    this.params = { error: () => error };
  }

  override execute(_count: number, [values]: readonly [readonly unknown[]]): ReadonlyArray<Entry<unknown>> {
    const { error } = this.params;
    return Array.from(values, (value) => (value === null || value === undefined ? null : fail(error())));
  }
}
