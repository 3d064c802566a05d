import { codeAt } from '../../utils/codeAt.ts';

const bareHex = /^[0-9a-f]{32}$/;

const HYPHEN = 45;
/** By character code: 0 for a lower-case hex digit, else 1. */
const notHex = new Uint8Array(1 << 16).fill(1);
for (const digit of '0123456789abcdef') notHex[codeAt(digit, 0)] = 0;

/**
 * The canonical text of an id: 36 characters, lower case, with hyphens. Upper case and 32 hex digits without hyphens
 * are accepted; anything else is `null`. Canonical ids sort as text exactly as their 16 bytes do.
 */
export function parseId(seen: unknown): string | null {
  if (typeof seen !== 'string') return null;
  if (seen.length === 36) {
    if (isCanonical(seen)) return seen;
    const lower = seen.toLowerCase();
    return lower.length === 36 && isCanonical(lower) ? lower : null;
  }
  if (seen.length !== 32) return null;
  const lower = seen.toLowerCase();
  return bareHex.test(lower) ? idFromHex(lower) : null;
}

/** Every id that is asked for passes here. It has no branches: a regular expression takes three times as long. */
function isCanonical(text: string): boolean {
  const places =
    (codeAt(text, 8) ^ HYPHEN) |
    (codeAt(text, 13) ^ HYPHEN) |
    (codeAt(text, 18) ^ HYPHEN) |
    (codeAt(text, 23) ^ HYPHEN);
  const first = fourAt(text, 0) | fourAt(text, 4) | fourAt(text, 9) | fourAt(text, 14);
  const last = fourAt(text, 19) | fourAt(text, 24) | fourAt(text, 28) | fourAt(text, 32);
  return (places | first | last) === 0;
}

/** 0 for four hex digits. */
function fourAt(text: string, at: number): number {
  return notHexAt(text, at) | notHexAt(text, at + 1) | notHexAt(text, at + 2) | notHexAt(text, at + 3);
}

function notHexAt(text: string, at: number): number {
  return notHex[codeAt(text, at)] as number;
}

/** Puts the hyphens into 32 lower-case hex digits. */
export function idFromHex(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
