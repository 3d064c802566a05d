import { createHash } from 'node:crypto';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { parseId } from '../ids/parseId.ts';
import type { Condition, KeyAttribute, ListSource } from '../schema/KvetchSchema.ts';
import { indexKey } from './indexKey.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** The index keys of some attributes; `null` where one is absent. Throws a `BadValueError` for one that cannot be a key. */
export function keysOf(
  attrs: readonly KeyAttribute[],
  attributes: Attributes,
  place: string,
): readonly string[] | null {
  const keys: string[] = [];
  for (const { attr, kind } of attrs) {
    const value = attributes[attr];
    if (value === undefined || value === null) return null;
    keys.push(indexKey(kind, value, `${place}.${attr}`));
  }
  return keys;
}

/** The keys of several attributes as one text; the key of one attribute is unchanged. */
export function joinKeys(keys: readonly string[], place: string): string {
  const [only = ''] = keys;
  return keys.length === 1 ? only : indexKey('string', JSON.stringify(keys), place);
}

/**
 * The id of the source of a list by values: a UUID of version 8 made of the SHA-256 of the list's name and the values'
 * keys. So it routes as ids of objects do, and equals the id of an object only if somebody made that on purpose.
 */
function sourceOf({ index }: ListSource, keys: readonly string[], part: number): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([index, part, ...keys]))
    .digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** So many characters of the values of a list are kept with the ids that stand for them, and so many of the last values. */
const MAX_KEPT_CHARS = 200;
const MAX_KEPT = 64;

const kept = new WeakMap<ListSource, Map<string, readonly string[]>>();

/** The ids of all parts of a list. Those of the last values are kept: a hash costs more than all else that reads a row. */
export function sourcesOf(source: ListSource, keys: readonly string[]): readonly string[] {
  const text = JSON.stringify(keys);
  const known = getOrCreate(kept, source, () => new Map<string, readonly string[]>());
  const found = known.get(text);
  if (found !== undefined) return found;
  const ids = Array.from({ length: source.parts }, (_, part) => sourceOf(source, keys, part));
  if (text.length <= MAX_KEPT_CHARS) {
    if (known.size >= MAX_KEPT) known.clear();
    known.set(text, ids);
  }
  return ids;
}

/** The id of the part of a list that has an object. */
export function sourceOfObject(source: ListSource, keys: readonly string[], id: string): string {
  const part = partOf(source, id);
  return kept.get(source)?.get(JSON.stringify(keys))?.[part] ?? sourceOf(source, keys, part);
}

/** In which part of a list that is spread an object is: by the last bits of its id, which are random. */
export function partOf({ parts }: ListSource, id: string): number {
  return parts === 1 ? 0 : Number.parseInt((parseId(id) ?? id).slice(-8), 16) % parts;
}

/** Whether attributes are as a list wants them. Throws as `keysOf` does. */
export function isListed(where: readonly Condition[], attributes: Attributes, place: string): boolean {
  for (const { attr, kind, keys } of where) {
    const value = attributes[attr];
    const key = value === undefined || value === null ? null : indexKey(kind, value, `${place}.${attr}`);
    if (!keys.has(key)) return false;
  }
  return true;
}
