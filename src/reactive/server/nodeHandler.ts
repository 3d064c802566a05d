import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';

const BASE = 'http://localhost';

/** The request of Node as the one of `fetch`; an address that is none becomes `/`. Its signal is aborted when the connection closes before `response` ended. */
export function toRequest(message: IncomingMessage, response: ServerResponse | null = null): Request {
  const controller = new AbortController();
  response?.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The client is gone.'));
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  const { method = 'GET', url = '/' } = message;
  const hasBody = response !== null && method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(URL.canParse(url, BASE) ? url : '/', BASE), {
    ...{ method, headers, signal: controller.signal },
    ...(hasBody && { body: bodyOf(message) as never, duplex: 'half' }),
  });
}

/** The body of a request, untouched until it is read: the listener that comes next may have to read it. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  let parts: AsyncIterator<Uint8Array> | null = null;
  return new ReadableStream(
    {
      async pull(controller) {
        parts ??= message[Symbol.asyncIterator]();
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Turns `handle` of an invalidation server or an inspector into a listener of `node:http`. It gets the request and its
 * socket. Other requests go to `next`; without one they are answered with 404.
 */
export function nodeHandler(
  handle: (request: Request, peer: Socket) => Promise<Response | null>,
): (message: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => Promise<void> {
  return async (message, response, next) => {
    try {
      const answer = await handle(toRequest(message, response), message.socket);
      if (answer !== null) {
        // A body that was not read to its end ends the connection: the client must not use it again.
        if (!message.complete) response.setHeader('connection', 'close');
        return await write(answer, response);
      }
      if (next !== undefined) return next();
      response.writeHead(404).end();
    } catch (error) {
      if (next !== undefined) return next(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  };
}

async function write(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) return void response.end();
  // A client that leaves is no error.
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => undefined);
}
