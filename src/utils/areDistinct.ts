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
  const last = (1 << (35 - Math.clz32(texts.length))) - 1;
  const places = new Uint16Array(last + 1);
  let collisions = 0;
  let count = 0;
  for (const text of texts) {
    let place = hashOf(text) & last;
    for (let taken = places[place] ?? 0; taken !== 0; taken = places[place] ?? 0) {
      if (texts[taken - 1] === text) return false;
      if (++collisions > texts.length) return areAllInSet(texts);
      place = (place + 1) & last;
    }
    places[place] = ++count;
  }
  return true;
}

/** Of the last four characters: the ends of ids are random. */
function hashOf(text: string): number {
  const end = text.length - 1;
  if (end < 3) return end;
  return (
    codeAt(text, end) ^ (codeAt(text, end - 1) << 4) ^ (codeAt(text, end - 2) << 8) ^ (codeAt(text, end - 3) << 12)
  );
}
