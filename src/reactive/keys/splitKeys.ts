import { WIRE_KEY_CHARS, type WireKey } from './WireKeys.ts';

/** The wire keys in a text that has them one behind the other. */
export function splitKeys(text: string): readonly WireKey[] {
  const keys: WireKey[] = [];
  for (let at = 0; at < text.length; at += WIRE_KEY_CHARS) keys.push(text.slice(at, at + WIRE_KEY_CHARS));
  return keys;
}
