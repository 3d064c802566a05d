/** The beginning of a text, as a text of its own: a slice would keep all of the text that it was taken from. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${Buffer.from(text.slice(0, length - 1)).toString()}…`;
}
