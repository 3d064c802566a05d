import { type ParamShapes, text } from '../paramShapes.ts';
import { Step } from '../Step.ts';
import { type Failure, fail } from '../signals.ts';

/** Represents a step that could not be made while planning. Fails each row with the reason (rule R8). */
export class FailedStep extends Step<never> {
  static override readonly op = 'failed';
  static override readonly paramShapes: ParamShapes = { message: text };
  override readonly isSync = true;
  declare params: { readonly message: string };

  constructor(error: unknown) {
    super();
    this.params = { message: error instanceof Error ? error.message : String(error) };
  }

  override execute(count: number): ReadonlyArray<Failure> {
    return new Array<Failure>(count).fill(fail(new Error(this.params.message)));
  }
}
