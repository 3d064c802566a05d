import { type GraphQLResolveInfo, versionInfo } from 'graphql';
import { suite } from 'uvu';
import { type Case, casesOf } from './roads.ts';
import { later, laterThrow, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const typeDefs = /* GraphQL */ `
  directive @cost(n: Int) on FIELD
  interface Node { id: ID info: String }
  type Query { info(n: Int, s: String = "d"): String user: User users: [User] matrix: [[User]] node: Node nodes: [Node] thunk: User list: [Int] must: Int! greet(name: String): String context: String }
  type User implements Node { id: ID info(n: Int): String friends(first: Int): [User] friend: User name: String self: User late: String strict: String! }
  type Group implements Node { id: ID info: String owner: User }
`;

const describe = (source: unknown, args: unknown, context: unknown, info: GraphQLResolveInfo): string => {
  const keys: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at !== undefined; at = at.prev)
    keys.unshift(`${at.key}:${at.typename}`);
  const { fieldName, fieldNodes, returnType, parentType, fragments, operation, variableValues, rootValue, schema } =
    info;
  return JSON.stringify({
    id: (source as { id?: number })?.id,
    args,
    context,
    keys,
    fieldName,
    nodes: fieldNodes.map(({ loc, directives, selectionSet }) => [
      loc?.start,
      directives?.length,
      selectionSet === undefined,
    ]),
    returnType,
    parentType,
    fragments: Object.keys(fragments),
    operation: [operation.operation, operation.name?.value],
    variableValues,
    rootValue: typeof rootValue,
    schema: schema.getQueryType()?.name,
    all: Object.keys(info),
  });
};

const user = (id: number): object => ({ __typename: 'User', id, name: `u${id}` });
const resolved = schemaOf(typeDefs, {
  Query: {
    fields: {
      info: describe,
      user: () => user(1),
      users: () => [user(1), null, user(2)],
      matrix: () => [[user(1)], null, [user(2), user(3)]],
      node: () => later(user(4)),
      nodes: () => [user(1), { __typename: 'Group', id: 9 }],
      context: (_root, _args, context) => JSON.stringify(context),
    },
  },
  User: {
    fields: {
      info: describe,
      friends: ({ id }, { first = 2 }) => Array.from({ length: first }, (_, index) => user(id * 10 + index)),
      friend: ({ id }) => (id % 2 === 0 ? later(user(id * 10), id % 3) : user(id * 10)),
      self: (source) => source,
      late: ({ id }) => later(`late ${id}`, id % 5),
      strict: ({ id }) => (id === 2 ? laterThrow('two') : 'ok'),
    },
  },
  Group: { fields: { info: describe, owner: () => user(7) } },
});

const of = (name: string, operation: string, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R20'],
  schema: resolved,
  operation,
  ...more,
});

const resolvers = suite('resolvers');

addCases(resolvers, [
  of(
    'info at the root',
    'query Named($v: Int = 4) { info(n: $v) a: info @cost(n: 1) ...F } fragment F on Query { info(n: $v) b: info(s: null) }',
    { variables: { v: 5 }, makeContext: () => ({ c: 1 }), makeRoot: () => ({}) },
  ),
  of(
    'info in lists, lists of lists and below',
    '{ users { info friends(first: 1) { info friend { info } } } matrix { info x: self { info self { info } } } user { info } }',
  ),
  of(
    'info at abstract positions',
    '{ nodes { info ... on User { friend { info } } ... on Group { owner { info friends { info } } } } node { info __typename } }',
  ),
  of(
    'info under fragments that are used twice',
    '{ a: user { ...F } b: user { ...F friend { ...F } } } fragment F on User { info friend { info self { info } } }',
  ),
  of(
    'merged nodes are all in info',
    '{ user { info(n: 1) friend { info } friend { id } } user { info(n: 1) friend { info @cost(n: 2) } } }',
  ),
  of('late fields among others', '{ users { late id friend { late friend { late } } } user { late } }'),
  of('rejections stay in their rows', '{ users { id strict } matrix { strict } }'),
  of('context and root reach resolvers', '{ context }', { makeContext: () => ({ user: 'me' }) }),
  of(
    'aliases of one resolver are two calls',
    '{ a: user { friends(first: 1) { id } } b: user { friends(first: 2) { id } f: friends(first: 1) { name } } }',
  ),
]);

