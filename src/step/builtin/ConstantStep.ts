import { anything, type ParamShapes } from '../paramShapes.ts';
import { Step } from '../Step.ts';

/** Represents a value that is known when the plan is made. Yields it; always global. */
export class ConstantStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'constant';
  static override readonly paramShapes: ParamShapes = {
    // JSON has no undefined: it is what is not there.
    value: { ...anything, optional: true },
  };
  override readonly isSync = true;

  constructor(value: TData) {
    super();
    this.layer = this.graph.root;
    this.params = { value };
  }

  get value(): TData {
    return this.params.value as TData;
  }

  override get isPure(): boolean {
    return true;
  }

  override execute(count: number): ReadonlyArray<TData> {
    return new Array<TData>(count).fill(this.value);
  }
}

/** Represents `value`, which must be JSON for the plan to be portable. */
export function constant<TData>(value: TData): ConstantStep<TData> {
  return new ConstantStep(value);
}
