/** Refetch by documents, from a server of graphql-js that knows no `refetch` (spec 12.7). */
import { buildSchema, parse, validate } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TransportEvents } from '../../../src/reactive/client/transports/Transport.ts';
import { createReactiveClient, type ReactiveClient, type ReactiveClientOptions } from '../../../src/reactive-client.ts';
import { refetchByDocument } from '../../../src/reactive-client-documents.ts';
import { until } from '../../support/until.ts';
import { type ForeignServer, openForeign, possibleTypes, typeDefs } from './foreignServer.ts';
import { randomFrom } from './property.ts';
import { plain, type Watched, watch } from './world.ts';

const test = suite('client, refetch by documents');
const clients: ReactiveClient[] = [];
test.after.each(() => {
  for (const client of clients.splice(0)) client.close();
});
const nodeTypes = ['User', 'List', 'Item'];

interface Opened {
  readonly server: ForeignServer;
  readonly client: ReactiveClient;
  /** Tells of all that has changed since. */
  tell(): void;
  showsFresh(shown: Watched, query: string, variables?: object): Promise<void>;
}

function open(
  options: Partial<Parameters<typeof refetchByDocument>[0]> = {},
  keysOfLinks = false,
  own: Partial<ReactiveClientOptions> = {},
): Opened {
  const server = openForeign({ keysOfLinks });
  let events: TransportEvents | null = null;
  let news: Record<string, number> = {};
  server.versions.listen({
    onChange: ({ keys, versions }) => {
      for (const [n, key] of keys.entries()) news[key] = versions[n] as number;
    },
    onGap: () => undefined,
  });
  const client = createReactiveClient({
    ...{ url: 'http://foreign/graphql', fetch: server.fetch, possibleTypes, keepMs: 10, ...own },
    documents: refetchByDocument({ nodeTypes, nodes: 'nodes', ...options }),
    transport: (own) => {
      events = own;
      return { add: () => undefined, remove: () => undefined, close: () => undefined };
    },
  });
  clients.push(client);
  return {
    ...{ server, client },
    tell() {
      events?.stale(news);
      news = {};
    },
    async showsFresh(shown, query, variables = {}) {
      let expected = '';
      await until('it shows what is stored', async () => {
        const { data } = await server.run({ query, variables: variables as Record<string, unknown> });
        expected = JSON.stringify(plain(data));
        return JSON.stringify(shown.now()) === expected;
      }).catch(() => assert.is(JSON.stringify(shown.now()), expected, query));
    },
  };
}

const QUERY = `query Lists($id: ID!, $first: Int, $withTags: Boolean = false) {
  user(id: $id) { id ...Card lists(first: $first) { id name ...Items tags @include(if: $withTags) { text } } }
}
fragment Card on User { name card { text user { id name } } }
fragment Items on List { items { id text isDone } }`;

function fill({ server }: Opened) {
  const user = server.add('User', { name: 'Ann' }).id;
  const lists = ['garden', 'park', 'house', 'city'].map((name) => server.add('List', { name, owner: user }).id);
  const items = lists.map((list) => server.add('Item', { text: `of ${list}`, isDone: false, list }).id);
  return { user, lists, items };
}

test('an object by its id: the document has what is used, and nothing else; leaves are enough where links have keys [12.7.2, 12.7.4]', async () => {
  const opened = open({ self: 'leaves' }, true);
  const { server, client, tell, showsFresh } = opened;
  const { user, lists } = fill(opened);
  const shown = watch(client, QUERY, { id: user, first: 4 });
  await showsFresh(shown, QUERY, { id: user, first: 4 });
  tell();
  server.asked.length = 0;
  server.set(lists[1] as string, { name: 'wood' });
  tell();
  await showsFresh(shown, QUERY, { id: user, first: 4 });
  assert.equal(
    server.asked.map(({ query }) => query),
    ['query Lists($planqlNodes0:[ID!]!){planqlNodes0:nodes(ids:$planqlNodes0){... on List{__typename id name}}}'],
  );
});

test('a list below objects: these by their ids, in one request with others [12.7.1, 12.7.3]', async () => {
  const opened = open();
  const { server, client, tell, showsFresh } = opened;
  const { user, lists, items } = fill(opened);
  const shown = watch(client, QUERY, { id: user });
  await showsFresh(shown, QUERY, { id: user });
  tell();
  server.asked.length = 0;
  server.add('Item', { text: 'new', isDone: false, list: lists[2] });
  tell();
  await showsFresh(shown, QUERY, { id: user });
  server.set(items[0] as string, { text: 'changed' });
  server.set(items[3] as string, { list: lists[0] });
  tell();
  await showsFresh(shown, QUERY, { id: user });
  assert.equal(
    server.asked.map(({ query }) => query),
    [
      'query Lists($planqlNodes0:[ID!]!){planqlNodes0:nodes(ids:$planqlNodes0){... on List{__typename id items{__typename id text isDone}}}}',
      'query Lists($planqlNodes0:[ID!]!){planqlNodes0:nodes(ids:$planqlNodes0){... on List{__typename id items{__typename id text isDone}}}}',
    ],
  );
});

