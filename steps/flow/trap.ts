import { anything, checkOptions, type OptionTable, oneOf } from '../../src/errors/checkOptions.ts';
import type { ParamShape, ParamShapes } from '../../src/step/paramShapes.ts';
import { FORWARDED } from '../../src/step/reads.ts';
import type { Step } from '../../src/step/Step.ts';
import { Exit, Failure } from '../../src/step/signals.ts';
import { PassingStep } from '../PassingStep.ts';

/** For `trap`: rows that failed end with a value. */
export const TRAP_ERROR = 1;
/** For `trap`: rows that ended early end with a value. */
export const TRAP_INHIBITED = 2;
/** For `trap`: both rows that failed and rows that ended early end with a value. */
export const TRAP_ERROR_OR_INHIBITED = 3;

/** The value of a trapped row: null, an empty list, or (`PASS_THROUGH`) the error itself, or the end's own value. */
export type TrapValue = 'NULL' | 'EMPTY_LIST' | 'PASS_THROUGH';

const trapValue: ParamShape = { type: ['string', 'null'], pattern: '^(NULL|EMPTY_LIST|PASS_THROUGH)$' };

export interface TrapOptions {
  readonly valueForError?: TrapValue;
  readonly valueForInhibited?: TrapValue;
  /** Traps only in rows where this yields something true. */
  readonly if?: Step<unknown>;
}

const value = oneOf('NULL', 'EMPTY_LIST', 'PASS_THROUGH');
const trapOptions: OptionTable<TrapOptions> = { valueForError: value, valueForInhibited: value, if: anything };

/** Represents a value without its failures. Yields it; where its row failed or ended early, another value in its place. */
export class TrapStep<TData> extends PassingStep<TData> {
  static override readonly op = 'trap';
  static override readonly paramShapes: ParamShapes = { error: trapValue, exit: trapValue };
  override readonly isSync = true;
  declare params: { readonly error: TrapValue | null; readonly exit: TrapValue | null };

  constructor($value: Step, flags: number, options: TrapOptions) {
    super();
    this.addTrappedDependency($value, FORWARDED);
    if (options.if !== undefined) this.addDependency(options.if);
    this.params = {
      error: flags & TRAP_ERROR ? (options.valueForError ?? 'NULL') : null,
      exit: flags & TRAP_INHIBITED ? (options.valueForInhibited ?? 'NULL') : null,
    };
  }

  override execute(
    count: number,
    [values, conditions]: readonly [readonly TData[], (readonly unknown[])?],
  ): ReadonlyArray<TData> {
    const { error, exit } = this.params;
    let trapped: TData[] | null = null;
    for (let row = 0; row < count; row++) {
      const value = values[row];
      if (conditions !== undefined && !conditions[row]) continue;
      if (value instanceof Failure && error !== null) {
        trapped ??= [...values];
        trapped[row] = substitute(error, { error: value.error }) as TData;
      } else if (value instanceof Exit && exit !== null) {
        trapped ??= [...values];
        trapped[row] = (exit === 'PASS_THROUGH' ? value.value : substitute(exit, null)) as TData;
      }
    }
    return trapped ?? values;
  }
}

/** An error that goes on as a value is wrapped: bare, it would be a failure again. */
function substitute(value: TrapValue, passed: unknown): unknown {
  if (value === 'PASS_THROUGH') return passed;
  return value === 'NULL' ? null : [];
}

/**
 * Represents `$value`, where failures (`TRAP_ERROR`), early exits (`TRAP_INHIBITED`) or both end with a value, so that
 * its dependents run. An error that is passed through comes as `{ error }`.
 *
 * ```ts
 * plans: { tags: ($post) => trap(loadMany(get($post, 'id'), tagsOf), TRAP_ERROR, { valueForError: 'EMPTY_LIST' }) }
 * ```
 */
export function trap<TData>(
  $value: Step<TData>,
  flags: typeof TRAP_ERROR | typeof TRAP_INHIBITED | typeof TRAP_ERROR_OR_INHIBITED,
  options: TrapOptions = {},
): Step<TData | null> {
  checkOptions('trap', options, trapOptions);
  return new TrapStep<TData>($value, flags, options);
}
