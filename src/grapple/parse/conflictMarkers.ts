/** Whether git has left a line in a file where two branches disagree. */
export function isConflictMarker(line: string): boolean {
  return /^(<{7}|={7}|>{7})( |\r?$)/.test(line);
}

/** The number of the first such line, from 1; null for none. */
export function conflictIn(text: string): number | null {
  // Seven equals signs alone may be anything.
  const at = text.split('\n').findIndex((line) => isConflictMarker(line) && !line.startsWith('='));
  return at === -1 ? null : at + 1;
}