const calls = { log: [] as string[] };
class Root {
  readonly prefix = 'root';
  greet({ name }: { name: string }, context: { tag: string }, info: GraphQLResolveInfo): string {
    return `${this.prefix} ${name} ${context.tag} ${info.fieldName} ${info.path.key}`;
  }
  user(): object {
    return new Account(1);
  }
  users(): unknown {
    return [new Account(1), later(new Account(2)), () => new Account(3)];
  }
  get list(): number[] {
    calls.log.push('list');
    return [1, 2];
  }
  must(): Promise<number> {
    return later(5);
  }
}
class Account {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
  name(_args: unknown, _context: unknown, info: GraphQLResolveInfo): string {
    return `account ${this.id} ${info.parentType} ${info.fieldNodes.length}`;
  }
  friends({ first }: { first: number }): Account[] {
    return Array.from({ length: first }, (_, index) => new Account(this.id * 10 + index));
  }
  get self(): Account {
    return this;
  }
  async late(): Promise<string> {
    return `late ${this.id}`;
  }
  strict(): string {
    throw new Error(`strict ${this.id}`);
  }
}

/** graphql 16 takes only iterables for lists; planql takes async ones with it too. */
function asyncIterables(expected: unknown): Partial<Case> {
  return versionInfo.major < 17 ? { reference: null, expected } : {};
}

