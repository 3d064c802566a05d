import { GraphQLError } from 'graphql';

/** The limits on a response. Infinity: none. */
export interface BudgetLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * The rows and bytes that a request may still use while it runs (4.10.9). Using too much throws, and `error` stays:
 * the request ends with it, even if the thrown error was caught.
 */
export class RequestBudget {
  error: GraphQLError | null = null;
  readonly limits: BudgetLimits;
  #rows = 0;
  #bytes = 0;

  constructor(limits: BudgetLimits) {
    this.limits = limits;
  }

  /** How many bytes are left. */
  get bytesLeft(): number {
    return this.limits.maxBytes - this.#bytes;
  }

  /** A list is opened, or written. */
  spendRows(count: number): void {
    this.#rows += count;
    if (this.#rows > this.limits.maxRows) throw this.#end('maxRows', 'rows');
  }

  /** A part of the response is written. */
  spendBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.limits.maxBytes) throw this.#end('maxBytes', 'bytes');
  }

  #end(limit: keyof BudgetLimits, unit: string): GraphQLError {
    const most = this.limits[limit];
    this.error ??= new GraphQLError(
      `This response has more than ${most} ${unit} (limits.${limit}). Ask for fewer items or fields.`,
      { extensions: { code: 'RESPONSE_LIMIT', limit, most } },
    );
    return this.error;
  }
}
