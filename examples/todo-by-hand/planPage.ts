import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { getOperationAST } from 'graphql';
import type { Engine } from 'planql';
import { printHtml } from 'planql/explain';

interface Asked {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
}

/** Answers a GraphQL request with the page of its plan. A query is run for it, once more; a mutation is not. */
export async function sendPlan(
  engine: Engine,
  contextValue: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const page = await explain(engine, contextValue, (await json(request)) as Asked);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
  }
}

async function explain(engine: Engine, contextValue: unknown, asked: Asked): Promise<string> {
  const { query, operationName = null, variables } = asked;
  const document = engine.document(query);
  if (!('kind' in document)) throw new Error(document.map(({ message }) => message).join('\n'));
  const analyze = getOperationAST(document, operationName)?.operation === 'query';
  return engine.explain({
    document,
    operationName,
    variableValues: variables ?? null,
    contextValue,
    analyze,
    format: printHtml,
  });
}
