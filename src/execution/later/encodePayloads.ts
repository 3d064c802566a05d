import { mapAsyncIterable } from '../../utils/mapAsyncIterable.ts';
import { encodeResponse } from '../writer/responseForms.ts';
import type { IncrementalResponse } from './executeIncrementally.ts';

/**
 * The payloads of a response as UTF-8 JSON, one after another; a response of one part is one payload, and so is an
 * event of a subscription. Closing it closes the source of the response at once.
 */
export function encodePayloads(
  response: object | IncrementalResponse | AsyncIterable<object>,
): AsyncGenerator<Uint8Array, void, void> {
  if (Symbol.asyncIterator in response) return mapAsyncIterable(response, encodeResponse);
  if (!('initialResult' in response))
    return mapAsyncIterable(NOTHING, encodeResponse, { first: encodeResponse(response) });
  const { initialResult, subsequentResults } = response;
  return mapAsyncIterable(subsequentResults, encodeResponse, { first: encodeResponse(initialResult) });
}

const NOTHING: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ value: undefined, done: true }) }),
};
