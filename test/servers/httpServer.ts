import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FormattedExecutionResult } from 'graphql';
import type { OperationRequest } from './serverSuite.ts';

/** A signal that is aborted when a connection closes. */
export function whenClosed(connection: { once(event: 'close', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController();
  connection.once('close', () => controller.abort(new Error('The client is gone.')));
  return controller.signal;
}

/** Starts an HTTP server on a free port of this machine. */
export async function listenHttp(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

export async function closeHttp(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Posts an operation, as `fetch` does. */
export async function post(
  url: string,
  request: OperationRequest,
  signal?: AbortSignal,
): Promise<FormattedExecutionResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(request),
    ...(signal === undefined ? null : { signal }),
  });
  return (await response.json()) as FormattedExecutionResult;
}

/** Subscribes over server-sent events; each holds a result. */
export async function* readEvents(url: string, request: OperationRequest): AsyncGenerator<FormattedExecutionResult> {
  const controller = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(request),
    signal: controller.signal,
  });
  try {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const messages = text.split('\n\n');
      text = messages.pop() as string;
      for (const message of messages) {
        const data = /^data: ?(.*)$/m.exec(message)?.[1];
        if (data) yield JSON.parse(data);
      }
    }
  } finally {
    controller.abort();
  }
}
