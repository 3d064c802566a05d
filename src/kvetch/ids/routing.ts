import { codeAt } from '../../utils/codeAt.ts';

/** The number of logical shards: fixed for the life of a store, whatever the number of machines. */
export const LOGICAL_SHARDS = 4096;

/**
 * The logical shard of a canonical id. It is total: a version 8 id of the RFC variant carries its shard in the twelve
 * bits after the version; every other UUID is hashed (FNV-1a over its 16 bytes).
 */
export function shardOfId(id: string): number {
  if (codeAt(id, 14) === 56 /* 8 */ && isRfcVariant(codeAt(id, 19))) {
    return (nibble(codeAt(id, 15)) << 8) | (nibble(codeAt(id, 16)) << 4) | nibble(codeAt(id, 17));
  }
  let hash = FNV_OFFSET;
  for (let at = 0; at < 36; at += 2) {
    if (codeAt(id, at) === 45 /* - */) at++;
    hash = Math.imul(hash ^ ((nibble(codeAt(id, at)) << 4) | nibble(codeAt(id, at + 1))), FNV_PRIME);
  }
  return (hash >>> 0) % LOGICAL_SHARDS;
}

/** The logical shard of an index key (see `indexKey`): FNV-1a over its UTF-8 bytes, the type tag among them. */
export function shardOfValue(key: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < key.length; at++) {
    const code = codeAt(key, at);
    if (code > 127) return hashBytes(Buffer.from(key, 'utf8'));
    hash = Math.imul(hash ^ code, FNV_PRIME);
  }
  return (hash >>> 0) % LOGICAL_SHARDS;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hashBytes(bytes: Uint8Array): number {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % LOGICAL_SHARDS;
}

/** The value of a lower-case hex digit. */
function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

function isRfcVariant(code: number): boolean {
  return code === 56 || code === 57 || code === 97 || code === 98; // 8, 9, a, b
}
