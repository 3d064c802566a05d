import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { failOverdue } from '../../src/step/overdueRows.ts';
import { namedFunction, type ParamShapes } from '../../src/step/paramShapes.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { type Exit, type Failure, fail } from '../../src/step/signals.ts';
import { inspect } from '../../src/utils/inspect.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { type Multistep, type MultistepData, multistep } from '../multistep.ts';

/** Represents a function of another step's value. Yields its result for each row; an error that it throws fails its row. */
export class LambdaStep<TData = unknown> extends Step<TData> {
  static override readonly op: string = 'lambda';
  static override readonly paramShapes: ParamShapes = { f: namedFunction };

  constructor($source: Step, f: (value: never) => unknown) {
    super();
    if (typeof f !== 'function') {
      throw new PlanqlError('NO_FUNCTION', `${this.op} was given ${inspect(f)} where it needs a function.`);
    }
    this.addDependency($source);
    this.params = { f };
  }

  /** Mostly it computes: its dependents are not started ahead of it. */
  override get mayWait(): boolean {
    return false;
  }

  override execute(
    count: number,
    [values]: readonly [readonly unknown[]],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<TData>> {
    const f = this.params.f as (value: unknown) => Entry<TData>;
    const results = new Array<Entry<TData>>(count);
    const isTimed = extra.deadline !== null;
    for (let row = 0; row < count; row++) {
      if (isTimed && failOverdue(results, row, extra)) break;
      try {
        results[row] = f(values[row]);
      } catch (error) {
        results[row] = fail(error);
      }
    }
    return results;
  }
}

/**
 * Represents `f` of the value of `spec`, which is a step, a tuple or a record of steps, or `null`. `f` is called
 * once a row: to load anything, use a loader. Give `f` a place of its own (and a name, see `fn`): two lambdas of one
 * function and equal steps are one.
 *
 * ```ts
 * const fullName = fn('app.fullName', ([first, last]: readonly [string, string]) => `${first} ${last}`);
 * plans: { fullName: ($user) => lambda([get($user, 'first'), get($user, 'last')], fullName) }
 * ```
 */
export function lambda<const TSpec extends Multistep, TData>(
  spec: TSpec,
  f: (value: MultistepData<TSpec>) => MaybePromise<TData | Failure | Exit>,
): Step<TData> {
  return new LambdaStep<TData>(multistep(spec, 'lambda'), f);
}
