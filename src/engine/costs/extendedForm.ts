import type { ExecutionResult } from 'graphql';
import type { IncrementalResponse } from '../../execution/later/executeIncrementally.ts';
import type { ResponseForm } from '../../execution/writer/completeRun.ts';
import { encodeUtf8, joinBytes } from '../../utils/utf8.ts';
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
    whole: (state, data) => withExtensions(form.whole(state, data), extensions),
    series(linked) {
      const collector = form.series(linked);
      return { ...collector, end: (isNull, errors) => withExtensions(collector.end(isNull, errors), extensions) };
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

/** A response in any form: an object, its bytes, or pieces of them. */
function withExtensions<TResponse>(response: TResponse, extensions: CostExtensions): TResponse {
  if (response instanceof Uint8Array) return joinBytes([...opened(response), closing(extensions)]) as TResponse;
  if (!Array.isArray(response)) return { ...response, extensions };
  const last = response[response.length - 1];
  return [...response.slice(0, -1), ...opened(last), closing(extensions)] as TResponse;
}

/** The bytes of a response without the brace that ends it. */
function opened(bytes: Uint8Array): readonly Uint8Array[] {
  return [bytes.subarray(0, bytes.length - 1)];
}

function closing(extensions: CostExtensions): Uint8Array {
  return encodeUtf8(`,"extensions":${JSON.stringify(extensions)}}`);
}