test('where nothing above can be fetched by its id, from the root, with its variables', async () => {
  const opened = open({ nodeTypes: [] });
  const { server, client, tell, showsFresh } = opened;
  const { user } = fill(opened);
  const shown = watch(client, QUERY, { id: user, first: 2, withTags: true });
  await showsFresh(shown, QUERY, { id: user, first: 2, withTags: true });
  tell();
  server.asked.length = 0;
  server.add('List', { name: 'new one', owner: user });
  tell();
  await until('it is asked', () => server.asked.length === 1);
  await showsFresh(shown, QUERY, { id: user, first: 2, withTags: true });
  const [{ query, errors } = { query: '', errors: [] }] = server.asked;
  assert.equal(errors, []);
  assert.match(query, /^query Lists\(\$id:ID! \$first:Int \$withTags:Boolean=false\)\{user\(id:\$id\)/);
  assert.not.match(query, 'Card');
});

test('objects with a fragment on an interface of unknown types, or more than 100, are not fetched by their ids [12.7.5]', async () => {
  const NAMED = 'query Q($id: ID!) { user(id: $id) { id name lists(first: 200) { id ... on Named { name } } } }';
  const PLAIN = 'query Q($id: ID!) { user(id: $id) { id name lists(first: 200) { id name } } }';
  for (const [text, own, changed, isById] of [
    [PLAIN, {}, 1, true],
    [NAMED, {}, 1, true],
    [NAMED, { possibleTypes: {} }, 1, false],
    [PLAIN, {}, 101, false],
  ] as const) {
    const opened = open({ self: 'leaves' }, true, own);
    const { server, client, tell, showsFresh } = opened;
    const { user, lists } = fill(opened);
    for (let n = 0; n < 120; n++) lists.push(server.add('List', { name: `list ${n}`, owner: user }).id);
    const shown = watch(client, text, { id: user });
    await showsFresh(shown, text, { id: user });
    tell();
    server.asked.length = 0;
    for (const id of lists.slice(0, changed)) server.set(id, { name: 'changed' });
    tell();
    await showsFresh(shown, text, { id: user });
    assert.equal(
      server.asked.map(({ query }) => /nodes\(ids[^{]*\{\.\.\. on List/.test(query)),
      [isById],
      `${text}: ${changed}`,
    );
  }
});

test('an object that is gone, and one "node" an object', async () => {
  const opened = open({ nodes: undefined } as never);
  const { server, client, tell, showsFresh } = opened;
  const { user, items, lists } = fill(opened);
  const shown = watch(client, QUERY, { id: user });
  await showsFresh(shown, QUERY, { id: user });
  tell();
  server.asked.length = 0;
  server.set(lists[0] as string, { name: 'one' });
  server.set(lists[3] as string, { name: 'three' });
  tell();
  await showsFresh(shown, QUERY, { id: user });
  assert.match(
    server.asked[0]?.query ?? '',
    /planqlNodes0:node\(id:\$planqlNodes0\).*planqlNodes1:node\(id:\$planqlNodes1\)/,
  );
  for (const id of items) server.drop(id);
  tell();
  await showsFresh(shown, QUERY, { id: user });
});

/** Random operations over the schema. */
function operationOf(random: () => number, user: string): { query: string; variables: Record<string, unknown> } {
  const schema = buildSchema(typeDefs);
  const fragments: string[] = [];
  const used = new Set<string>();
  let aliases = 0;
  const chance = (part: number): boolean => random() < part;
  const condition = (): string => {
    if (!chance(0.15)) return '';
    const [name, directive] = chance(0.5) ? ['yes', 'include'] : ['no', 'skip'];
    used.add(`$${name}: Boolean!`);
    return ` @${directive}(if: $${name})`;
  };
  const select = (type: string, depth: number): string => {
    const parts: string[] = [];
    if (possibleTypes[type as 'Node'] === undefined || type === 'Named') parts.push(...fieldsOf(type, depth));
    for (const possible of type === 'Named' ? ['List'] : (possibleTypes[type as 'Node'] ?? [])) {
      if (chance(0.8)) parts.push(`... on ${possible}${condition()} { ${fieldsOf(possible, depth).join(' ')} }`);
    }
    if (nodeTypes.includes(type) && chance(0.3)) {
      const name = `F${fragments.length}`;
      const at = fragments.push('') - 1;
      const on = type !== 'Item' && chance(0.3) ? 'Named' : type;
      fragments[at] = `fragment ${name} on ${on} { ${on === 'Named' ? 'name' : fieldsOf(type, depth).join(' ')} }`;
      parts.push(`...${name}${condition()}`);
    }
    if (type === 'Thing' || type === 'Node' || chance(0.1)) parts.push('__typename');
    return parts.join(' ');
  };
  const fieldsOf = (type: string, depth: number): string[] => {
    const own: string[] = nodeTypes.includes(type) && chance(0.9) ? [chance(0.2) ? 'key: id' : 'id'] : [];
    const fields = (schema.getType(type) as unknown as { getFields(): Record<string, { type: unknown }> }).getFields();
    for (const [name, { type: result }] of Object.entries(fields)) {
      const named = String(result).replace(/[[\]!]/g, '');
      const isLeaf = ['ID', 'String', 'Int', 'Boolean'].includes(named);
      if (name === 'id' || (isLeaf ? chance(0.3) : depth >= 3 || chance(0.55))) continue;
      if (isLeaf) own.push(chance(0.1) ? `a${++aliases}: ${name}` : `${name}${condition()}`);
      else {
        let given = '';
        if (name === 'items' && chance(0.3)) given = '(isDone: false)';
        if (name === 'lists' && type === 'User' && chance(0.4)) {
          used.add('$first: Int');
          given = '(first: $first)';
        }
        own.push(`a${++aliases}: ${name}${given}${condition()} { ${select(named, depth + 1)} }`);
      }
    }
    return own.length === 0 ? ['__typename'] : own;
  };
  const roots = [`user(id: "${user}") { ${select('User', 0)} }`];
  for (const [name, type] of Object.entries({ things: 'Thing', named: 'Named', stats: 'Stats' })) {
    if (chance(0.25)) roots.push(`${name} { ${select(type, 1)} }`);
  }
  const given = used.size === 0 ? '' : `(${[...used].join(' ')})`;
  const all = { $first: 3, $yes: chance(0.7), $no: chance(0.3) };
  const variables = Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      [...used].some((one) => one.startsWith(`${name}:`)) ? [[name.slice(1), value]] : [],
    ),
  );
  return { query: `query Q${given} { ${roots.join(' ')} } ${fragments.join(' ')}`, variables };
}

for (const { name, seeds, keysOfLinks, options } of [
  { name: 'all of an object', seeds: 90, keysOfLinks: false, options: {} },
  { name: 'leaves of an object', seeds: 30, keysOfLinks: true, options: { self: 'leaves' as const } },
  { name: 'one node an object', seeds: 20, keysOfLinks: false, options: { nodes: undefined } as never },
]) {
  test(`random operations and changes: all documents are valid, and what is shown is fresh: ${name}`, async () => {
    const schema = buildSchema(typeDefs);
    const counts = { whole: 0, parts: 0, nodes: 0 };
    for (let seed = 0; seed < seeds; seed++) {
      const random = randomFrom(seed);
      const opened = open(options, keysOfLinks);
      const { server, client, tell, showsFresh } = opened;
      const { user } = fill(opened);
      const other = server.add('User', { name: 'Bob', best: 'I6' }).id;
      const { query, variables } = operationOf(random, user);
      assert.equal(validate(schema, parse(query)), [], query);
      const shown = watch(client, query, variables);
      await showsFresh(shown, query, variables);
      tell();
      const text = server.asked[0]?.query;
      server.asked.length = 0;
      const any = (type: string): string => {
        const ids = [...server.rows.values()].filter(({ __typename }) => __typename === type).map(({ id }) => id);
        return ids[Math.floor(random() * ids.length)] as string;
      };
      for (let round = 0; round < 6; round++) {
        for (let n = 0; n < 1 + Math.floor(random() * 2); n++) {
          const dice = random();
          if (dice < 0.2) server.set(any('User'), { name: `user ${round}` });
          else if (dice < 0.4) server.set(any('List'), { name: `list ${round}` });
          else if (dice < 0.6) server.set(any('Item'), { text: `item ${round}`, isDone: random() < 0.5 });
          else if (dice < 0.7) server.set(any('Item'), { list: any('List') });
          else if (dice < 0.78) server.set(any('List'), { owner: random() < 0.5 ? user : other });
          else if (dice < 0.86) server.set(any('User'), { best: random() < 0.3 ? null : any('Item') });
          else if (dice < 0.95) server.add('Item', { text: 'new', isDone: false, list: any('List') });
          else if (any('Item') !== undefined) {
            const id = any('Item');
            for (const row of server.rows.values()) if (row.best === id) server.set(row.id, { best: null });
            server.drop(id);
          }
        }
        tell();
        await showsFresh(shown, query, variables);
      }
      for (const { query: made, errors } of server.asked) {
        assert.equal(errors.map(String), [], `seed ${seed}\n${query}\n${made}`);
        if (made === text) counts.whole++;
        else counts.parts++;
        if (made.includes('planqlNodes')) counts.nodes++;
      }
    }
    assert.ok(counts.parts > seeds && counts.nodes > seeds, JSON.stringify(counts));
  });
}

test.run();
