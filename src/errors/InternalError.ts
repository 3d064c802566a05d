import { PlanqlError } from './PlanqlError.ts';

/** An error that only a bug in planql can cause. */
export class InternalError extends PlanqlError<'INTERNAL'> {
  constructor(message: string) {
    super('INTERNAL', `${message} This is a bug in planql; please report it.`);
  }
}
