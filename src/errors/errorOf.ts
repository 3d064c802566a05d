/** A thrown value, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(thrown), { cause: thrown });
}

/** Not all values have a text: objects without a prototype have none. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `A value of the type "${typeof thrown}" was thrown, which has no text.`;
  }
}
