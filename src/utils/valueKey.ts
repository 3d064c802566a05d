const numbers = new WeakMap<object, number>();
const symbols = new Map<symbol, number>();
let last = 0;

/**
 * A text that is equal for structurally equal plain data, and for nothing else: `1` and `"1"` differ. All other values
 * (instances of classes, functions, symbols, cycles) count by identity, since their state cannot be seen.
 */
export function valueKey(value: unknown): string {
  return keyOf(value, []);
}

/** `above` are the objects that the value lies in. */
function keyOf(value: unknown, above: object[]): string {
  switch (typeof value) {
    case 'string':
      return textKey(value);
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

/** With its length a text needs neither an end nor escapes. */
function textKey(text: string): string {
  return `"${text.length}:${text}`;
}

function objectKey(value: object, above: object[]): string {
  if (value instanceof Date) return `@${value.getTime()}`;
  if (above.includes(value)) return identityKey(value);
  if (Array.isArray(value)) {
    above.push(value);
    let key = '[';
    for (let at = 0; at < value.length; at++) key += `${at === 0 ? '' : ','}${keyOf(value[at], above)}`;
    above.pop();
    return `${key}]`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return identityKey(value);
  above.push(value);
  const record = value as Record<string, unknown>;
  let key = '{';
  for (const name of Object.keys(record).sort()) key += `${textKey(name)}:${keyOf(record[name], above)},`;
  above.pop();
  return `${key}}`;
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
