import type { Answer } from './Answer.ts';
import type { AnyDocument, Variables } from './document.ts';
import type { Asker, OnceExtension } from './OfflinePlug.ts';
import { post } from './transports/post.ts';
import { textOf } from './transports/readText.ts';

/** A request of GraphQL over HTTP. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  readonly extensions: {
    readonly reactive: { readonly [name: string]: unknown };
    readonly planql?: OnceExtension | Asker | undefined;
  };
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
  /** An answer with more characters is an error, and is not read to its end. Default 16,777,216. */
  readonly maxLength?: number;
}

export interface Sent<TData> extends Answer<TData> {
  /** Of HTTP. */
  readonly status: number;
}

/** Sends a request, and reads its answer. An answer that is not GraphQL's is an error. */
export async function send<TData>(
  { toBody, timeoutMs = 30_000, maxLength = 1 << 24, ...options }: SendOptions,
  request: GraphQLRequest,
  document: AnyDocument,
  signal: AbortSignal,
): Promise<Sent<TData>> {
  const body = toBody === undefined ? request : toBody(request, document);
  return post({ ...options, body, signal }, timeoutMs, async (response) => {
    const text = await textOf(response, maxLength);
    const answer: Answer<TData> = text.startsWith('{') ? JSON.parse(text) : {};
    const { status } = response;
    if ((answer.data === undefined && answer.errors === undefined) || status >= 500) {
      throw Object.assign(new Error(`${options.url} answered with ${status}, and no result.`), { status });
    }
    return { ...answer, status };
  });
}
