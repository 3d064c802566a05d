import type { ConstValueNode, DocumentNode } from 'graphql';
import { indexTypes, type TypeIndex } from '../model/TypeIndex.ts';
import { typeShape } from '../model/typeShape.ts';
import type { Problems } from '../parse/Problems.ts';

/** Defaults of input fields that hold themselves: graphql-js 16 would build such a schema for ever. */
export function checkInputCycles(document: DocumentNode, problems: Problems): void {
  const types = indexTypes(document);
  const done = new Set<string>();
  const follow = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return;
    for (const field of types.get(name)?.inputFields ?? []) {
      const { defaultValue } = field;
      if (defaultValue === undefined) continue;
      for (const needed of new Set(inputsIn(defaultValue, typeShape(field.type).name, types))) {
        if (needed === name || path.includes(needed)) {
          const place = `${name}.${field.name.value}`;
          problems.at(defaultValue, `The default of ${place} leads back to ${needed}. Take it away.`);
        } else follow(needed, [...path, name]);
      }
    }
    done.add(name);
  };
  for (const { name, kind } of types.values()) if (kind === 'input') follow(name, []);
}

/** The input types whose objects a value of a type holds. */
function inputsIn(value: ConstValueNode, type: string, types: TypeIndex): readonly string[] {
  if (value.kind === 'ListValue') return value.values.flatMap((one) => inputsIn(one, type, types));
  const entry = types.get(type);
  if (value.kind !== 'ObjectValue' || entry?.kind !== 'input') return [];
  const inner = value.fields.flatMap(({ name, value: own }) => {
    const field = entry.inputFields.find((other) => other.name.value === name.value);
    return field === undefined ? [] : inputsIn(own, typeShape(field.type).name, types);
  });
  return [type, ...inner];
}
