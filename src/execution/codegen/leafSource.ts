import type { SourceWriter } from '../../utils/SourceWriter.ts';
import type { LeafKind } from '../link/leaves.ts';

const utf8 = new TextEncoder();

/** A built-in scalar, or an enum with its names by internal value. */
export interface GeneratedLeaf {
  readonly kind: LeafKind | 'enum';
  readonly names: ReadonlyMap<unknown, string> | null;
}

/** The maximum number of bytes of a leaf. Strings make their own room. */
const LEAF_ROOM: Readonly<Record<LeafKind, number>> = { string: 4, id: 13, int: 11, float: 25, boolean: 5, custom: 0 };

/** The maximum number of bytes of a leaf, without strings. */
export function leafRoom({ kind, names }: GeneratedLeaf): number {
  if (kind !== 'enum') return LEAF_ROOM[kind];
  return Math.max(4, ...Array.from((names ?? new Map<unknown, string>()).values(), ({ length }) => length + 2));
}

/** Writes the code for the usual values of a leaf in `v`, beginning with `if`. `names` is the code for an enum's names. */
export function writeLeaf(source: SourceWriter, kind: GeneratedLeaf['kind'], names: string, room: number): void {
  if (kind !== 'enum') leafCode[kind](source, room);
  else source.line(`if ((w = ${names}.get(v)) !== undefined) p = ascii(bytes, w, p);`);
}

/** For each kind, the code for its usual values, beginning with `if`. */
const leafCode: Readonly<Record<LeafKind, (source: SourceWriter, room: number) => void>> = {
  string: (source, room) =>
    source.line(`if (typeof v === "string") { p = string(sink, v, p, ${room}); bytes = sink.bytes; }`),
  id(source, room) {
    leafCode.string(source, room);
    source.line(
      'else if (typeof v === "number" && (v | 0) === v) { bytes[p++] = 34; p = integer(bytes, v, p); bytes[p++] = 34; }',
    );
  },
  int: (source) => source.line('if (typeof v === "number" && (v | 0) === v) p = integer(bytes, v, p);'),
  float: (source) => source.line('if (typeof v === "number" && v - v === 0) p = number(bytes, v, p);'),
  boolean(source) {
    source.block('if (v === true)', () => writeBytes(source, utf8.encode('true')));
    source.block('else if (v === false)', () => writeBytes(source, utf8.encode('false')));
  },
  custom: () => {},
};

/** Bytes as single stores: V8 makes them constants in the code. */
export function writeBytes(source: SourceWriter, bytes: Uint8Array): void {
  if (bytes.length > 48) {
    source.line(`p = copy(bytes, [${bytes}], p);`);
    return;
  }
  const stores = Array.from(bytes, (byte, index) => `bytes[p${index === 0 ? '' : ` + ${index}`}] = ${byte};`);
  source.line(`${stores.join(' ')} p += ${bytes.length};`);
}
