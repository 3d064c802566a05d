import { type CodePlace, placeOf, stackOf } from '../utils/codePlace.ts';

const KEY = Symbol.for('planql.copies');

/** Where the copies of planql in this process were loaded: all of them share this list. */
const copies: CodePlace[] = Reflect.get(globalThis, KEY) ?? [];
Reflect.set(globalThis, KEY, copies);
copies.push(stackOf(stackOf, 1));

/** A hint for the error about a step outside of planning. Empty, unless several copies of planql are loaded. */
export function hintOfCopies(): string {
  if (copies.length < 2) return '';
  const files = copies.map((place) => placeOf(place).replace(/(?::\d+){1,2}$/, ''));
  return ` There are ${copies.length} copies of planql in this process, and one cannot plan the steps of another: ${files.join(', ')}. Install one version ("npm ls planql" shows all), and load it either by import or by require.`;
}
