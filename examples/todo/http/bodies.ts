import { SafeError } from 'planql';

/** Reads a body of at most so many bytes. A longer one is refused without being read to its end. */
export async function readBytes(request: Request, atMost: number): Promise<Uint8Array> {
  const tooLong = () => new SafeError(`The body is longer than ${atMost} bytes.`, { code: 'TOO_LARGE', status: 413 });
  if (Number(request.headers.get('content-length') ?? 0) > atMost) throw tooLong();
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
    length += next.value.byteLength;
    if (length > atMost) {
      await reader?.cancel();
      throw tooLong();
    }
    parts.push(next.value);
  }
  return Buffer.concat(parts);
}

/** Reads a JSON object. */
export async function readJson(request: Request, atMost: number): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readBytes(request, atMost);
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // told below
  }
  throw new SafeError('The body must be a JSON object.', { code: 'BAD_REQUEST' });
}
