/** Whether a value holds something that cannot be frozen, so that it must not be shared between readers. */
export interface ShareState {
  mutable: boolean;
}

/** The frozen value that a parsed JSON value stands for: the inverse of `toStored`. */
export function fromStored(stored: unknown, state: ShareState): unknown {
  if (typeof stored !== 'object' || stored === null) return stored;
  if (Array.isArray(stored)) return Object.freeze(stored.map((entry) => fromStored(entry, state)));
  const keys = Object.keys(stored);
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only?.startsWith('$')) return fromTag(only, (stored as Readonly<Record<string, unknown>>)[only], state);
  return fromPlain(stored as Record<string, unknown>, state);
}

/** Rebuilds the values of a fresh parsed object in place, and freezes it. */
function fromPlain(stored: Record<string, unknown>, state: ShareState): unknown {
  for (const key of Object.keys(stored)) {
    const entry = stored[key];
    if (typeof entry !== 'object' || entry === null) continue;
    const value = fromStored(entry, state);
    // JSON.parse makes "__proto__" an ordinary property; assigning to it would not
    if (value !== entry)
      Object.defineProperty(stored, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return Object.freeze(stored);
}

function fromTag(tag: string, content: unknown, state: ShareState): unknown {
  switch (tag) {
    case '$date':
      state.mutable = true;
      return new Date(content as number);
    case '$bytes':
      state.mutable = true;
      return new Uint8Array(Buffer.from(content as string, 'base64'));
    case '$int':
      return BigInt(content as string);
    case '$object':
      return fromPlain(content as Record<string, unknown>, state);
    default:
      throw new TypeError(`Unknown tag ${tag}.`);
  }
}

/** Freezes a parsed JSON value that holds no tags. */
export function freezeJson(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  for (const entry of Object.values(value)) freezeJson(entry);
  Object.freeze(value);
}
