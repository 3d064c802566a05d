import { type CodePlace, placeOf, stackOf } from '../utils/codePlace.ts';
import { version } from '../utils/version.ts';

interface Copy {
  readonly version: string;
  readonly place: CodePlace;
}

const KEY = Symbol.for('planql.copies');

/** The property of steps that tells the version of their planql. */
export const VERSION: unique symbol = Symbol.for('planql.version');

/** Where this copy was loaded. */
const own: Copy = { version, place: stackOf(stackOf, 1) };

/** The copies that have planned something, or tried to: all copies share this set. */
const copies: Set<Copy> = Reflect.get(globalThis, KEY) ?? new Set();
Reflect.set(globalThis, KEY, copies);

/** Notes that this copy is in use. Files that were loaded a second time may be none (decision build-one-copy). */
export function noteCopy(): void {
  copies.add(own);
}

/** A hint for errors about steps of another copy. Empty, unless several copies of planql are in use. */
export function hintOfCopies(): string {
  if (copies.size < 2) return '';
  const list = [...copies].map((copy) => `${copy.version} (${placeOf(copy.place).replace(/(?::\d+){1,2}$/, '')})`);
  return ` There are ${copies.size} copies of planql in this process, and one cannot plan the steps of another: ${list.join(', ')}. Install one version of planql and of graphql ("npm ls planql graphql" shows all), and load graphql either by import or by require.`;
}

/** The version of planql that made a step, as any copy tells it; null for other values. */
export function versionOfStep(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const made: unknown = Reflect.get(value, VERSION);
  return typeof made === 'string' ? made : null;
}
