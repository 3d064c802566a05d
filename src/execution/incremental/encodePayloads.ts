import { encodeResponse } from '../output/responseForms.ts';
import type { IncrementalResponse } from './executeIncrementally.ts';

/**
 * The payloads of a response as UTF-8 JSON, one after another; a response of one part is one payload, and so is an
 * event of a subscription. Ending the iteration before its end closes what the response is made of.
 */
export async function* encodePayloads(
  response: object | IncrementalResponse | AsyncIterable<object>,
): AsyncGenerator<Uint8Array, void, void> {
  if (Symbol.asyncIterator in response) {
    for await (const event of response as AsyncIterable<object>) yield encodeResponse(event);
    return;
  }
  if (!('initialResult' in response)) {
    yield encodeResponse(response);
    return;
  }
  const { initialResult, subsequentResults } = response as IncrementalResponse;
  try {
    yield encodeResponse(initialResult);
    for await (const payload of subsequentResults) yield encodeResponse(payload);
  } finally {
    await subsequentResults.return();
  }
}