const plainSchema = schemaOf(typeDefs);
addCases(resolvers, [
  {
    name: 'a class as rootValue',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ greet(name: "x") g2: greet user { id name self { name } friends(first: 2) { id name } } list must }',
    makeRoot: () => new Root(),
    makeContext: () => ({ tag: 't' }),
  },
  {
    name: 'methods that throw or are late',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ user { late strict } u2: user { late self { late } } list }',
    makeRoot: () => new Root(),
    makeContext: () => ({ tag: 't' }),
  },
  {
    name: 'functions as list items are no thunks',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ users { id name } }',
    makeRoot: () => new Root(),
    makeContext: () => ({ tag: 't' }),
  },
  {
    name: 'rootValue null, undefined and text',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ list user { id } }',
    rootValue: null,
  },
  {
    name: 'rootValue is text',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ list user { id } }',
    rootValue: 'text',
  },
  {
    name: 'rootValue is a function with properties',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ list user { id } }',
    rootValue: Object.assign(() => 1, { list: [1], user: { id: 3 } }),
  },
  {
    name: 'objects that are text or numbers',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ user { id name } users { id } }',
    rootValue: { user: 'text', users: [5, true, Symbol.iterator, 10n, ''] },
  },
  {
    name: 'a function as an object value',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ users { id name } }',
    rootValue: { users: [Object.assign(() => 1, { id: 3 })] },
  },
  {
    name: 'fieldResolver of the request',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ greet(name: "x") a: user { id name friend { name } } list }',
    args: {
      fieldResolver: (source: unknown, args: unknown, _context: unknown, info: GraphQLResolveInfo) =>
        info.fieldName === 'user' || info.fieldName === 'friend'
          ? { from: info.path.key }
          : info.fieldName === 'list'
            ? [1]
            : `${JSON.stringify(source)} ${JSON.stringify(args)} ${info.path.key}`,
    },
  },
  {
    name: 'fieldResolver is late, and fails',
    rules: ['R20'],
    schema: plainSchema,
    operation: '{ user { id strict } list }',
    args: {
      fieldResolver: (_source: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) =>
        info.fieldName === 'user'
          ? later({})
          : info.fieldName === 'strict'
            ? laterThrow('strict')
            : later(info.fieldName === 'list' ? [3] : 7),
    },
  },
  {
    name: 'resolvers may write to their arguments',
    rules: ['R20'],
    schema: schemaOf(typeDefs, {
      User: {
        fields: {
          info: (source, args) => {
            args.n = (args.n ?? 0) + source.id;
            return String(args.n);
          },
        },
      },
    }),
    operation: '{ users { info(n: 1) } }',
    rootValue: { users: [{ id: 1 }, { id: 2 }] },
  },
  {
    name: 'resolvers may return iterables',
    rules: ['R20'],
    schema: schemaOf(typeDefs, {
      Query: {
        fields: {
          list: function* () {
            yield 1;
            yield later(2);
          },
          users: () => new Set([{ id: 1 }, { id: 2 }]),
          matrix: () => new Map([['a', [{ id: 1 }]]]).values(),
        },
      },
    }),
    operation: '{ list users { id } matrix { id } }',
  },
  {
    name: 'iterables that throw',
    rules: ['R20', 'R13'],
    schema: schemaOf(typeDefs, {
      Query: {
        fields: {
          list: function* () {
            yield 1;
            throw new Error('iterating');
          },
          users: function* () {
            yield { id: 1 };
            throw new Error('users');
          },
        },
      },
    }),
    operation: '{ list users { id } info }',
  },
  {
    name: 'async iterables',
    ...asyncIterables({ data: { list: [1, 2], users: [{ id: '1', friend: { id: '2' } }, null] } }),
    rules: ['R20'],
    schema: schemaOf(typeDefs, {
      Query: {
        fields: {
          list: async function* () {
            yield 1;
            yield 2;
          },
          users: async function* () {
            yield { id: 1, friend: { id: 2 } };
            yield null;
          },
        },
      },
    }),
    operation: '{ list users { id friend { id } } }',
  },
  {
    name: 'async iterables that throw',
    ...asyncIterables({
      errors: [
        { message: 'late iterating', path: ['list'], locations: [{ line: 1, column: 3 }] },
        { message: 'users', path: ['users'], locations: [{ line: 1, column: 8 }] },
      ],
      data: { list: null, users: null, info: null },
    }),
    rules: ['R20', 'R13'],
    schema: schemaOf(typeDefs, {
      Query: {
        fields: {
          list: async function* () {
            yield 1;
            throw new Error('late iterating');
          },
          users: async function* () {
            yield { id: 1 };
            throw new Error('users');
          },
        },
      },
    }),
    operation: '{ list users { id } info }',
  },
]);

// Functions that are found in values, not on fields: their paths have types too, in every kind of layer.
const tell = (_args: unknown, _context: unknown, info: GraphQLResolveInfo): string => {
  const keys: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at !== undefined; at = at.prev)
    keys.unshift(`${at.key}:${at.typename}`);
  return keys.join(' ');
};
const tellingUser = { __typename: 'User', id: 1, info: tell };
const told = {
  ...tellingUser,
  friend: () => tellingUser,
  friends: [tellingUser, null, later(tellingUser)],
};
addCases(resolvers, [
  {
    name: 'functions in values know their path',
    rules: ['R20'],
    schema: schemaOf(typeDefs, { User: { fields: { late: (_user, _args, _context, info) => tell({}, {}, info) } } }),
    operation:
      '{ info user { info friend { info late } friends { id info late } } a: users { friends { info friend { info } } } matrix { info } node { info ... on User { friend { info late } } } nodes { info ... on User { late friends { info late } } } }',
    rootValue: {
      info: tell,
      user: told,
      users: () => [null, told, told],
      matrix: [[told], null, [null, told]],
      node: () => later(told),
      nodes: [{ __typename: 'Group', id: 2, info: tell }, told, null, told],
    },
  },
]);

resolvers.run();
