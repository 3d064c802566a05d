import type { GraphQLLeafType } from 'graphql';
import type { LeafOutput } from '../../../plan/Plan.ts';
import type { SourceWriter } from '../../../utils/SourceWriter.ts';
import type { LinkedPlan } from '../../link/LinkedPlan.ts';
import { enumNames, type LeafKind, leafKind } from '../../link/leaves.ts';

const utf8 = new TextEncoder();
const utf8Text = new TextDecoder();

/** A built-in scalar, or an enum with its names by internal value. */
export interface GeneratedLeaf {
  readonly kind: LeafKind | 'enum';
  readonly names: ReadonlyMap<unknown, string> | null;
}

/** Null for custom scalars. */
export function describeLeaf({ source }: LinkedPlan, output: LeafOutput): GeneratedLeaf | null {
  const type = source.schema.getType(output.type) as GraphQLLeafType;
  const names = enumNames(type);
  if (names !== null) return { kind: 'enum', names };
  const kind = leafKind(type);
  return kind === 'custom' ? null : { kind, names };
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
  string: (source, room) => source.line(`if (typeof v === "string") { p = string(sink, v, p, ${room}); ${BUFFER} }`),
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

/** Looks again where the bytes go: a function that was called may have made room elsewhere. */
export const BUFFER = 'bytes = sink.bytes; view = sink.dataView;';

const eight = new DataView(new ArrayBuffer(8));

/** Bytes as constants in the code, eight at a time. No eight bytes of UTF-8 are those of a number that is not finite. */
export function writeBytes(source: SourceWriter, bytes: Uint8Array): void {
  if (bytes.length > 96) {
    source.line(`p = copy(bytes, [${bytes}], p);`);
    return;
  }
  const stores: string[] = [];
  let at = 0;
  const place = (): string => (at === 0 ? 'p' : `p + ${at}`);
  const number = (size: number): DataView => {
    for (let index = 0; index < size; index++) eight.setUint8(index, bytes[at + index] ?? 0);
    return eight;
  };
  for (; at + 8 <= bytes.length; at += 8) {
    stores.push(`view.setFloat64(${place()}, ${number(8).getFloat64(0, true)}, true);`);
  }
  for (; at + 4 <= bytes.length; at += 4) {
    stores.push(`view.setInt32(${place()}, ${number(4).getInt32(0, true)}, true);`);
  }
  for (; at + 2 <= bytes.length; at += 2) {
    stores.push(`view.setInt16(${place()}, ${number(2).getInt16(0, true)}, true);`);
  }
  for (; at < bytes.length; at++) stores.push(`bytes[${place()}] = ${bytes[at]};`);
  const text = utf8Text.decode(bytes);
  // For readers. Some characters would end the comment.
  source.line(`${stores.join(' ')} p += ${bytes.length};${/^[ -~]+$/.test(text) ? ` // ${text}` : ''}`);
}
