import { PlanqlError } from './PlanqlError.ts';

/** A state that cannot occur unless planql has a bug. Please report it. Servers mask it. */
export class InternalError extends PlanqlError<'INTERNAL'> {
  constructor(message: string) {
    super('INTERNAL', `${message} This is a bug in planql; please report it.`);
  }
}
