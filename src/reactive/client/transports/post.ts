export interface Post {
  readonly url: string;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/**
 * Posts JSON, and reads the answer. One that does not come in time is an error, unless `read` calls `stay`: then only its head
 * must.
 */
export async function post<T>(
  { url, headers, body, signal, ...options }: Post,
  timeoutMs: number,
  read: (response: Response, stay: () => void) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new Error(`${url} did not answer in ${timeoutMs} ms.`)), timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers?.() },
      body: JSON.stringify(body),
      signal: own.signal,
    });
    return await read(response, () => clearTimeout(timer));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
