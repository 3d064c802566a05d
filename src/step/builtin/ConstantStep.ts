import { isJson } from '../../utils/isJson.ts';
import { jsonCopy } from '../../utils/ownCopy.ts';
import { anything, type ParamShapes } from '../paramShapes.ts';
import type { ReadPath } from '../reads.ts';
import { lengthAt } from '../rowsAt.ts';
import { type MaxRows, remake, Step } from '../Step.ts';

/** Represents a value that is known when the plan is made. Yields it; always global. */
export class ConstantStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'constant';
  static override readonly paramShapes: ParamShapes = {
    // JSON has no undefined: the param is absent.
    value: { ...anything, optional: true },
  };
  override readonly isSync = true;
  declare params: { readonly value: TData };
  /** Of the instance that executes: each run gets a copy, since its users may write to an object (R25). */
  declare isCopied: boolean;

  constructor(value: TData) {
    super();
    this.layer = this.graph.root;
    this.params = { value };
  }

  static override fromParams(params: ConstantStep['params']): Step {
    const step = remake<ConstantStep>(this, params);
    const { value } = step;
    step.isCopied = typeof value === 'object' && value !== null && isJson(value);
    return step;
  }

  get value(): TData {
    return this.params.value;
  }

  override get isPure(): boolean {
    return true;
  }

  override maxRows(path: ReadPath): MaxRows {
    return lengthAt(this, path);
  }

  override execute(count: number): ReadonlyArray<TData> {
    return new Array<TData>(count).fill(this.isCopied ? jsonCopy(this.value) : this.value);
  }
}

/**
 * Represents `value`, which must be JSON for the plan to be portable. Objects and lists of JSON are copied for each
 * request; anything else, such as an instance of a class, is handed over as it is.
 */
export function constant<TData>(value: TData): ConstantStep<TData> {
  return new ConstantStep(value);
}
