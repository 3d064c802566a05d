/** Positions of a response: response keys, `*` for the items of a list, joined by dots; the root is empty. */

/** Whether a position is another one, or above it. */
export function covers(at: string, other: string): boolean {
  return at === '' || at === other || other.startsWith(`${at}.`);
}

export function join(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

/** The position of the field whose list or value is at a position. */
export function fieldOf(at: string): string {
  return at.replace(/(\.\*)+$/, '');
}

/** Without those that others cover. */
export function topmost(all: Iterable<string>): string[] {
  const positions = [...new Set(all)];
  return positions.filter((at) => !positions.some((other) => other !== at && covers(other, at)));
}
