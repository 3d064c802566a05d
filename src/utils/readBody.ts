/**
 * The text of a body, which is read no further than `maxBytes`; null: it is longer.
 *
 * @throws the reason of the signal when it is aborted before the end, or why the body broke off.
 */
export async function readBody(
  { body }: Request,
  maxBytes: number,
  signal: AbortSignal | null = null,
): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  const end = (): void => void reader?.cancel().catch(() => undefined);
  signal?.addEventListener('abort', end);
  let bytes = 0;
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      bytes += part.value.length;
      if (bytes > maxBytes) return null;
      chunks.push(part.value);
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', end);
    await reader?.cancel();
  }
  return Buffer.concat(chunks).toString('utf8');
}
