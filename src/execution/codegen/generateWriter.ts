import type { ObjectOutput } from '../../plan/Plan.ts';
import { SourceWriter } from '../../utils/SourceWriter.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { describeField, type GeneratedField } from './describeField.ts';
import { BUFFER, leafRoom, writeBytes, writeLeaf } from './leafSource.ts';
import { readProperty } from './readProperty.ts';

const utf8 = new TextEncoder();

/**
 * Writes the source of a function that writes one object as UTF-8 JSON: `(state, value, row) => BUBBLE | undefined`.
 * Keys are single stores; leaves of built-in scalars are read from the object and written in place. All other fields and
 * unusual values go to the closures of the fields, which define the meaning.
 */
export function generateWriter(linked: LinkedPlan, node: ObjectOutput): string {
  const source = new SourceWriter();
  const fields = node.fields.map((field) => describeField(linked, field));
  let room = fields.reduce((total, field) => total + roomOf(field), 2);
  source.block('return function writeObject(state, value, row)', () => {
    source.line('if (typeof value !== "object") return slow(state, value, row);');
    source.line('const { sink, depth } = state;');
    source.line('const start = sink.position;');
    source.line(`sink.reserve(${room});`);
    source.line('let bytes = sink.bytes, view = sink.dataView, p = start, before = start, v, w;');
    fields.forEach((field, index) => {
      room -= roomOf(field);
      writeField(source, field, index, room);
    });
    source.line('if (p === start) bytes[p++] = 123; else bytes[start] = 123;');
    source.line('bytes[p++] = 125;');
    source.line('sink.position = p;');
  });
  source.line(`//# sourceURL=planql:${node.type.replace(/[^\w]/g, '_')}.js`);
  return source.toString();
}

/** The maximum number of bytes of a field, without strings and without the output of closures. */
function roomOf(field: GeneratedField): number {
  const { leaf, names } = field;
  return prefixOf(field).length + (leaf === null ? 0 : leafRoom({ kind: leaf, names }));
}

/** The comma, the key and the colon; for `__typename` its value too. */
function prefixOf({ key, constant }: GeneratedField): Uint8Array {
  return utf8.encode(`,${JSON.stringify(key)}:${constant === null ? '' : JSON.stringify(constant)}`);
}

function writeField(source: SourceWriter, field: GeneratedField, index: number, room: number): void {
  const prefix = prefixOf(field);
  const write = (): void => {
    if (field.property === null && field.constant === null) source.line('before = p;');
    writeBytes(source, prefix);
    if (field.constant !== null) return;
    const fallback = (): void => {
      source.line(
        field.property === null
          ? `p = other(state, fields[${index}], value, row, depth, p, before, ${room});`
          : `p = otherFound(state, fields[${index}], value, v, depth, p, p - ${prefix.length}, ${room});`,
      );
      source.line('if (p < 0) return BUBBLE;');
      source.line(BUFFER);
    };
    if (field.property === null || field.leaf === null) return fallback();
    readProperty(source, field.property);
    writeLeaf(source, field.leaf, `names[${index}]`, room);
    if (!field.nonNull) {
      source.block('else if (v === null || v === undefined)', () => writeBytes(source, utf8.encode('null')));
    }
    source.block('else', fallback);
  };
  if (field.guard === 0) write();
  else source.block(`if (state.run.holds(${field.guard}))`, write);
}
