import { watchNested } from './watchPromise.ts';

const MAX_ITEMS = 10;
const MAX_DEPTH = 2;

/** A value as graphql-js writes it in its messages: bounded in depth and length, safe for cycles. */
export function inspect(value: unknown): string {
  return inspectWithin(value, []);
}

function inspectWithin(value: unknown, seen: readonly object[]): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return value.name ? `[function ${value.name}]` : '[function]';
  if (typeof value !== 'object' || value === null) return String(value);
  if (seen.includes(value)) return '[Circular]';
  const within = [...seen, value];
  const toJSON: unknown = 'toJSON' in value ? value.toJSON : undefined;
  watchNested(toJSON); // a getter may have been called
  if (typeof toJSON === 'function') {
    const json: unknown = Reflect.apply(toJSON, value, []);
    if (json !== value) return typeof json === 'string' ? json : inspectWithin(json, within);
  } else if (Array.isArray(value)) {
    return inspectArray(value, within);
  }
  return inspectObject(value, within);
}

function inspectArray(array: readonly unknown[], seen: readonly object[]): string {
  if (array.length === 0) return '[]';
  if (seen.length > MAX_DEPTH) return '[Array]';
  const items = array.slice(0, MAX_ITEMS).map((item) => inspectWithin(item, seen));
  const more = array.length - items.length;
  if (more > 0) items.push(more === 1 ? '... 1 more item' : `... ${more} more items`);
  return `[${items.join(', ')}]`;
}

function inspectObject(object: object, seen: readonly object[]): string {
  const entries = Object.keys(object).map((key): [string, unknown] => {
    const value: unknown = Reflect.get(object, key);
    // A getter may have been called, and the next one may throw.
    watchNested(value);
    return [key, value];
  });
  if (entries.length === 0) return '{}';
  if (seen.length > MAX_DEPTH) return `[${tagOf(object)}]`;
  return `{ ${entries.map(([key, value]) => `${key}: ${inspectWithin(value, seen)}`).join(', ')} }`;
}

function tagOf(object: object): string {
  const tag = Object.prototype.toString.call(object).slice('[object '.length, -1);
  if (tag !== 'Object') return tag;
  const { constructor: made } = object;
  watchNested(made);
  if (typeof made !== 'function') return tag;
  const { name } = made;
  return typeof name === 'string' && name !== '' ? name : tag;
}
