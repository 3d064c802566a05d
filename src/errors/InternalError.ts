import { PlanqlError } from './PlanqlError.ts';

/** A bug in planql. */
export class InternalError extends PlanqlError<'INTERNAL'> {
  constructor(message: string) {
    super('INTERNAL', `${message} This is a bug in planql; please report it.`);
  }
}
