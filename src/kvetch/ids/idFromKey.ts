import { createHash } from 'node:crypto';
import { idFromHex } from './parseId.ts';

/**
 * The id that an idempotency key stands for: a version 8 UUID cut from the SHA-256 of type and key. With a `shard`
 * the id routes there; without, the hash decides. The same arguments give the same id in every process.
 */
export function idFromKey(typeId: number, key: string, shard: number | null): string {
  const hex = createHash('sha256').update(`${typeId}:${key}`).digest('hex');
  const route = shard === null ? hex.slice(13, 16) : shard.toString(16).padStart(3, '0');
  const variant = (0x8 | (Number.parseInt(hex.charAt(16), 16) & 0x3)).toString(16);
  return idFromHex(`${hex.slice(0, 12)}8${route}${variant}${hex.slice(17, 32)}`);
}
