/** A server of graphql-js with resolvers written by hand, which says what responses depend on, and knows nothing of `refetch`. */
import { buildSchema, execute, type GraphQLError, type GraphQLResolveInfo, parse, validate } from 'graphql';
import { toKey } from '../../../src/reactive/keys/dependencyKeys.ts';
import { describe } from '../../../src/reactive/response/describe.ts';
import { KeyTables } from '../../../src/reactive/response/KeyTables.ts';
import { openedHere } from '../../../src/reactive/response/sealExtension.ts';
import { beginOf } from '../../../src/reactive/versions/beginOf.ts';
import { KnownReadings } from '../../../src/reactive/versions/KnownReadings.ts';
import { createInvalidator, memoryVersions } from '../../../src/reactive.ts';

export const typeDefs = /* GraphQL */ `
  interface Node { id: ID! }
  interface Named { name: String! }
  union Thing = User | List | Item
  type Query {
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    user(id: ID!): User
    things: [Thing!]!
    named: [Named!]!
    stats: Stats!
  }
  type Stats { count: Int! first: List lists: [List!]! }
  type User implements Node & Named { id: ID! name: String! lists(first: Int): [List!]! best: Item card: Card! }
  type Card { text: String! user: User! lists: [List!]! }
  type List implements Node & Named { id: ID! name: String! owner: User! items(isDone: Boolean): [Item!]! tags: [Tag!]! }
  type Tag { text: String! }
  type Item implements Node { id: ID! text: String! isDone: Boolean! list: List! }
`;

export const possibleTypes: Readonly<Record<'Node' | 'Named' | 'Thing', readonly string[]>> = {
  Node: ['User', 'List', 'Item'],
  Named: ['User', 'List'],
  Thing: ['User', 'List', 'Item'],
};

type Row = { readonly __typename: string; readonly id: string; [name: string]: unknown };

export interface ForeignRequest {
  readonly query: string;
  readonly variables: { readonly [name: string]: unknown };
}

export interface ForeignServer {
  readonly rows: Map<string, Row>;
  /** What was asked, and what `validate` says of it. */
  readonly asked: { readonly query: string; readonly errors: readonly GraphQLError[]; readonly bytes: number }[];
  readonly versions: ReturnType<typeof memoryVersions>;
  run(request: ForeignRequest): Promise<{ readonly data?: unknown }>;
  readonly fetch: typeof fetch;
  add(type: string, fields: object): Row;
  set(id: string, fields: object): void;
  drop(id: string): void;
}

