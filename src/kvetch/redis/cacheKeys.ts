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

/** A text that was found under a key, with the answer parsed from it. An equal text need not be parsed again. */
export interface Seen {
  readonly text: string;
  /** The bytes of the text, a character each. */
  readonly bytes: string;
  readonly request: unknown;
  readonly answer: unknown;
}

/** Keys that are remembered, and forgotten, together. */
type KeyHome = KeysOfId | KeyOfValue;

/** The key of an entry. */
export class CacheKey {
  readonly entry: string;
  readonly place: ShardPlace;
  /** The last text that was found under this key. */
  seen: Seen | null = null;
  /** `null` for a key that is not remembered. */
  readonly home: KeyHome | null;
  #wire: string | null = null;

  constructor(place: ShardPlace, name: string, home: KeyHome | null) {
    this.entry = place.start + name;
    this.place = place;
    this.home = home;
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
  readonly object: CacheKey;
  readonly ofEdges: Array<{ readonly kind: 'e' | 'c'; readonly edgeId: number; readonly key: CacheKey }> = [];

  constructor(id: string, place: ShardPlace) {
    this.name = id;
    this.place = place;
    this.object = new CacheKey(place, `o:${id}`, this);
  }

  /** `e`: the list; `c`: its count. */
  ofEdge(kind: 'e' | 'c', edgeId: number): CacheKey {
    for (const one of this.ofEdges) if (one.edgeId === edgeId && one.kind === kind) return one.key;
    const key = new CacheKey(this.place, `${kind}:${edgeId}:${this.name}`, this);
    this.ofEdges.push({ kind, edgeId, key });
    return key;
  }

  /** In characters, roughly. */
  get size(): number {
    let size = ROW_CHARS + (this.object.seen?.text.length ?? 0);
    for (const { key } of this.ofEdges) size += ROW_CHARS + (key.seen?.text.length ?? 0);
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
    return ROW_CHARS + (this.key.seen?.text.length ?? 0);
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
    return this.#of(fromId).ofEdge('e', edgeId);
  }

  count(edgeId: number, fromId: string): CacheKey {
    return this.#of(fromId).ofEdge('c', edgeId);
  }

  /** The keys of the entries that a write to an edge changes. */
  written({ edgeId, fromId }: { readonly edgeId: number; readonly fromId: string }): readonly CacheKey[] {
    const keys = this.#of(fromId);
    return [keys.ofEdge('e', edgeId), keys.ofEdge('c', edgeId)];
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
  remember(key: CacheKey, text: string, request: unknown, answer: unknown): void {
    const { home } = key;
    if (home === null || text.length > MAX_SEEN_CHARS) return;
    const isAscii = Buffer.byteLength(text) === text.length;
    key.seen = { text, bytes: isAscii ? text : Buffer.from(text).toString('latin1'), request, answer };
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
