import type { StepOrigin } from '../src/step/ahead/StepOrigin.ts';
import type { ReadPath } from '../src/step/reads.ts';
import { type AnyValues, type MaxRows, Step } from '../src/step/Step.ts';

/**
 * The base of steps that yield their first dependency's values or nothing: reads of their values are reads of it. They take it
 * in as `FORWARDED`.
 */
export abstract class PassingStep<TData, TValues extends AnyValues = AnyValues> extends Step<TData, TValues> {
  override get origin(): StepOrigin {
    return { kind: 'same', of: 0 };
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows(path);
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead(path);
  }
}
