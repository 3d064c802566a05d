/** The text of a body, which is read no further than `maxBytes`; null: it is longer. */
export async function readBody({ body }: Request, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  const reader = body?.getReader();
  let bytes = 0;
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      bytes += part.value.length;
      if (bytes > maxBytes) return null;
      chunks.push(part.value);
    }
  } finally {
    await reader?.cancel();
  }
  return Buffer.concat(chunks).toString('utf8');
}
