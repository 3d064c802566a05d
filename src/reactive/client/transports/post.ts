export interface Post {
  readonly url: string;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/** Posts JSON, and reads the answer. One that does not come in time is an error; the time begins anew whenever `read` calls `stay`. */
export async function post<T>(
  { url, headers, body, signal, ...options }: Post,
  timeoutMs: number,
  read: (response: Response, stay: () => void) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stay = (): void => {
    own.signal.throwIfAborted();
    clearTimeout(timer);
    timer = setTimeout(() => own.abort(new Error(`${url} did not answer in ${timeoutMs} ms.`)), timeoutMs);
  };
  stay();
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers?.() },
      body: JSON.stringify(body),
      signal: own.signal,
    });
    return await read(response, stay);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
