import { constant } from '../src/step/builtin/ConstantStep.ts';
import { versionOfStep } from '../src/step/copies.ts';
import { notAStep } from '../src/step/notAStep.ts';
import { Step } from '../src/step/Step.ts';
import { list } from './values/list.ts';
import { object } from './values/object.ts';

// biome-ignore lint/suspicious/noExplicitAny: the type of a step's values is inferred where it is used
type AnyStep = Step<any>;

/** A step, or several in its place: a tuple or a record of steps. `null` stands for no value. */
export type Multistep = null | AnyStep | readonly AnyStep[] | { readonly [name: string]: AnyStep };

/** The value of a multistep: that of the step, or a tuple or record of values. For an untyped `$arg` it is `any`. */
export type MultistepData<TSpec> = 0 extends 1 & TSpec
  ? // biome-ignore lint/suspicious/noExplicitAny: any in, any out
    any
  : TSpec extends null
    ? undefined
    : TSpec extends Step<infer TData>
      ? TData
      : TSpec extends readonly unknown[]
        ? { readonly [TIndex in keyof TSpec]: MultistepData<TSpec[TIndex]> }
        : { readonly [TName in keyof TSpec]: MultistepData<TSpec[TName]> };

/**
 * The one step for a multistep.
 *
 * @param user - the step function that was given it, for messages.
 * @throws PlanqlError `NOT_A_STEP` where a value stands in the place of a step.
 */
export function multistep<const TSpec extends Multistep>(spec: TSpec, user = 'multistep'): Step<MultistepData<TSpec>> {
  return toStep(spec, user) as Step<MultistepData<TSpec>>;
}

function toStep(spec: Multistep, user: string): Step {
  if (spec === null) return constant(undefined);
  if (spec instanceof Step) return spec;
  const parts: readonly (readonly [string, unknown])[] =
    typeof spec === 'object' && versionOfStep(spec) === null ? Object.entries(spec) : [['', spec]];
  const wrong = parts.find(([, part]) => !(part instanceof Step));
  if (wrong !== undefined) throw notAStep(user, wrong[1], wrong[0]);
  return Array.isArray(spec) ? list(spec) : object(spec as Record<string, AnyStep>);
}
