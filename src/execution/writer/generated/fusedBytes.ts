import type { SourceWriter } from '../../../utils/SourceWriter.ts';
import type { LinkedPlan } from '../../link/LinkedPlan.ts';
import type { FusedField, FusedForm, Items, ObjectCode, WriteContext, WriteTarget } from './FusedForm.ts';
import { BUFFER, type GeneratedLeaf, leafRoom, writeBytes, writeLeaf } from './leafSource.ts';

const utf8 = new TextEncoder();
const NULL = utf8.encode('null');

/** Room for a comma, `null` and a bracket: at the begin of each item. */
const ITEM_ROOM = 6;

/** Responses as UTF-8 JSON: position and buffer are locals throughout. */
export function fusedBytes(source: SourceWriter, _linked: LinkedPlan, name: (base: string) => string): FusedForm {
  const makeRoom = (room: number): void => {
    if (room > 0) source.line(`if (p + ${room} > bytes.length) { grown(sink, p, ${room}); ${BUFFER} }`);
  };
  const left = (code: string, { bubble, prefix, room }: WriteContext, from = 'p'): void => {
    source.line(`p = put(sink, ${code}, ${from}, ${prefix}, ${room});`);
    source.line(`if (p < 0) break ${bubble};`);
    source.line(BUFFER);
  };
  return {
    head: 'const { run, path } = state;',
    variables: 'let bytes = sink.bytes, view = sink.dataView, p = sink.position, v, w;',
    whole: { target: '', room: 0, prefix: 0 },

    end() {
      source.line('sink.position = p;');
      source.line('state.depth = 0;');
      source.line('return;');
    },

    object(_node, fields, place): ObjectCode {
      let room = fields.reduce((total, field) => total + roomOf(field), 2) + place.room;
      makeRoom(room);
      const isSure = fields[0]?.isSure === true;
      const start = name('start');
      if (!isSure) source.line(`const ${start} = p;`);
      return {
        begin(index) {
          const field = fields[index] as FusedField;
          const prefix = prefixOf(field);
          room -= roomOf(field);
          if (index === 0 && isSure) prefix[0] = 0x7b;
          writeBytes(source, prefix);
          return { target: '', room, prefix: prefix.length };
        },
        end() {},
        close() {
          if (!isSure) source.line(`if (p === ${start}) bytes[p++] = 123; else bytes[${start}] = 123;`);
          source.line('bytes[p++] = 125;');
        },
      };
    },

    leaf: ({ kind }: GeneratedLeaf, names, { room }) => writeLeaf(source, kind, names, room),
    null: () => writeBytes(source, NULL),

    field(field, row, place) {
      left(`completed(state, field(${field}), ${place.value}, ${row}, ${place.depth})`, place);
    },

    found(field, place) {
      left(`completedFound(state, field(${field}), ${place.value}, ${place.depth}, v)`, place);
    },

    elsewhere: (fused, value, row, place) => left(`elsewhere(state, ${fused}, ${value}, ${row})`, place),
    looked: (fused, value, row, place) => left(`looked(state, ${fused}, ${value}, w, ${row})`, place),
    mark: (of) => source.line(`const ${of}_start = p, ${of}_pending = state.pending.length;`),

    absorb: (fused, of, place) => left(`absorbed(state, ${fused}, ${of}, ${of}_pending)`, place, `${of}_start`),

    list() {
      makeRoom(8);
      source.line('bytes[p++] = 91;');
    },

    item(index, { first }: Items): WriteTarget {
      source.line(`if (${index} > ${first}) bytes[p++] = 44;`);
      return { target: '', room: ITEM_ROOM, prefix: 0 };
    },

    itemEnd() {},

    listEnd(_index, { room }) {
      source.line('bytes[p++] = 93;');
      makeRoom(room);
    },

    makeRoom,
  };
}

/** The comma, the key and the colon; for `__typename` its value too. */
function prefixOf({ node, constant }: FusedField): Uint8Array {
  return utf8.encode(`,${JSON.stringify(node.key)}:${constant === null ? '' : JSON.stringify(constant)}`);
}

function roomOf(field: FusedField): number {
  return prefixOf(field).length + (field.leaf === null ? 4 : leafRoom(field.leaf));
}
