import { codeAt } from './codeAt.ts';

/** Longer lists go to a `Set`: places of 16 bits name no more. */
const MANY = 65_535;

/** Whether all are texts, and none is there twice. Made for ids: those of lists mostly ascend, and the ends of all are random. */
export function areDistinct(values: readonly unknown[]): values is readonly string[] {
  if (areAscending(values)) return true;
  return areTexts(values) && (values.length > MANY ? areAllInSet(values) : haveOwnPlaces(values));
}

function areAscending(values: readonly unknown[]): boolean {
  let last: string | null = null;
  for (const value of values) {
    if (typeof value !== 'string' || (last !== null && last >= value)) return false;
    last = value;
  }
  return true;
}

function areTexts(values: readonly unknown[]): values is readonly string[] {
  return values.every((value) => typeof value === 'string');
}

function areAllInSet(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

/** A third of the cost of a `Set`. Texts that were made to collide go to a `Set`, for nobody can guess its hashes. */
function haveOwnPlaces(texts: readonly string[]): boolean {
  const bits = 35 - Math.clz32(texts.length);
  const last = (1 << bits) - 1;
  const places = new Uint16Array(last + 1);
  let collisions = 0;
  let count = 0;
  for (const text of texts) {
    let place = hashOf(text) >>> (32 - bits);
    for (let taken = places[place] ?? 0; taken !== 0; taken = places[place] ?? 0) {
      if (texts[taken - 1] === text) return false;
      if (++collisions > texts.length) return areAllInSet(texts);
      place = (place + 1) & last;
    }
    places[place] = ++count;
  }
  return true;
}

/** Of the last four characters: the ends of ids are random, or count up. The upper bits are the best. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = Math.max(0, text.length - 4); at < text.length; at++) hash = (hash << 7) ^ codeAt(text, at);
  return Math.imul(hash, 0x9e3779b1);
}
