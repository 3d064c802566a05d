import { createHash } from 'node:crypto';
import { LOGICAL_SHARDS, shardOfId, shardOfValue } from '../ids/routing.ts';

/** Where the keys of a shard lie. */
interface ShardPlace {
  /** What its keys begin with: the shard in braces keeps an entry and its lease in one slot of a Cluster. */
  readonly start: string;
  readonly slot: number;
}

/** The key of an entry and the key of its lease. */
export class CacheKey {
  readonly entry: string;
  readonly place: ShardPlace;

  constructor(place: ShardPlace, name: string) {
    this.entry = place.start + name;
    this.place = place;
  }

  get lease(): string {
    const { start } = this.place;
    return `${start}L:${this.entry.slice(start.length)}`;
  }

  /** The slot of both. */
  get slot(): number {
    return this.place.slot;
  }
}

/** A longer value is known by its digest. Values begin with a letter, so none is taken for the digest of another. */
const MAX_VALUE = 64;

/** Names entries: `<prefix>{<shard>}:o:<id>`, `:e:<edgeId>:<fromId>`, `:x:<index>:<value>` or `:x:<index>:#<digest>`. */
export class CacheKeys {
  readonly #prefix: string;
  readonly #places: (ShardPlace | undefined)[] = new Array(LOGICAL_SHARDS);

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  object(id: string): CacheKey {
    return new CacheKey(this.#place(shardOfId(id)), `o:${id}`);
  }

  list(edgeId: number, fromId: string): CacheKey {
    return new CacheKey(this.#place(shardOfId(fromId)), `e:${edgeId}:${fromId}`);
  }

  entries(index: string, value: string): CacheKey {
    const name =
      value.length <= MAX_VALUE ? value : `#${createHash('sha256').update(value).digest('hex').slice(0, 32)}`;
    return new CacheKey(this.#place(shardOfValue(value)), `x:${index}:${name}`);
  }

  #place(shard: number): ShardPlace {
    let place = this.#places[shard];
    if (place === undefined) {
      const tag = shard.toString(16).padStart(3, '0');
      place = { start: `${this.#prefix}{${tag}}:`, slot: slotOf(tag) };
      this.#places[shard] = place;
    }
    return place;
  }
}

/** The slot of a Cluster that a tag of three ASCII characters belongs to: CRC-16/XMODEM modulo 16,384. */
function slotOf(tag: string): number {
  let crc = 0;
  for (let at = 0; at < tag.length; at++) {
    crc ^= tag.charCodeAt(at) << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc % 16_384;
}
