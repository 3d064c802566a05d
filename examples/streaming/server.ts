/**
 * GraphQL over HTTP, whose answers come in parts where the client takes them so: `multipart/mixed` and server-sent
 * events for `@defer` and `@stream`, server-sent events for subscriptions, and JSON for all else.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createEngine, eventStreamBody, MULTIPART_CONTENT_TYPE, multipartBody, type RequestArgs } from 'planql';
import { type Context, schema } from './schema.ts';

const MAX_BODY = 100_000;
const engine = createEngine({ schema });

/** A request that is answered with an HTTP status and one error. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createStreamingServer(context: Context): Server {
  return createServer((request, response) => {
    answer(request, response, context).catch((error: unknown) => {
      // The client is gone, or the answer was begun: there is nobody to tell.
      if (response.headersSent) return void response.destroy();
      const status = error instanceof Refusal ? error.status : 500;
      const message = error instanceof Refusal ? error.message : 'The server failed.';
      sendJson(response, status, JSON.stringify({ errors: [{ message }] }));
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, contextValue: Context): Promise<void> {
  if (request.method !== 'POST') throw new Refusal(405, 'Send operations by POST.');
  const { query, variables, operationName } = await readOperation(request);
  const document = engine.document(query);
  if (!('kind' in document)) return sendJson(response, 400, JSON.stringify({ errors: document }));
  const args = { document, contextValue, variableValues: variables ?? null, operationName: operationName ?? null };
  const accept = request.headers.accept ?? '';
  if (accept.includes('text/event-stream')) return sendParts(response, 'text/event-stream', args, eventStreamBody);
  if (accept.includes('multipart/mixed')) return sendParts(response, MULTIPART_CONTENT_TYPE, args, multipartBody);
  return sendJson(response, 200, await engine.executeToBuffer(args));
}

interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
}

async function readOperation(request: IncomingMessage): Promise<Operation> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BODY) throw new Refusal(413, `A request may have ${MAX_BODY} bytes.`);
  }
  let operation: Operation | null;
  try {
    operation = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body must be JSON.');
  }
  if (typeof operation?.query !== 'string') throw new Refusal(400, 'The body must have a "query".');
  return operation;
}

function sendJson(response: ServerResponse, status: number, body: string | Uint8Array): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
}

/** Nothing is made before the client has taken what was sent; when it leaves, all that it had asked for ends. */
async function sendParts(
  response: ServerResponse,
  type: string,
  args: RequestArgs,
  bodyOf: (payloads: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const controller = new AbortController();
  response.once('close', () => controller.abort(new Error('The client is gone.')));
  const payloads = engine.executeToPayloads({ ...args, abortSignal: controller.signal });
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  await pipeline(Readable.from(bodyOf(payloads), { highWaterMark: 1 }), response);
}
