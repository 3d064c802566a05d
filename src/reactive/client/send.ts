import type { Answer } from './Answer.ts';
import type { AnyDocument, Variables } from './document.ts';
import { post } from './transports/post.ts';

/** A request of GraphQL over HTTP. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  readonly extensions: { readonly reactive: { readonly [name: string]: unknown } };
}

export interface SendOptions {
  /** Where GraphQL is served. */
  readonly url: string;
  /** Headers of each request. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Makes the body of a request: documents that the server knows are sent by their id. Default: the request itself. */
  readonly toBody?: (request: GraphQLRequest, document: AnyDocument) => unknown;
  /** A request without an answer fails after so many milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/** Sends a request, and reads its answer. What is no answer of GraphQL is an error. */
export async function send<TData>(
  { toBody, timeoutMs = 30_000, ...options }: SendOptions,
  request: GraphQLRequest,
  document: AnyDocument,
  signal: AbortSignal,
): Promise<Answer<TData>> {
  const body = toBody === undefined ? request : toBody(request, document);
  return post({ ...options, body, signal }, timeoutMs, async (response) => {
    const text = await response.text();
    const answer: Answer<TData> = text.startsWith('{') ? JSON.parse(text) : {};
    if ((answer.data === undefined && answer.errors === undefined) || response.status >= 500) {
      throw new Error(`${options.url} answered with ${response.status}, and no result.`);
    }
    return answer;
  });
}
