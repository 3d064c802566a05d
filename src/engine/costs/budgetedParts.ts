import type { ExecutionResult, GraphQLError } from 'graphql';
import type { IncrementalResponse } from '../../execution/later/executeIncrementally.ts';
import type {
  IncrementalFormatName,
  InitialPayload,
  SubsequentPayload,
} from '../../execution/later/responseFormats.ts';
import type { RequestBudget } from '../../execution/state/RequestBudget.ts';
import { mapAsyncIterable } from '../../utils/mapAsyncIterable.ts';
import { measure } from './budgetForm.ts';

type Payloads = AsyncGenerator<SubsequentPayload, void, void>;

/** A response whose parts are measured together. The part that is too much becomes an error that ends the response. */
export function budgetedParts(
  response: ExecutionResult | IncrementalResponse,
  budget: RequestBudget,
  format: IncrementalFormatName,
): ExecutionResult | IncrementalResponse {
  const initial = 'initialResult' in response ? response.initialResult : response;
  const error = measure(initial, budget);
  if (error !== null) {
    if ('subsequentResults' in response) void response.subsequentResults.return();
    return { errors: [error], data: null };
  }
  if (!('subsequentResults' in response)) return response;
  const open = new PendingParts(response.initialResult);
  return { ...response, subsequentResults: measured(response.subsequentResults, budget, open, format) };
}

function measured(
  payloads: Payloads,
  budget: RequestBudget,
  open: PendingParts,
  format: IncrementalFormatName,
): Payloads {
  return mapAsyncIterable(payloads, (payload) => {
    open.take(payload);
    const error = measure(payload, budget);
    if (error === null) return payload;
    void payloads.return();
    return open.endedBy(error, format);
  });
}

/** The parts that a client waits for. */
class PendingParts {
  readonly #open = new Set<string>();
  /** Those that were open before the last payload: it is not sent. */
  #before: readonly string[] = [];

  constructor(initial: InitialPayload) {
    this.take(initial);
  }

  take({ pending = [], completed = [] }: Pick<SubsequentPayload, 'pending' | 'completed'>): void {
    this.#before = [...this.#open];
    for (const { id } of pending) this.#open.add(id);
    for (const { id } of completed) this.#open.delete(id);
  }

  endedBy(error: GraphQLError, format: IncrementalFormatName): SubsequentPayload {
    const errors = [error];
    if (format === 'current') return { completed: this.#before.map((id) => ({ id, errors })), hasNext: false };
    // Data that came before stays.
    return { incremental: [{ path: [], data: {}, errors }], hasNext: false };
  }
}
