import type { Workload } from '../Workload.ts';

const levels = 10;
const types = Array.from({ length: 10 }, (_, n) => `T${n}`);

interface Animal {
  readonly __typename: string;
  readonly id: string;
  readonly name: string;
  readonly child: Animal | null;
}

/** A chain of values whose types go round, so that ten of them meet every type at every level. */
function animal(first: number, level: number): Animal {
  return {
    __typename: `T${(first + level) % types.length}`,
    id: `${first}-${level}`,
    name: `Tier Nº ${first * levels + level}`,
    child: level === levels ? null : animal(first, level + 1),
  };
}

const nested = Array.from({ length: levels }).reduce<string>((inner) => `name child { ${inner} }`, 'id name');

const shared = {
  mode: 'fresh',
  byHand: null,
  variables: () => ({}),
} as const;

/** An interface field over 10 types, 10 levels deep: 10^10 paths, 100 pairs of level and type. All are met. */
export const interfaces: Workload = {
  ...shared,
  name: 'plan-interface',
  title: 'planning: interface field, 10 types × 10 levels',
  typeDefs: `
    interface Animal { id: ID! name: String! child: Animal }
    type Query { animals(first: Int!): [Animal!]! }
    ${types.map((type) => `type ${type} implements Animal { id: ID! name: String! child: Animal }`).join('\n')}
  `,
  relations: { 'Query.animals': { kind: 'many', batch: 'animals', by: { argument: 'first' } } },
  abstractTypes: ['Animal'],
  makeStore: () => {
    const animals = types.map((_, n) => animal(n, 0));
    return { animals: async (counts) => counts.map((count) => animals.slice(0, count as number)) };
  },
  document: (turn) => `query Q${turn} { animals(first: 10) { ${nested} } }`,
  unfit: {
    jit: 'out of memory: compiles each of 10^10 paths',
    grafast: 'does not end: plans each of 10^10 paths',
    'grafast-objects': 'does not end: plans each of 10^10 paths',
  },
};

const fragments = Array.from({ length: 20 }, (_, n) => {
  const next = n === 19 ? '' : `next { ...F${n + 1} } ... on Item { next { ...F${n + 1} } }`;
  return `fragment F${n} on Item { id name ${next} }`;
}).join('\n');

interface Item {
  readonly id: string;
  readonly name: string;
  readonly next: Item | null;
}

function item(level: number): Item {
  return { id: `i${level}`, name: `Ding Nº ${level}`, next: level === 20 ? null : item(level + 1) };
}

const items = {
  ...shared,
  relations: { 'Query.items': { kind: 'many', batch: 'items', by: { argument: 'first' } } },
  abstractTypes: [],
  makeStore: () => ({ items: async (counts: readonly unknown[]) => counts.map(() => [item(0)]) }),
  unfit: {},
} as const;

/** 20 fragments, each spreading the next one twice. */
export const spreads: Workload = {
  ...items,
  name: 'plan-fragments',
  title: 'planning: 20 levels of doubly spread fragments',
  typeDefs: `
    type Query { items(first: Int!): [Item!]! }
    type Item { id: ID! name: String! next: Item }
  `,
  document: (turn) => `query Q${turn} { items(first: 1) { ...F0 } }\n${fragments}`,
};

const aliases = Array.from({ length: 2000 }, (_, n) => `a${n}: ${n % 2 === 0 ? 'id' : 'name'}`).join(' ');

/** One selection set of 2,000 aliases. */
export const aliased: Workload = {
  ...items,
  name: 'plan-aliases',
  title: 'planning: 2,000 aliases',
  typeDefs: `
    type Query { items(first: Int!): [Item!]! }
    type Item { id: ID! name: String! }
  `,
  document: (turn) => `query Q${turn} { items(first: 1) { ${aliases} } }`,
};
