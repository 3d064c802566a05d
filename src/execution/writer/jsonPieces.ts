import { encodeUtf8 } from '../../utils/utf8.ts';
import { LeafAsJson } from './jsonLeaf.ts';

/** The data of a response as UTF-8 JSON: in one piece, unless that is longer than a string can be. */
export function jsonPieces(value: unknown): readonly Uint8Array[] {
  try {
    return [encodeUtf8(JSON.stringify(value))];
  } catch (error) {
    if (!(error instanceof RangeError) || typeof value !== 'object' || value === null) throw error;
    if (value instanceof LeafAsJson) return [encodeUtf8(value.text)];
    return Array.isArray(value) ? listPieces(value) : objectPieces(value as Record<string, unknown>);
  }
}

function listPieces(list: readonly unknown[]): readonly Uint8Array[] {
  const items = list.flatMap((item, index) => [encodeUtf8(index === 0 ? '' : ','), ...jsonPieces(item ?? null)]);
  return [encodeUtf8('['), ...items, encodeUtf8(']')];
}

function objectPieces(object: Readonly<Record<string, unknown>>): readonly Uint8Array[] {
  const fields = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value], index) => [
      encodeUtf8(`${index === 0 ? '' : ','}${JSON.stringify(key)}:`),
      ...jsonPieces(value),
    ]);
  return [encodeUtf8('{'), ...fields, encodeUtf8('}')];
}
