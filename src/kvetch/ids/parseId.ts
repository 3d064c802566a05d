const canonicalId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const bareHex = /^[0-9a-f]{32}$/;

/**
 * The canonical text of an id: 36 characters, lower case, with hyphens. Upper case and 32 hex digits without hyphens
 * are accepted; anything else is `null`. Canonical ids sort as text exactly as their 16 bytes do.
 */
export function parseId(seen: unknown): string | null {
  if (typeof seen !== 'string') return null;
  if (seen.length === 36) {
    if (canonicalId.test(seen)) return seen;
    const lower = seen.toLowerCase();
    return canonicalId.test(lower) ? lower : null;
  }
  if (seen.length !== 32) return null;
  const lower = seen.toLowerCase();
  return bareHex.test(lower) ? idFromHex(lower) : null;
}

/** Puts the hyphens into 32 lower-case hex digits. */
export function idFromHex(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
