import stringify from 'fast-json-stable-stringify';

/**
 * A text that is equal for structurally equal JSON values, whatever the order of their keys, and different otherwise:
 * `1` and `"1"` differ, as do `null` and an absent key.
 */
export function stableKey(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'object':
      return stringify(value);
    case 'bigint':
      return `${value}n`;
    default:
      return String(value);
  }
}
