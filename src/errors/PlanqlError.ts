/**
 * The base of every error that planql itself raises.
 *
 * `code` is stable and meant for programs; `message` is one full sentence that names the place, the value that
 * was seen and the remedy. The text of a planql error never holds SQL, hosts or stacks, so it may reach a client.
 */
export class PlanqlError<TCode extends string = string> extends Error {
  /** The kind of the error, for programs: it does not change within a major version. */
  readonly code: TCode;

  constructor(code: TCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
