import { fieldOf } from '../../utils/positions.ts';

/** The keys of a position, without the levels of lists. */
export function pathOf(at: string): string {
  return at.replace(/\.\*/g, '');
}

/** A position, or the list above it below which objects cannot be told apart. */
export function lifted(at: string, unkeyed: ReadonlySet<string>): string {
  const keys = at.split('.');
  for (let n = 1; n < keys.length; n++) {
    const above = keys.slice(0, n).join('.');
    if (keys[n] === '*' && unkeyed.has(above)) return fieldOf(above);
  }
  return fieldOf(at);
}
