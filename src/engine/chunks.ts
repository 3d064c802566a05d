import { anything, checkOptions, type OptionTable } from '../errors/checkOptions.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { inspect } from '../utils/inspect.ts';
import { joinBytes } from '../utils/utf8.ts';

export interface ChunkOptions {
  /** How many bytes a chunk has at the most: 64 KiB by default. */
  readonly chunkBytes?: number;
}

const chunkOptions: OptionTable<ChunkOptions> = { chunkBytes: anything };

export const CHUNK_BYTES: number = 64 * 1024;

/** The size of chunks. A wrong one is refused before anything is executed. */
export function chunkBytesOf(options: ChunkOptions): number {
  checkOptions('executeToChunks', options, chunkOptions);
  const { chunkBytes = CHUNK_BYTES } = options;
  if (typeof chunkBytes === 'number' && Number.isSafeInteger(chunkBytes) && chunkBytes > 0) return chunkBytes;
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
