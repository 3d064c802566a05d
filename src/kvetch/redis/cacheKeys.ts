import { createHash } from 'node:crypto';
import { ownText } from '../../utils/ownText.ts';
import { Recent, type Sized } from '../../utils/Recent.ts';
import { LOGICAL_SHARDS, shardOfId, shardOfValue } from '../ids/routing.ts';

/** The part of the key space that belongs to a shard. */
interface ShardPlace {
  /** The prefix of its keys. The shard in braces keeps them in one slot of a Cluster. */
  readonly start: string;
  readonly slot: number;
}

/** Tells requests for one key apart that its text answers in different ways. */
export type Sign = number | string;

/** Keys that are remembered, and forgotten, together. */
type KeyHome = KeysOfId | KeyOfValue;

/**
 * The key of an entry, with the last text that was found under it and the answer parsed from that: an equal text need
 * not be parsed again. All in one object: of hundreds of keys in a read, each object is another place in memory.
 */
export class CacheKey {
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
  /** `null` for a key that is not remembered. */
  readonly home: KeyHome | null;
  /** Which list of an id this is the key of, or of whose count; -1 for any other key. */
  readonly edgeId: number;
  readonly isCount: boolean;
  /** Another one of the same id. */
  readonly next: CacheKey | null;

  constructor(
    place: ShardPlace,
    name: string,
    home: KeyHome | null,
    edgeId = -1,
    isCount = false,
    next: CacheKey | null = null,
  ) {
    this.entry = place.start + name;
    this.place = place;
    this.home = home;
    this.edgeId = edgeId;
    this.isCount = isCount;
    this.next = next;
  }

  /** The key as a word of Redis' protocol. */
  get wire(): string {
    this.#wire ??= ownText(`$${Buffer.byteLength(this.entry)}\r\n${this.entry}\r\n`);
    return this.#wire;
  }

  get slot(): number {
    return this.place.slot;
  }
}

/** The keys of an object and of the lists that belong to it, with their counts. */
class KeysOfId implements Sized {
  counted = 0;
  readonly name: string;
  readonly place: ShardPlace;
  #object: CacheKey | null = null;
  /** Those of its lists and counts. */
  #first: CacheKey | null = null;

  constructor(id: string, place: ShardPlace) {
    this.name = id;
    this.place = place;
  }

  get object(): CacheKey {
    this.#object ??= new CacheKey(this.place, `o:${this.name}`, this);
    return this.#object;
  }

  /** The key of a list, or of its count. */
  ofEdge(edgeId: number, isCount: boolean): CacheKey {
    for (let key = this.#first; key !== null; key = key.next) {
      if (key.edgeId === edgeId && key.isCount === isCount) return key;
    }
    const name = `${isCount ? 'c' : 'e'}:${edgeId}:${this.name}`;
    this.#first = new CacheKey(this.place, name, this, edgeId, isCount, this.#first);
    return this.#first;
  }

  /** In characters, roughly. */
  get size(): number {
    let size = ROW_CHARS + (this.#object?.text.length ?? 0);
    for (let key = this.#first; key !== null; key = key.next) size += ROW_CHARS + key.text.length;
    return size;
  }
}

/** The key of an index value. */
class KeyOfValue implements Sized {
  counted = 0;
  readonly name: string;
  readonly key: CacheKey;

  constructor(name: string, place: ShardPlace) {
    this.name = name;
    this.key = new CacheKey(place, name, this);
  }

  get size(): number {
    return ROW_CHARS + this.key.text.length;
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
 * Names entries: `<prefix>{<shard>}:o:<id>`, `:e:<edgeId>:<fromId>`, `:c:<edgeId>:<fromId>`, `:x:<index>:<value>` or
 * `:x:<index>:#<digest>`.
 * Keys of ids and values that were read of late are remembered with the text that was found: building and parsing them
 * again took a third of the CPU time of a warm read.
 */
export class CacheKeys {
  readonly #prefix: string;
  readonly #places: (ShardPlace | undefined)[] = new Array(LOGICAL_SHARDS);
  /** By id, or by name: no id begins like the name of a value. */
  readonly #known: Recent<KeyHome>;

  /** `maxSeenChars` limits the remembered keys and texts. */
  constructor(prefix: string, maxSeenChars: number) {
    this.#prefix = prefix;
    this.#known = new Recent(MAX_KNOWN, maxSeenChars);
  }

  object(id: string): CacheKey {
    return this.#of(id).object;
  }

  list(edgeId: number, fromId: string): CacheKey {
    return this.#of(fromId).ofEdge(edgeId, false);
  }

  count(edgeId: number, fromId: string): CacheKey {
    return this.#of(fromId).ofEdge(edgeId, true);
  }

  /** The keys of the entries that a write to an edge changes. */
  written({ edgeId, fromId }: { readonly edgeId: number; readonly fromId: string }): readonly CacheKey[] {
    const keys = this.#of(fromId);
    return [keys.ofEdge(edgeId, false), keys.ofEdge(edgeId, true)];
  }

  entries(index: string, value: string): CacheKey {
    const short =
      value.length <= MAX_VALUE ? value : `#${createHash('sha256').update(value).digest('hex').slice(0, 32)}`;
    const name = `x:${index}:${short}`;
    const known = this.#known.get(name);
    if (known instanceof KeyOfValue) return known.key;
    const home = new KeyOfValue(name, this.#place(shardOfValue(value)));
    this.#known.add(name, home);
    return home.key;
  }

  /** The keys of the entries that a dependency key stands for. */
  ofDependency(key: string): readonly CacheKey[] {
    const [kind, name = '', ...rest] = key.split(':');
    if (kind === 'o') return [this.object(name)];
    if (kind === 'e') return this.written({ edgeId: Number(name), fromId: rest.join(':') });
    return kind === 'i' ? [this.entries(name, rest.join(':'))] : [];
  }

  /** Where the epoch is noted. */
  epoch(): CacheKey {
    return new CacheKey(this.#place(0), 'epoch', null);
  }

  /** Remembers the value of a key. */
  remember(key: CacheKey, text: string, sign: Sign, answer: unknown): void {
    const { home } = key;
    if (home === null || text.length > MAX_SEEN_CHARS) return;
    const isAscii = Buffer.byteLength(text) === text.length;
    key.text = text;
    key.bytes = isAscii ? text : Buffer.from(text).toString('latin1');
    key.sign = sign;
    key.answer = answer;
    this.#known.resized(home.name, home);
  }

  #of(id: string): KeysOfId {
    let keys = this.#known.get(id);
    if (!(keys instanceof KeysOfId)) {
      keys = new KeysOfId(id, this.#place(shardOfId(id)));
      this.#known.add(id, keys);
    }
    return keys;
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
