import { PlanqlError } from './PlanqlError.ts';

/** An error whose message and extensions were written for clients. Servers that mask errors let it through. */
export class SafeError extends PlanqlError<'SAFE'> {
  /** The `extensions` of the error in the response: `{ code: "SOLD" }`, say. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(message: string, extensions: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super('SAFE', message, options);
    this.extensions = extensions;
  }
}
