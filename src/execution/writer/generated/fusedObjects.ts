import type { ObjectOutput } from '../../../plan/Plan.ts';
import { isInherited } from '../../../utils/responseObject.ts';
import { quote, type SourceWriter } from '../../../utils/SourceWriter.ts';
import type { LinkedPlan } from '../../link/LinkedPlan.ts';
import type { LeafKind } from '../../link/leaves.ts';
import type { FusedField, FusedForm, ObjectCode, WriteContext } from './FusedForm.ts';

/** Responses as objects: each object is one literal, with the literals of the objects in it. */
export function fusedObjects(source: SourceWriter, linked: LinkedPlan, name: (base: string) => string): FusedForm {
  const { responseObjects } = linked.source;
  const left = (code: string, { target, bubble }: WriteContext): void => {
    source.line(`${target} = ${code};`);
    source.line(`if (${target} === BUBBLE) break ${bubble};`);
  };

  /** Where all keys are always there. */
  function literal(fields: readonly FusedField[], { target }: WriteContext): ObjectCode {
    const variables = fields.map(({ node, constant }) => (constant === null ? name(node.key) : quote(constant)));
    return {
      begin(index) {
        if (fields[index]?.constant === null) source.line(`let ${variables[index]};`);
        return { target: `${variables[index]}`, room: 0, prefix: 0 };
      },
      end() {},
      close() {
        const properties = fields.map(({ node }, index) => property(node.key, `${variables[index]}`));
        const object = `{ ${properties.join(', ')} }`;
        source.line(`${target} = ${responseObjects === 'null-prototype' ? `withoutPrototype(${object})` : object};`);
      },
    };
  }

  /** Where some may be left out, or come twice: one after the other. */
  function keyByKey(
    { fields: nodes }: ObjectOutput,
    fields: readonly FusedField[],
    { target }: WriteContext,
  ): ObjectCode {
    const isBare = responseObjects === 'null-prototype' || nodes.some(({ key }) => isInherited(key));
    const object = name('object');
    source.line(`const ${object} = ${isBare ? 'bareObject()' : '{}'};`);
    let variable = '';
    return {
      begin(index) {
        const constant = fields[index]?.constant ?? null;
        variable = constant === null ? name(`${nodes[index]?.key}`) : quote(constant);
        if (constant === null) source.line(`let ${variable};`);
        return { target: variable, room: 0, prefix: 0 };
      },
      end: (index) => source.line(`${object}[${quote(`${nodes[index]?.key}`)}] = ${variable};`),
      close: () => source.line(`${target} = ${isBare ? `ended(${object}, ${quote(responseObjects)})` : object};`),
    };
  }

  return {
    head: 'const { run, path } = state;',
    variables: 'let data, v, w;',
    whole: { target: 'data', room: 0, prefix: 0 },

    end() {
      source.line('state.depth = 0;');
      source.line('return data;');
    },

    object(node, fields, place) {
      const isFixed =
        node.fields.every(({ guard }) => guard === 0) &&
        new Set(node.fields.map(({ key }) => key)).size === node.fields.length;
      return isFixed ? literal(fields, place) : keyByKey(node, fields, place);
    },

    leaf({ kind }, names, { target }) {
      if (kind === 'enum') source.line(`if ((w = ${names}.get(v)) !== undefined) ${target} = w;`);
      else source.line(`if (${plainTests[kind]}) ${target} = v;`);
    },

    null: ({ target }) => source.line(`${target} = null;`),

    field(field, row, place) {
      left(`completed(state, field(${field}), ${place.value}, ${row}, ${place.depth})`, place);
    },

    found(field, place) {
      left(`completedFound(state, field(${field}), ${place.value}, ${place.depth}, v)`, place);
    },

    elsewhere: (fused, value, row, place) => left(`elsewhere(state, ${fused}, ${value}, ${row})`, place),
    looked: (fused, value, row, place) => left(`looked(state, ${fused}, ${value}, w, ${row})`, place),
    mark: (of) => source.line(`const ${of}_pending = state.pending.length;`),
    absorb: (fused, of, place) => left(`absorbed(state, ${fused}, ${of}, ${of}_pending)`, place),

    // Of no length beforehand: a proxy may tell any.
    list: (index) => source.line(`const ${index}_list = [];`),

    item(index) {
      source.line(`let ${index}_result;`);
      return { target: `${index}_result`, room: 0, prefix: 0 };
    },

    itemEnd: (index) => source.line(`${index}_list.push(${index}_result);`),
    listEnd: (index, { target }) => source.line(`${target} = ${index}_list;`),
    makeRoom() {},
  };
}

/** Brackets make `__proto__` a key like any other. */
function property(key: string, value: string): string {
  return `${key === '__proto__' ? `[${quote(key)}]` : quote(key)}: ${value}`;
}

/** For each kind, a test whether a value needs no conversion. */
const plainTests: Readonly<Record<LeafKind, string>> = {
  string: 'typeof v === "string"',
  id: 'typeof v === "string"',
  int: 'typeof v === "number" && (v | 0) === v',
  float: 'typeof v === "number" && v - v === 0',
  boolean: 'typeof v === "boolean"',
  custom: 'false',
};
