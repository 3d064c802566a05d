const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Bytes in URL-safe Base64, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** A text in URL-safe Base64, without padding. */
export function textToBase64Url(value: string): string {
  return typeof Buffer === 'function' ? Buffer.from(value).toString('base64url') : toBase64Url(utf8.encode(value));
}

/**
 * The text that was encoded.
 *
 * @throws an error for some texts that are no Base64; others yield any text.
 */
export function textOfBase64Url(encoded: string): string {
  if (typeof Buffer === 'function') return Buffer.from(encoded, 'base64url').toString();
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
  return text.decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
