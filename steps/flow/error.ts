import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { SafeError } from '../../src/errors/SafeError.ts';
import { functionOrNull, type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { Step } from '../../src/step/Step.ts';
import { type Failure, fail } from '../../src/step/signals.ts';

/** Represents a failure. Fails each row with the same error. */
export class ErrorStep extends Step<never> {
  static override readonly op = 'error';
  static override readonly paramShapes: ParamShapes = {
    message: text,
    extensions: { type: 'object' },
    create: functionOrNull,
  };
  override readonly isSync = true;
  declare params: ReturnType<typeof errorParams>;

  constructor(error: string | Error) {
    super();
    this.params = errorParams(error);
  }

  override execute(count: number): ReadonlyArray<Failure> {
    const { message, extensions, create } = this.params;
    const error = create === null ? new SafeError(message, extensions) : create();
    return new Array<Failure>(count).fill(fail(error));
  }
}

/** Texts and SafeErrors are data; any other error is kept as a closure, which makes the plan not portable. */
function errorParams(error: string | Error): {
  message: string;
  extensions: Readonly<Record<string, unknown>>;
  create: (() => Error) | null;
} {
  if (typeof error === 'string') return { message: error, extensions: {}, create: null };
  if (error instanceof SafeError) return { message: error.message, extensions: error.extensions, create: null };
  if (error instanceof Error) return { message: error.message, extensions: {}, create: () => error };
  throw new PlanqlError('NO_ERROR', 'error() needs an Error or a message.');
}

/**
 * Represents the failure of a field, known when it is planned. A text is for clients to see.
 *
 * ```ts
 * plans: { salary: () => error('Salaries are not public.') }
 * ```
 */
export function error(reason: string | Error): Step<never> {
  return new ErrorStep(reason);
}
