import { mapAsyncIterable } from '../../utils/mapAsyncIterable.ts';
import { multipartChunk } from './multipartChunk.ts';

const utf8 = new TextEncoder();

/**
 * The body of a `multipart/mixed` response, a chunk for each payload as it comes: see `MULTIPART_CONTENT_TYPE`. Closing
 * it closes the payloads at once.
 */
export function multipartBody(payloads: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  const chunkOf = (payload: Uint8Array): Uint8Array => {
    const chunk = multipartChunk(payload, isFirst, false);
    isFirst = false;
    return chunk;
  };
  return mapAsyncIterable(payloads, chunkOf, { last: utf8.encode('--\r\n') });
}

/**
 * The body of a `text/event-stream` response, an event `next` for each payload as it comes and `complete` after the
 * last, as the "GraphQL over SSE" protocol has it. Closing it closes the payloads at once.
 */
export function eventStreamBody(payloads: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder();
  // JSON has no line breaks: each payload is one line.
  const eventOf = (payload: Uint8Array): Uint8Array => utf8.encode(`event: next\ndata: ${decoder.decode(payload)}\n\n`);
  return mapAsyncIterable(payloads, eventOf, { last: utf8.encode('event: complete\ndata:\n\n') });
}
