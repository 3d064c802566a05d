import { createHash } from 'node:crypto';
import { ownText } from '../../utils/ownText.ts';
import { Recent, type Sized } from '../../utils/Recent.ts';
import { LOGICAL_SHARDS, shardOfId, shardOfValue } from '../ids/routing.ts';
import { isOrdered } from '../schema/listNumbers.ts';

/** The part of the key space that belongs to a shard. */
interface ShardPlace {
  /** The prefix of its keys. The shard in braces keeps them in one slot of a Cluster. */
  readonly start: string;
  readonly slot: number;
}

/** Of a key that belongs to no list. */
const NO_EDGE = -1;

/** What is kept of a list: its first edges, its last ones, how many it has, the sum of what it is ordered by. */
type Part = 'e' | 'r' | 'c' | 's';

/** Requests for one key that have equal signs get the same answer from its text. */
export type Sign = number | string;

/**
 * The key of an entry, with the last text that was found under it and the answer parsed from that: an equal text need
 * not be parsed again. All in one object: of hundreds of keys in a read, each object is another place in memory.
 */
export class CacheKey implements Sized {
  readonly entry: string;
  /** `''` as long as none was found. */
  text = '';
  /** The bytes of the text, a character each. */
  bytes = '';
  /** Of the request that was answered. */
  sign: Sign = 0;
  answer: unknown = null;
  #wire: string | null = null;
  readonly place: ShardPlace;
  /** The key by which it is remembered: an id, or the name of a value. `null`: it is not remembered. */
  readonly name: string | null;
  /** The list that this is a key of, and the part of it. */
  readonly edgeId: number;
  readonly part: Part | null;
  /** The first key of the same id, which is remembered and forgotten with all behind it. */
  readonly first: CacheKey;
  next: CacheKey | null = null;
  counted = 0;

  constructor(
    place: ShardPlace,
    entry: string,
    name: string | null,
    edgeId: number = NO_EDGE,
    part: Part | null = null,
    first: CacheKey | null = null,
  ) {
    this.entry = place.start + entry;
    this.place = place;
    this.name = name;
    this.edgeId = edgeId;
    this.part = part;
    this.first = first ?? this;
  }

  /** The key as a word of Redis' protocol. */
  get wire(): string {
    this.#wire ??= ownText(`$${Buffer.byteLength(this.entry)}\r\n${this.entry}\r\n`);
    return this.#wire;
  }

  get slot(): number {
    return this.place.slot;
  }

  /** Of this key and those behind it: in characters, roughly. */
  get size(): number {
    let size = 0;
    for (let key: CacheKey | null = this; key !== null; key = key.next) size += ROW_CHARS + key.text.length;
    return size;
  }
}

/** The memory of a key and its parsed rows, beside their text. */
const ROW_CHARS = 300;
const MAX_KNOWN = 20_000;
/** A longer text is not remembered: it would evict hundreds of others. */
const MAX_SEEN_CHARS = 1 << 16;

/** A longer value is replaced by its digest. Values begin with a letter, so no value equals the digest of another. */
const MAX_VALUE = 64;

/**
 * Names entries: `<prefix>{<shard>}:o:<id>`, `:e:<edgeId>:<fromId>`, `:r:…`, `:c:…` and `:s:…` likewise, `:x:<index>:<value>` or
 * `:x:<index>:#<digest>`, and `:y:…` likewise.
 * Keys of ids and values that were read of late are remembered with the text that was found: building and parsing them
 * again took a third of the CPU time of a warm read.
 */
export class CacheKeys {
  readonly #prefix: string;
  readonly #places: (ShardPlace | undefined)[] = new Array(LOGICAL_SHARDS);
  /** By id, or by name: no id begins like the name of a value. */
  readonly #known: Recent<CacheKey>;

  /** `maxSeenChars` limits the remembered keys and texts. */
  constructor(prefix: string, maxSeenChars: number) {
    this.#prefix = prefix;
    this.#known = new Recent(MAX_KNOWN, maxSeenChars);
  }

  object(id: string): CacheKey {
    return this.#of(id, NO_EDGE, null);
  }

  /** Of the first edges, or of the last ones. */
  list(edgeId: number, fromId: string, isFromEnd: boolean): CacheKey {
    return this.#of(fromId, edgeId, isFromEnd ? 'r' : 'e');
  }

  count(edgeId: number, fromId: string): CacheKey {
    return this.#of(fromId, edgeId, 'c');
  }

  sum(edgeId: number, fromId: string): CacheKey {
    return this.#of(fromId, edgeId, 's');
  }

  /** What every write to a list changes: its count, and its sum, which only an ordered list has. */
  counted({ edgeId, fromId }: { readonly edgeId: number; readonly fromId: string }): readonly CacheKey[] {
    const count = this.count(edgeId, fromId);
    return isOrdered(edgeId) ? [count, this.sum(edgeId, fromId)] : [count];
  }

  /** The keys of the entries that a write to an edge changes. */
  written(edge: { readonly edgeId: number; readonly fromId: string }): readonly CacheKey[] {
    const { edgeId, fromId } = edge;
    return [this.list(edgeId, fromId, false), this.list(edgeId, fromId, true), ...this.counted(edge)];
  }

  /** The keys of the entries that a write to an index entry changes. */
  writtenEntry({ index, value }: { readonly index: string; readonly value: string }): readonly CacheKey[] {
    return [this.entries(index, value, false), this.entries(index, value, true)];
  }

  /** Of the first entries of a value, or of the last ones. */
  entries(index: string, value: string, isFromEnd: boolean): CacheKey {
    const short =
      value.length <= MAX_VALUE ? value : `#${createHash('sha256').update(value).digest('hex').slice(0, 32)}`;
    const name = `${isFromEnd ? 'y' : 'x'}:${index}:${short}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const key = new CacheKey(this.#place(shardOfValue(value)), name, name);
    this.#known.add(name, key);
    return key;
  }

  /** The keys of the entries that a dependency key stands for. */
  ofDependency(key: string): readonly CacheKey[] {
    const [kind, name = '', ...rest] = key.split(':');
    if (kind === 'o') return [this.object(name)];
    if (kind === 'e') return this.written({ edgeId: Number(name), fromId: rest.join(':') });
    return kind === 'i' ? this.writtenEntry({ index: name, value: rest.join(':') }) : [];
  }

  /** Where the epoch is noted. */
  epoch(): CacheKey {
    return new CacheKey(this.#place(0), 'epoch', null);
  }

  /** Remembers the value of a key. */
  remember(key: CacheKey, text: string, sign: Sign, answer: unknown): void {
    const { name, first } = key;
    if (name === null || text.length > MAX_SEEN_CHARS) return;
    const isAscii = Buffer.byteLength(text) === text.length;
    key.text = text;
    key.bytes = isAscii ? text : Buffer.from(text).toString('latin1');
    key.sign = sign;
    key.answer = answer;
    this.#known.resized(name, first);
  }

  #of(id: string, edgeId: number, part: Part | null): CacheKey {
    const first = this.#known.get(id) ?? null;
    for (let key = first; key !== null; key = key.next) if (key.edgeId === edgeId && key.part === part) return key;
    const place = first?.place ?? this.#place(shardOfId(id));
    const entry = part === null ? `o:${id}` : `${part}:${edgeId}:${id}`;
    const key = new CacheKey(place, entry, id, edgeId, part, first);
    if (first === null) this.#known.add(id, key);
    else {
      key.next = first.next;
      first.next = key;
    }
    return key;
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
