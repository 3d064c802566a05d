/** How many characters a key of `extensions.reactive` has (spec chapter 11). Servers and clients split texts by it. */
export const WIRE_KEY_CHARS = 16;

/** The wire keys in a text that has them one behind the other. */
export function splitKeys(text: string): readonly string[] {
  const keys = new Array<string>(Math.ceil(text.length / WIRE_KEY_CHARS));
  for (let at = 0; at < keys.length; at++) keys[at] = text.slice(at * WIRE_KEY_CHARS, (at + 1) * WIRE_KEY_CHARS);
  return keys;
}