/** `keysOfLinks`: each link has a key of its own; otherwise links belong to the object. */
export function openForeign({ keysOfLinks = false }: { readonly keysOfLinks?: boolean } = {}): ForeignServer {
  const schema = buildSchema(typeDefs);
  const versions = memoryVersions();
  const invalidator = createInvalidator({ versions, secrets: [{ id: 'a', secret: 'a secret of sufficient length' }] });
  const rows = new Map<string, Row>();
  const all = (type: string): Row[] => [...rows.values()].filter(({ __typename }) => __typename === type);
  const changed = (...keys: string[]): void => void invalidator.invalidate(...keys);

  type Recorder = (at: string, scope: 'field' | 'self', keys: readonly string[]) => void;
  interface Context {
    readonly record: Recorder;
  }
  type Resolver = (source: Row, args: Record<string, unknown>, context: Context, info: GraphQLResolveInfo) => unknown;
  const positionOf = ({ path }: GraphQLResolveInfo): string => {
    const keys: string[] = [];
    for (let at: typeof path | undefined = path; at !== undefined; at = at.prev) {
      keys.unshift(typeof at.key === 'number' ? '*' : at.key);
    }
    return keys.join('.');
  };
  /** The row that a link names. */
  const one = (id: unknown, { record }: Context, info: GraphQLResolveInfo): Row | null => {
    const row = rows.get(String(id)) ?? null;
    if (row === null) record(positionOf(info), 'field', [`o:${id}`]);
    else record(positionOf(info), 'self', [`o:${id}`]);
    return row;
  };
  const many = (found: readonly (Row | null)[], { record }: Context, info: GraphQLResolveInfo) => {
    record(
      `${positionOf(info)}.*`,
      'self',
      found.flatMap((row) => (row === null ? [] : [`o:${row.id}`])),
    );
    return found;
  };
  const link =
    (name: string): Resolver =>
    (row, _args, context, info) => {
      if (keysOfLinks) context.record(positionOf(info), 'field', [`l:${row.id}:${name}`]);
      return row[name] == null ? null : one(row[name], context, info);
    };
  const listsOf: Resolver = (user, { first = 9 }, context, info) => {
    context.record(positionOf(info), 'field', [`e:${user.id}`]);
    const own = all('List').filter(({ owner }) => owner === user.id);
    return many(own.slice(0, Number(first)), context, info);
  };
  const everything =
    (types: readonly string[]): Resolver =>
    (_row, _args, context, info) => {
      context.record(positionOf(info), 'field', ['t:all']);
      return many(
        [...rows.values()].filter(({ __typename }) => types.includes(__typename)),
        context,
        info,
      );
    };
  const resolvers: Record<string, Record<string, Resolver>> = {
    Query: {
      node: (_row, { id }, context, info) => one(id, context, info),
      nodes: (_row, { ids }, context, info) => {
        const found = (ids as string[]).map((id) => rows.get(id) ?? null);
        if (found.includes(null))
          context.record(
            positionOf(info),
            'field',
            (ids as string[]).map((id) => `o:${id}`),
          );
        return many(found, context, info);
      },
      user: (_row, { id }, context, info) => one(id, context, info),
      things: everything(possibleTypes.Thing),
      named: everything(possibleTypes.Named),
      stats: (_row, _args, context, info) => {
        context.record(positionOf(info), 'field', ['t:all']);
        return { count: rows.size };
      },
    },
    Stats: {
      first: (_row, _args, context, info) => one(all('List')[0]?.id, context, info),
      lists: (_row, _args, context, info) => many(all('List'), context, info),
    },
    User: {
      lists: listsOf,
      best: link('best'),
      card: (user, _args, context, info) => {
        if (keysOfLinks) context.record(positionOf(info), 'field', [`o:${user.id}`]);
        return { ...user, text: `card of ${user.name}` };
      },
    },
    Card: { user: (card, _args, context, info) => one(card.id, context, info), lists: listsOf },
    List: {
      owner: link('owner'),
      items: (list, { isDone }, context, info) => {
        const own = all('Item').filter((item) => item.list === list.id);
        // What decides on the list concerns all of it.
        const filtered = isDone === undefined ? [] : own.map(({ id }) => `o:${id}`);
        context.record(positionOf(info), 'field', [`e:${list.id}`, ...filtered]);
        const shown = own.filter((item) => isDone === undefined || item.isDone === isDone);
        return many(shown, context, info);
      },
      tags: (list, _args, context, info) => {
        if (keysOfLinks) context.record(positionOf(info), 'field', [`o:${list.id}`]);
        return String(list.name)
          .split(' ')
          .map((text) => ({ text }));
      },
    },
    Item: { list: link('list') },
  };
  for (const [type, fields] of Object.entries(resolvers)) {
    const known = (schema.getType(type) as { getFields(): Record<string, { resolve?: unknown }> }).getFields();
    for (const [name, resolve] of Object.entries(fields)) (known[name] as { resolve?: unknown }).resolve = resolve;
  }

  const tables = new KeyTables(invalidator.wireKeys, 2000);
  const parts = { versions, readings: new KnownReadings(versions), sets: invalidator.sets, tables };
  const run = async ({ query, variables }: ForeignRequest) => {
    const groups = new Map<string, { at: string; scope: 'field' | 'self'; names: Set<string> }>();
    const record: Recorder = (at, scope, keys) => {
      const group = groups.get(`${scope} ${at}`) ?? { at, scope, names: new Set<string>() };
      groups.set(`${scope} ${at}`, group);
      for (const key of keys) group.names.add(key);
    };
    const asOf = beginOf(versions);
    const result = await execute({
      ...{ schema, document: parse(query), variableValues: variables, contextValue: { record } },
    });
    const columns = [...groups.values()].map(({ at, scope, names }) => ({
      ...{ at, scope, columns: [{ prefix: '', names: [...names].map((name) => toKey(name)) }] },
    }));
    const sealed = await describe(parts, [{ status: 'full', groups: columns }], [], asOf, {
      subject: 'ann',
      operation: query,
    });
    // Another server seals nothing: the names are those that its version store tells.
    const reactive = { ...openedHere(sealed), grant: 'of another server' };
    return { ...result, extensions: { reactive } };
  };
  const server: ForeignServer = {
    ...{ rows, asked: [], versions, run },
    fetch: async (_url, init) => {
      const request: ForeignRequest = JSON.parse(String(init?.body));
      const text = JSON.stringify(await run(request));
      server.asked.push({
        ...{ query: request.query, errors: validate(schema, parse(request.query)), bytes: text.length },
      });
      return new Response(text);
    },
    add(__typename, fields) {
      const row: Row = { __typename, id: `${__typename[0]}${rows.size + 1}`, ...fields };
      rows.set(row.id, row);
      changed('t:all', `o:${row.id}`, ...parentsOf(row));
      return row;
    },
    set(id, fields) {
      const row = rows.get(id) as Row;
      const before = parentsOf(row);
      const links = Object.keys(fields).map((name) => `l:${id}:${name}`);
      rows.set(id, Object.assign({ ...row }, fields));
      changed(
        `o:${id}`,
        ...links,
        ...('owner' in fields || 'list' in fields ? [...before, ...parentsOf(rows.get(id) as Row)] : []),
      );
    },
    drop(id) {
      const row = rows.get(id) as Row;
      rows.delete(id);
      changed('t:all', `o:${id}`, ...parentsOf(row));
    },
  };
  return server;
}

/** The lists that an object is in. */
function parentsOf({ owner, list }: Row): string[] {
  return [owner, list].flatMap((id) => (id === undefined ? [] : [`e:${id}`]));
}
