import { PlanqlError } from '../errors/PlanqlError.ts';
import { inspect } from '../utils/inspect.ts';
import { joinBytes } from '../utils/utf8.ts';

export interface ChunkOptions {
  /** How many bytes a chunk has at the most: 64 KiB by default. */
  readonly chunkBytes?: number;
}

export const CHUNK_BYTES: number = 64 * 1024;

/** Refuses a size before anything is executed. */
export function assertChunkBytes(chunkBytes: unknown): void {
  if (typeof chunkBytes === 'number' && Number.isSafeInteger(chunkBytes) && chunkBytes > 0) return;
  throw new PlanqlError('INVALID_CHUNK_BYTES', `"chunkBytes" must be a positive integer, not ${inspect(chunkBytes)}.`);
}

/** Pieces of bytes in chunks of at most `chunkBytes`: small pieces in one, large ones cut, and none of these copied. */
export function* chunksOf(pieces: readonly Uint8Array[], chunkBytes: number): Generator<Uint8Array, void, void> {
  let small: Uint8Array[] = [];
  let waiting = 0;
  for (const piece of pieces) {
    if (waiting + piece.length <= chunkBytes) {
      small.push(piece);
      waiting += piece.length;
      continue;
    }
    if (waiting > 0) yield joinBytes(small);
    small = [];
    waiting = 0;
    for (let start = 0; start < piece.length; start += chunkBytes) yield piece.subarray(start, start + chunkBytes);
  }
  if (waiting > 0) yield joinBytes(small);
}
