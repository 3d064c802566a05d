const numbers = new WeakMap<object, number>();
const symbols = new Map<symbol, number>();
let last = 0;

/**
 * A text that is equal for structurally equal plain data, and for nothing else: `1` and `"1"` differ. What is no plain
 * data (instances of classes, functions, symbols, cycles) counts by identity, since what it holds cannot be seen.
 */
export function valueKey(value: unknown): string {
  return keyOf(value, []);
}

function keyOf(value: unknown, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return symbolKey(value);
    case 'function':
      return identityKey(value);
    case 'object':
      return value === null ? 'null' : objectKey(value, above);
    default:
      return String(value);
  }
}

function objectKey(value: object, above: readonly object[]): string {
  if (value instanceof Date) return `@${value.getTime()}`;
  if (above.includes(value)) return identityKey(value);
  const inner = [...above, value];
  if (Array.isArray(value)) return `[${value.map((item) => keyOf(item, inner)).join(',')}]`;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return identityKey(value);
  const record = value as Record<string, unknown>;
  const names = Object.keys(record).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${keyOf(record[name], inner)}`).join(',')}}`;
}

function identityKey(value: object): string {
  let number = numbers.get(value);
  if (number === undefined) {
    number = ++last;
    numbers.set(value, number);
  }
  return `#${number}`;
}

function symbolKey(value: symbol): string {
  let number = symbols.get(value);
  if (number === undefined) {
    number = ++last;
    symbols.set(value, number);
  }
  return `#${number}`;
}
