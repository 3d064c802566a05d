/** How many characters a key of `extensions.reactive` has (spec chapter 11). Servers and clients split texts by it. */
export const WIRE_KEY_CHARS = 16;

/** In the place of keys that have changed: all of them may have. */
export const ALL_KEYS = '*';

/** The wire keys in a text that has them one behind the other. */
export function splitKeys(text: string): readonly string[] {
  const keys: string[] = [];
  for (let at = 0; at < text.length; at += WIRE_KEY_CHARS) keys.push(text.slice(at, at + WIRE_KEY_CHARS));
  return keys;
}
