/** Random schemas of the todo kind: types with attributes, lists of children, links to parents; some by ids, some filtered. */
import type { GraphQLSchema } from 'graphql';
import { type AnyStep, get, lambda, makeSchema } from '../../../src/index.ts';
import { defineKvetchSchema, type Kvetch, type KvetchSchema } from '../../../src/kvetch.ts';
import { filter } from '../../../steps/index.ts';
import { loadEdges, loadObject, loadObjects } from '../../../steps/kvetch/index.ts';

interface RandomType {
  readonly name: string;
  readonly attributes: readonly string[];
  /** The parent's type; the attribute `parent` has its id. */
  readonly parent: RandomType | null;
  readonly children: RandomType[];
  /** Whether its lists are filtered by an attribute. */
  readonly isFiltered: boolean;
}

export interface RandomSchema {
  readonly types: readonly RandomType[];
  readonly schema: GraphQLSchema;
  readonly kvetchSchema: KvetchSchema;
  /** A query of one object of a type, by `$id`. */
  query(type: RandomType): string;
}

interface Context {
  readonly store: Kvetch;
}

export function randomSchema(random: () => number): RandomSchema {
  const chance = (part: number): boolean => random() < part;
  const types: RandomType[] = [];
  const count = 2 + Math.floor(random() * 3);
  for (let n = 0; n < count; n++) {
    const parent = types[Math.floor(random() * types.length)] ?? null;
    const attributes = ['a', 'b', 'c'].slice(0, 1 + Math.floor(random() * 3));
    const type: RandomType = { name: `T${n}`, attributes, parent, children: [], isFiltered: chance(0.25) };
    parent?.children.push(type);
    types.push(type);
  }
  const withNode = chance(0.6);
  const typeDefs = `
    interface Node { id: ID! }
    type Query {
      ${withNode ? 'node(id: ID!): Node' : ''}
      ${types.map(({ name }) => `one${name}(id: ID!): ${name}`).join('\n')}
    }
    type Mutation {
      set(id: ID!, a: String, b: String, c: String, parent: ID): ID
      add(type: String!, parent: ID, a: String): ID
      drop(id: ID!): ID
    }
    ${types.map(typeOf).join('\n')}`;
  const load = (_root: AnyStep, { $id }: { readonly [name: `$${string}`]: unknown }) => loadObject($id as AnyStep);
  const listOf = (child: RandomType) => ($object: AnyStep) => {
    const $list = loadObjects(loadEdges(`to${child.name}`, get($object, 'id') as AnyStep)) as AnyStep;
    if (!child.isFiltered) return $list;
    return filter($list, ($one) => lambda(get($one, 'a') as AnyStep, (a) => String(a).length % 3 !== 0));
  };
  const nameOf = (typeId: unknown): string => `T${Number(typeId) - 1}`;
  const schema = makeSchema({
    typeDefs,
    objects: {
      Query: {
        plans: {
          ...Object.fromEntries(types.map(({ name }) => [`one${name}`, load])),
          ...(withNode && { node: load }),
        },
      },
      Mutation: {
        resolvers: {
          set: async (_root: unknown, { id, ...given }: { id: string }, { store }: Context) => {
            await store.updateObject(id, given);
            return id;
          },
          add: (_root: unknown, { type, ...given }: { type: string }, { store }: Context) =>
            store.createObject(type, given),
          drop: async (_root: unknown, { id }: { id: string }, { store }: Context) => {
            await store.deleteObject(id);
            return id;
          },
        },
      },
      ...Object.fromEntries(
        types.map(({ name, parent, children }) => [
          name,
          {
            plans: {
              ...Object.fromEntries(children.map((child) => [`all${child.name}`, listOf(child)])),
              ...(parent !== null && { up: ($object: AnyStep) => loadObject(get($object, 'parent') as AnyStep) }),
            },
          },
        ]),
      ),
    },
    interfaces: {
      Node: { planType: ($object: AnyStep) => ({ $__typename: lambda(get($object, 'typeId') as AnyStep, nameOf) }) },
    },
  });
  const kvetchSchema = defineKvetchSchema({
    objects: types.map(({ name }, at) => ({ typeId: at + 1, name })),
    edges: types.flatMap(({ name, parent }, at) =>
      parent === null
        ? []
        : [{ edgeId: 10 + at, name: `to${name}`, from: parent.name, storedOn: name, storedIdAttr: 'parent' }],
    ),
  });
  let aliases = 0;
  const select = ({ attributes, children, parent }: RandomType, depth: number): string => {
    const fields = [...(chance(0.9) ? [chance(0.15) ? `key${++aliases}: id` : 'id'] : [])];
    for (const one of attributes) if (chance(0.7)) fields.push(chance(0.15) ? `x${++aliases}: ${one}` : one);
    for (const child of depth < 3 ? children : []) {
      if (chance(0.85)) fields.push(`l${++aliases}: all${child.name} { ${select(child, depth + 1)} }`);
    }
    if (parent !== null && depth < 3 && chance(0.4)) fields.push(`up { ${select(parent, depth + 1)} }`);
    return fields.length === 0 ? 'a' : fields.join(' ');
  };
  return {
    types,
    schema,
    kvetchSchema,
    query: (type) => `query ($id: ID!) { one${type.name}(id: $id) { ${select(type, 0)} } }`,
  };
}

function typeOf({ name, attributes, parent, children }: RandomType): string {
  return `type ${name} implements Node { id: ID! ${attributes.map((one) => `${one}: String`).join(' ')}
    ${children.map((child) => `all${child.name}: [${child.name}!]`).join(' ')} ${parent === null ? '' : `up: ${parent.name}`} }`;
}
