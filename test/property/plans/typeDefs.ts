import { inputTypeDefs } from './kinds/inputs.ts';
import { attributes, membersOf, ownFields, type Shape, typeOf } from './Shape.ts';
import { argumentTypes, type FieldSpec, type Spec } from './Spec.ts';

const rowTypes = ['A', 'B', 'C', 'Thing', 'Either', 'Node'] as const;

/** The schema in SDL. */
export function typeDefsOf({ types, shared }: Spec): string {
  const own = ownFields.map((name) => `  ${name}: ${typeOf(attributes[name] as Shape, [])}`);
  const objects = types.map(({ name, fields }) => {
    const isRow = name.length === 1;
    const implemented = [...((membersOf.Thing as readonly string[]).includes(name) ? ['Thing'] : []), 'Node'];
    const head = isRow ? `type ${name} implements ${implemented.join(' & ')}` : `type ${name}`;
    return `${head} {\n${[...(isRow ? own : []), ...fields.map(fieldOf)].join('\n')}\n}`;
  });
  const connections = rowTypes.map(
    (of) => `type ${of}Pages { nodes: [${of}] edges: [${of}Edge] pageInfo: PageInfo totalCount: Int }
type ${of}Edge { node: ${of} cursor: String }`,
  );
  return [
    inputTypeDefs,
    `interface Node { id: ID }`,
    `interface Thing implements Node {\n${[...own, ...shared.map(fieldOf)].join('\n')}\n}`,
    `union Either = ${membersOf.Either.join(' | ')}`,
    'type PageInfo { hasNextPage: Boolean hasPreviousPage: Boolean startCursor: String endCursor: String }',
    ...objects,
    ...connections,
  ].join('\n');
}

function fieldOf({ name, args, shape, strict }: FieldSpec): string {
  const given = args.map((arg) => `${arg}: ${argumentTypes[arg]?.[0]}`);
  return `  ${name}${given.length === 0 ? '' : `(${given.join(' ')})`}: ${typeOf(shape, strict)}`;
}
