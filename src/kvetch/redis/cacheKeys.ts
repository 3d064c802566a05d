import { createHash } from 'node:crypto';
import { shardOfId, shardOfValue } from '../ids/routing.ts';

/** The key of an entry and the key of its lease: the shard in braces keeps both in one slot of a Cluster. */
export interface CacheKey {
  readonly entry: string;
  readonly lease: string;
  /** The slot of both. */
  readonly slot: number;
}

/** Names entries: `<prefix>{<shard>}:o:<id>`, `:e:<edgeId>:<fromId>`, `:x:<index>:<digest of the value>`. */
export class CacheKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  object(id: string): CacheKey {
    return this.#key(shardOfId(id), `o:${id}`);
  }

  list(edgeId: number, fromId: string): CacheKey {
    return this.#key(shardOfId(fromId), `e:${edgeId}:${fromId}`);
  }

  entries(index: string, value: string): CacheKey {
    const digest = createHash('sha256').update(value).digest('hex').slice(0, 32);
    return this.#key(shardOfValue(value), `x:${index}:${digest}`);
  }

  #key(shard: number, name: string): CacheKey {
    const tag = shard.toString(16).padStart(3, '0');
    const start = `${this.#prefix}{${tag}}:`;
    return { entry: `${start}${name}`, lease: `${start}L:${name}`, slot: slotOf(tag) };
  }
}

/** The slot of a Cluster that a tag of three ASCII characters belongs to: CRC-16/XMODEM modulo 16,384. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (let at = 0; at < tag.length; at++) {
    crc ^= tag.charCodeAt(at) << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc % 16_384;
}
