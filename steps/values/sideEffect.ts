import type { Step } from '../../src/step/Step.ts';
import type { Exit, Failure } from '../../src/step/signals.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { type Multistep, type MultistepData, multistep } from '../multistep.ts';
import { LambdaStep } from './lambda.ts';

/**
 * Represents an effect. Runs a function once per row, even if its result is not needed; steps that are planned after
 * it wait for it.
 */
export class SideEffectStep<TData = unknown> extends LambdaStep<TData> {
  static override readonly op: string = 'sideEffect';

  constructor($source: Step, f: (value: never) => unknown) {
    super($source, f);
    this.hasSideEffects = true;
  }
}

/**
 * Represents the result of `f`, which has a side effect: it is never left out, merged or moved before other effects.
 *
 * ```ts
 * plans: { rename: (_$root, { $id, $name }) => sideEffect([context(), $id, $name], renameUser) }
 * ```
 */
export function sideEffect<const TSpec extends Multistep, TData>(
  spec: TSpec,
  f: (value: MultistepData<TSpec>) => MaybePromise<TData | Failure | Exit>,
): Step<TData> {
  return new SideEffectStep<TData>(multistep(spec, 'sideEffect'), f);
}
