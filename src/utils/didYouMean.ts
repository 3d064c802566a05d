/** The sentence ` Did you mean "a", "b", or "c"?` for the known names nearest to `seen`, or an empty text. */
export function didYouMean(seen: string, known: Iterable<string>): string {
  const names = suggestions(seen, known).map((name) => `"${name}"`);
  if (names.length === 0) return '';
  const last = names.pop();
  const list = names.length === 0 ? last : `${names.join(', ')} or ${last}`;
  return ` Did you mean ${list}?`;
}

/** The at most five names of `known` that are within an edit or two of `seen`, nearest first. */
function suggestions(seen: string, known: Iterable<string>): string[] {
  const threshold = Math.floor(seen.length * 0.4) + 1;
  const near: { name: string; distance: number }[] = [];
  for (const name of known) {
    const distance = seen.toLowerCase() === name.toLowerCase() ? 0 : editDistance(seen, name, threshold);
    if (distance <= threshold) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, 5).map(({ name }) => name);
}

/** Levenshtein distance, or `limit + 1` as soon as it is known to be above `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    if (Math.min(...current) > limit) return limit + 1;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
