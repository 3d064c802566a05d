import { encodeResponse } from '../output/responseForms.ts';
import type { IncrementalResponse } from './executeIncrementally.ts';

/**
 * The payloads of a response as UTF-8 JSON, one after another; a response of one part is one payload. Ending the
 * iteration before its end closes what the response is made of.
 */
export async function* encodePayloads(response: object | IncrementalResponse): AsyncGenerator<Uint8Array, void, void> {
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
