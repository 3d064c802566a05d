import { InternalError } from '../../errors/InternalError.ts';

/**
 * The times that no code could be generated for a plan of an engine. No request could handle that: it costs speed and
 * nothing else, so it would look like a slow release. It is counted, and the first one is told.
 */
export class CodegenFailures {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(cause: unknown): void {
    if (this.#count++ > 0) return;
    const warning = new InternalError('Code for a plan could not be generated: it runs without, more slowly.');
    warning.cause = cause;
    if (typeof process === 'undefined') console.warn(warning);
    else process.emitWarning(warning);
  }
}
