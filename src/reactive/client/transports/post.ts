export interface Post {
  readonly url: string;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/** Posts JSON. An answer whose head does not come in time is an error. */
export async function post({ url, headers, body, signal, ...options }: Post, timeoutMs: number): Promise<Response> {
  const timeout = new AbortController();
  const abort = (): void => timeout.abort(signal.reason);
  const timer = setTimeout(() => timeout.abort(new Error(`${url} did not answer in ${timeoutMs} ms.`)), timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await (options.fetch ?? fetch)(url, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers?.() },
      body: JSON.stringify(body),
      signal: timeout.signal,
    });
  } finally {
    clearTimeout(timer); // `signal` goes on ending the body
  }
}
