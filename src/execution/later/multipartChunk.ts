const utf8 = new TextEncoder();

/** The `Content-Type` header of a multipart response. */
export const MULTIPART_CONTENT_TYPE = 'multipart/mixed; boundary="-"';

/**
 * A payload as a chunk of a `multipart/mixed` response, as the "Incremental Delivery over HTTP" proposal has it. Each
 * chunk ends with the boundary, so that clients need not wait for the next one.
 */
export function multipartChunk(payload: Uint8Array, isFirst: boolean, isLast: boolean): Uint8Array {
  const head = utf8.encode(`${isFirst ? '\r\n---' : ''}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n`);
  const tail = utf8.encode(isLast ? '\r\n-----\r\n' : '\r\n---');
  const chunk = new Uint8Array(head.length + payload.length + tail.length);
  chunk.set(head);
  chunk.set(payload, head.length);
  chunk.set(tail, head.length + payload.length);
  return chunk;
}
