/** How many bytes of UTF-8 the JSON of a response takes. It stops counting above `most`. */
export function jsonBytes(response: unknown, most: number): number {
  const open: unknown[] = [response];
  let bytes = 0;
  while (open.length > 0 && bytes <= most) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || hasToJson(value)) bytes += leafBytes(value);
    else if (Array.isArray(value)) {
      bytes += 2 + Math.max(0, value.length - 1);
      // Not all of a long list at once.
      if (value.length > CHUNK) for (let at = 0; at < value.length; at += CHUNK) open.push(new Part(value, at));
      else for (const item of value) open.push(item);
    } else if (value instanceof Part) {
      const { list, from } = value;
      for (let at = from; at < Math.min(list.length, from + CHUNK); at++) open.push(list[at]);
    } else {
      bytes += 2;
      let fields = 0;
      for (const [key, field] of Object.entries(value)) {
        if (field === undefined || typeof field === 'function') continue;
        fields++;
        bytes += leafBytes(key) + 1;
        open.push(field);
      }
      bytes += Math.max(0, fields - 1);
    }
  }
  return bytes;
}

const CHUNK = 1_000;

/** Some items of a long list. */
class Part {
  readonly list: readonly unknown[];
  readonly from: number;

  constructor(list: readonly unknown[], from: number) {
    this.list = list;
    this.from = from;
  }
}

function hasToJson(value: object): boolean {
  return !(value instanceof Part) && typeof Reflect.get(value, 'toJSON') === 'function';
}

const NULL = 4;

function leafBytes(value: unknown): number {
  if (typeof value === 'boolean') return value ? 4 : 5;
  try {
    return utf8Length(JSON.stringify(value) ?? 'null');
  } catch {
    return NULL; // the response itself reports it
  }
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code < 0xdc00) {
      bytes += 2; // four bytes for two units
      at++;
    } else bytes += 2;
  }
  return bytes;
}
