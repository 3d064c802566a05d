import { anything, checkOptions, type OptionTable } from '../../src/errors/checkOptions.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { Step } from '../../src/step/Step.ts';
import type { LoadOptions } from './loader.ts';

const loadOptions: OptionTable<LoadOptions> = { ahead: anything };

/** Whether a load may start before its turn. @throws OptionError */
export function mayStartAhead(owner: string, options: LoadOptions | undefined): boolean {
  checkOptions(owner, options, loadOptions);
  return options?.ahead ?? true;
}

/** The `global` of a loader: one step, or a record of steps and plain values. All steps must be global. */
export type Globals<TGlobal> =
  | Step<TGlobal>
  | { readonly [TName in keyof TGlobal]: Step<TGlobal[TName]> | TGlobal[TName] };

/** The last arguments of `loadOne` and `loadMany`. A loader that needs globals must be given them. */
export type LoadArguments<TGlobal> =
  NeedsGlobals<TGlobal> extends true
    ? [globals: Globals<TGlobal>, options?: LoadOptions]
    : [globals?: Globals<TGlobal> | null, options?: LoadOptions];

/** Not where the type is unknown, allows undefined or null, or has optional properties alone. */
type NeedsGlobals<TGlobal> = 0 extends 1 & TGlobal
  ? false
  : undefined extends TGlobal
    ? false
    : null extends TGlobal
      ? false
      : Record<never, never> extends TGlobal
        ? false
        : true;

/** Globals as a list of steps, and how to put their values together again: `null` none, `'value'` one, or names. */
export interface GlobalSteps {
  readonly $steps: readonly Step[];
  readonly shape: null | 'value' | readonly string[];
}

export function globalSteps(globals: unknown): GlobalSteps {
  if (globals === null || globals === undefined) return { $steps: [], shape: null };
  if (globals instanceof Step) return { $steps: [globals], shape: 'value' };
  if (typeof globals !== 'object') return { $steps: [constant(globals)], shape: 'value' };
  // Sorted, so that the order in which they are written makes no difference.
  const shape = Object.keys(globals).sort();
  const $steps = shape.map((name) => {
    const value = (globals as Record<string, unknown>)[name];
    return value instanceof Step ? value : constant(value);
  });
  return { $steps, shape };
}

/** The globals' values, from the values of `execute`. */
export function globalValue(shape: GlobalSteps['shape'], values: readonly unknown[]): unknown {
  if (shape === null) return undefined;
  if (shape === 'value') return values[0];
  return Object.fromEntries(shape.map((name, index) => [name, values[index]]));
}
