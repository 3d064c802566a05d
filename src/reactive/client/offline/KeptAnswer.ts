import type { ResponseError } from '../Answer.ts';
import { isObject, type JsonObject } from '../Selection.ts';

/** An answer as it is stored. */
export interface KeptAnswer {
  /** When it was stored: milliseconds since 1970. */
  readonly at: number;
  /** The operation and its variables. */
  readonly of: string;
  readonly answer: { readonly data: JsonObject; readonly errors?: readonly ResponseError[] };
}

/** `answer`: as JSON. */
export function textOfKept(at: number, of: string, answer: string): string {
  return `{"v":1,"at":${at},"of":${JSON.stringify(of)},"answer":${answer}}`;
}

/** When a text was stored: it begins with that, so that nobody has to read all of it. 0: nobody knows. */
export function timeOf(text: string): number {
  return Number(/^\{"v":1,"at":(\d+),/.exec(text)?.[1] ?? 0);
}

/** A stored answer; null: nobody can read it. */
export function keptAnswerOf(text: string): KeptAnswer | null {
  try {
    const read: unknown = JSON.parse(text);
    return isKept(read) ? read : null;
  } catch {
    return null;
  }
}

function isKept(read: unknown): read is KeptAnswer {
  if (!isObject(read)) return false;
  const { v, at, of, answer } = read;
  if (v !== 1 || typeof at !== 'number' || typeof of !== 'string' || !isObject(answer)) return false;
  const { data, errors = [] } = answer;
  return isObject(data) && Array.isArray(errors) && errors.every(isObject);
}

/** A short name of a text, the same in each page. Different texts may have the same one, by chance. */
export function nameOf(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return [a ^ (b >>> 15), b ^ (a >>> 13)].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}
