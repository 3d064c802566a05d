import { flag, namedLoader, type ParamShapes } from '../../src/step/paramShapes.ts';
import { textOfBase64Url, textToBase64Url } from '../../src/utils/base64.ts';
/** A place in a list as clients see it: opaque text. By position (counted from 0), or by a loader's own cursor. */
export type CursorKind = 'position' | 'cursor';

export function encodeCursor(kind: CursorKind, place: number | string): string {
  return textToBase64Url(JSON.stringify([kind === 'position' ? 'p' : 'c', place]));
}

/** The place that a cursor names; null for a text that this kind of list has never given. */
export function decodeCursor(kind: CursorKind, cursor: unknown): number | string | null {
  if (typeof cursor !== 'string') return null;
  let decoded: unknown;
  try {
    decoded = JSON.parse(textOfBase64Url(cursor));
  } catch {
    return null;
  }
  if (!Array.isArray(decoded) || decoded.length !== 2) return null;
  const [mark, place]: readonly unknown[] = decoded;
  if (kind === 'cursor') return mark === 'c' && typeof place === 'string' ? place : null;
  return mark === 'p' && typeof place === 'number' && Number.isSafeInteger(place) && place >= 0 ? place : null;
}

/** The params of steps that may have to make cursors. */
export const cursorShapes: ParamShapes = { loader: { ...namedLoader, optional: true }, cursors: flag };
