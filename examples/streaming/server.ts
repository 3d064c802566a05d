/**
 * GraphQL over HTTP, whose answers come in parts where the client takes them so: `multipart/mixed` and server-sent
 * events for `@defer` and `@stream`, server-sent events for subscriptions, and JSON for all else.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createEngine, eventStreamBody, MULTIPART_CONTENT_TYPE, multipartBody } from 'planql';
import { type MaskOptions, maskErrors } from 'planql/server';
import { type Context, schema } from './schema.ts';

const MAX_BODY = 100_000;
const engine = createEngine({ schema });
type Masked = Pick<typeof engine, 'execute' | 'executeToPayloads'>;

/** A request that is answered with an HTTP status and one error. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createStreamingServer(context: Context, masking: MaskOptions = {}): Server {
  const masked = maskErrors(engine, masking);
  return createServer((request, response) => {
    answer(request, response, context, masked).catch((error: unknown) => {
      // The client is gone, or the answer was begun: there is nobody to tell.
      if (response.headersSent) return void response.destroy();
      const status = error instanceof Refusal ? error.status : 500;
      const message = error instanceof Refusal ? error.message : 'The server failed.';
      sendJson(response, status, JSON.stringify({ errors: [{ message }] }));
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  contextValue: Context,
  masked: Masked,
): Promise<void> {
  if (request.method !== 'POST') throw new Refusal(405, 'Send operations by POST.');
  const { query, variables, operationName } = await readOperation(request);
  const document = engine.document(query);
  if (!('kind' in document)) return sendJson(response, 400, JSON.stringify({ errors: document }));
  const abortSignal = whenClosed(response);
  const args = {
    document,
    contextValue,
    variableValues: variables ?? null,
    operationName: operationName ?? null,
    abortSignal,
  };
  const accept = request.headers.accept ?? '';
  const parts = (type: string, body: typeof eventStreamBody): Promise<void> =>
    sendParts(response, type, body(masked.executeToPayloads(args)));
  if (accept.includes('text/event-stream')) return parts('text/event-stream', eventStreamBody);
  if (accept.includes('multipart/mixed')) return parts(MULTIPART_CONTENT_TYPE, multipartBody);
  return sendJson(response, 200, JSON.stringify(await masked.execute(args)));
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

/** A signal that is aborted when nobody reads the response any more. */
function whenClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort(new Error('The client is gone.')));
  return controller.signal;
}

/** Nothing is made before the client has taken what was sent. */
async function sendParts(response: ServerResponse, type: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  await pipeline(Readable.from(body, { highWaterMark: 1 }), response);
}
