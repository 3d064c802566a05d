import type { GraphQLError } from 'graphql';
import type { RequestBudget } from '../../execution/state/RequestBudget.ts';
import type { ResponseForm } from '../../execution/writer/completeRun.ts';
import { jsonBytes } from './jsonBytes.ts';

/** A form whose responses are measured: one that is too large becomes the error of the limit. */
export function budgetForm<TResponse>(
  form: ResponseForm<TResponse>,
  budget: RequestBudget | null,
): ResponseForm<TResponse> {
  if (budget === null) return form;
  return {
    ...form,
    whole(state, data) {
      const response = form.whole(state, data);
      const error = measure(response, budget);
      return error === null ? response : form.series(state.driver.linked).end(true, [error]);
    },
    series(linked) {
      const collector = form.series(linked);
      return {
        ...collector,
        end(isNull, errors) {
          const response = collector.end(isNull, errors);
          const error = measure(response, budget);
          return error === null ? response : form.series(linked).end(true, [error]);
        },
      };
    },
  };
}

/** The error of the request, where its response is too large or a limit was passed before. */
export function measure(response: unknown, budget: RequestBudget): GraphQLError | null {
  if (budget.error !== null) return budget.error;
  if (budget.limits.maxBytes === Number.POSITIVE_INFINITY) return null;
  try {
    budget.spendBytes(bytesOf(response, budget.bytesLeft));
  } catch (error) {
    if (error !== budget.error) throw error;
  }
  return budget.error;
}

/** The bytes of a response in any form; of objects no more are counted than are allowed. */
function bytesOf(response: unknown, most: number): number {
  if (response instanceof Uint8Array) return response.length;
  if (isPieces(response)) return response.reduce((sum, { length }) => sum + length, 0);
  return jsonBytes(response, most);
}

function isPieces(response: unknown): response is readonly Uint8Array[] {
  return Array.isArray(response) && response.every((piece) => piece instanceof Uint8Array);
}
