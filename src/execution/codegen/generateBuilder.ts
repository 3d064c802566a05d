import type { ObjectOutput } from '../../plan/Plan.ts';
import { isInherited } from '../../utils/responseObject.ts';
import { quote, SourceWriter } from '../../utils/SourceWriter.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { LeafKind } from '../link/leaves.ts';
import { describeField, type GeneratedField } from './describeField.ts';
import { readProperty } from './readProperty.ts';

/**
 * Writes the source of a function that builds one object of a response: `(state, value, row) => object | BUBBLE`.
 * It reads leaves of built-in scalars from the value. All other fields and unusual values go to the closures of the
 * fields.
 */
export function generateBuilder(linked: LinkedPlan, node: ObjectOutput): string {
  const source = new SourceWriter();
  const fields = node.fields.map((field) => describeField(linked, field));
  // If all keys are always present, one literal has them; else they are added one by one.
  const isFixed =
    fields.every(({ guard }) => guard === 0) && new Set(fields.map(({ key }) => key)).size === fields.length;
  const { responseObjects } = linked.source;
  const isBare = responseObjects === 'null-prototype' || fields.some(({ key }) => isInherited(key));
  source.block('return function buildObject(state, value, row)', () => {
    source.line('if (typeof value !== "object") return slow(state, value, row);');
    source.line('const { depth } = state;');
    source.line('let v, w;');
    if (!isFixed) source.line(`const result = ${isBare ? 'bareObject()' : '{}'};`);
    for (const [index, field] of fields.entries()) readField(source, field, index, isFixed);
    if (!isFixed) source.line(isBare ? `return ended(result, ${quote(responseObjects)});` : 'return result;');
    else {
      const literal = `{ ${fields.map(property).join(', ')} }`;
      source.line(responseObjects === 'null-prototype' ? `return withoutPrototype(${literal});` : `return ${literal};`);
    }
  });
  source.line(`//# sourceURL=planql:${node.type.replace(/[^\w]/g, '_')}.js`);
  return source.toString();
}

/** Brackets make `__proto__` a key like any other. V8 gives objects room for all other keys when it makes them. */
function property({ key }: GeneratedField, index: number): string {
  const name = quote(key);
  return `${key === '__proto__' ? `[${name}]` : name}: v${index}`;
}

function readField(source: SourceWriter, field: GeneratedField, index: number, isFixed: boolean): void {
  const name = `v${index}`;
  if (isFixed) source.line(`let ${name};`);
  const target = isFixed ? name : `result[${quote(field.key)}]`;
  const write = (): void => {
    if (field.constant !== null) return source.line(`${target} = ${quote(field.constant)};`);
    const fallback = (): void => {
      source.line(
        field.property === null
          ? `v = completed(state, fields[${index}], value, row, depth);`
          : `v = completedFound(state, fields[${index}], value, depth, v);`,
      );
      source.line('if (v === BUBBLE) return BUBBLE;');
      source.line(`${target} = v;`);
    };
    if (field.property === null || field.leaf === null) return fallback();
    readProperty(source, field.property);
    if (field.leaf === 'enum') source.line(`if ((w = names[${index}].get(v)) !== undefined) ${target} = w;`);
    else source.line(`if (${plainTests[field.leaf]}) ${target} = v;`);
    if (!field.nonNull) source.line(`else if (v === null || v === undefined) ${target} = null;`);
    source.block('else', fallback);
  };
  if (field.guard === 0) write();
  else source.block(`if (state.run.holds(${field.guard}))`, write);
}

/** For each kind, a test whether a value needs no conversion. */
export const plainTests: Readonly<Record<LeafKind, string>> = {
  string: 'typeof v === "string"',
  id: 'typeof v === "string"',
  int: 'typeof v === "number" && (v | 0) === v',
  float: 'typeof v === "number" && v - v === 0',
  boolean: 'typeof v === "boolean"',
  custom: 'false',
};
