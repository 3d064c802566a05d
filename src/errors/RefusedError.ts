import { PlanqlError } from './PlanqlError.ts';

/** The bounds by which planql refuses a request, or ends it. */
type Bound = 'PLAN_LIMIT' | 'MAX_STEPS' | 'TOO_DEEP' | 'DEADLINE';

/** A request that is beyond a bound. Clients see its message, and its code as `extensions.code` (docs/errors.md). */
export class RefusedError<TCode extends Bound = Bound> extends PlanqlError<TCode> {
  readonly extensions: { readonly code: TCode };

  constructor(code: TCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.extensions = { code };
  }
}
