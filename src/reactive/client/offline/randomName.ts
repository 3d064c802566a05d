/** A name that nobody else chooses: 32 hex digits. (`crypto.randomUUID` needs HTTPS.) */
export function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
