import type { ExecutionResult } from 'graphql';
import type { IncrementalResponse } from '../../execution/later/executeIncrementally.ts';
import type { ResponseForm } from '../../execution/writer/completeRun.ts';
import type { RequestCost } from './RequestCost.ts';

/** The `extensions` of a response that tells its cost. */
export type CostExtensions = { readonly cost: RequestCost };

/** A form whose responses have extensions. */
export function extendedForm<TResponse>(
  form: ResponseForm<TResponse>,
  extensions: CostExtensions | null,
): ResponseForm<TResponse> {
  if (extensions === null) return form;
  return {
    ...form,
    whole: (state, data) => form.extend(form.whole(state, data), extensions),
    series(linked) {
      const collector = form.series(linked);
      return { ...collector, end: (isNull, errors) => form.extend(collector.end(isNull, errors), extensions) };
    },
  };
}

/** A response of one part or several, with extensions in the first. */
export function extended(
  response: ExecutionResult | IncrementalResponse,
  extensions: CostExtensions | null,
): ExecutionResult | IncrementalResponse {
  if (extensions === null) return response;
  if (!('initialResult' in response)) return { ...response, extensions };
  const initialResult = Object.assign({ ...response.initialResult }, { extensions });
  return { ...response, initialResult };
}
