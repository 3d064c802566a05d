import { multipartChunk } from './multipartChunk.ts';

const utf8 = new TextEncoder();

/**
 * The body of a `multipart/mixed` response, a chunk for each payload as it comes: see `MULTIPART_CONTENT_TYPE`. Ending
 * the iteration ends that of the payloads.
 */
export async function* multipartBody(payloads: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const payload of payloads) {
    yield multipartChunk(payload, isFirst, false);
    isFirst = false;
  }
  yield utf8.encode('--\r\n');
}

/**
 * The body of a `text/event-stream` response, an event `next` for each payload as it comes and `complete` after the
 * last, as the "GraphQL over SSE" protocol has it. Ending the iteration ends that of the payloads.
 */
export async function* eventStreamBody(payloads: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder();
  // JSON has no line breaks: each payload is one line.
  for await (const payload of payloads) yield utf8.encode(`event: next\ndata: ${decoder.decode(payload)}\n\n`);
  yield utf8.encode('event: complete\ndata:\n\n');
}
