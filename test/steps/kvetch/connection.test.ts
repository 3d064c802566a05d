import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  condition,
  constant,
  context,
  createEngine,
  each,
  exportPlan,
  first,
  fn,
  get,
  importPlan,
  lambda,
  listen,
  makeSchema,
  object,
} from '../../../src/index.ts';
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
  loadObject,
  memoryShards,
  type ShardStore,
} from '../../../src/kvetch.ts';
import { prometheusCounters } from '../../../src/telemetry.ts';
import { wrapStore } from '../../kvetch/backends.ts';

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Project' },
    { typeId: 2, name: 'Issue' },
    { typeId: 3, name: 'User' },
  ],
  edges: [
    { edgeId: 10, name: 'issues', from: 'Project', storedOn: 'Issue', storedIdAttr: 'project' },
    { edgeId: 11, name: 'watchers', from: 'Project', to: 'User' },
  ],
  indexes: [{ name: 'by_status', type: 'Issue', attr: 'status', kind: 'string' }],
});

const isOpen = fn('test.connection.isOpen', (state: unknown) => state === 'open');
const isPublic = fn('test.connection.isPublic', (secret: unknown) => secret !== true);

const args = '(first: Int, after: String, last: Int, before: String)';
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { project(id: ID!): Project, byState(state: String!, first: Int, after: String, last: Int): Issues, users(first: Int, after: String): Users, issues(first: Int, after: String): Issues }
    type Project {
      id: ID!
      issues${args}: Issues
      open${args}: Issues
      secrets${args}: Secrets
      openSecrets(first: Int, after: String): Secrets
      counted(first: Int): Secrets
      watchers${args}: Users
      parts(first: Int): Parts
    }
    type Issues { nodes: [Issue] edges: [IssueEdge] pageInfo: PageInfo totalCount: Int }
    type IssueEdge { cursor: String node: Issue }
    type Parts { nodes: [Issue] edges: [IssueEdge] totalCount: Int }
    type Secrets { nodes: [Secret!] edges: [SecretEdge!] pageInfo: PageInfo totalCount: Int }
    type SecretEdge { cursor: String node: Secret! }
    type Users { nodes: [User] edges: [UserEdge] pageInfo: PageInfo totalCount: Int }
    type UserEdge { cursor: String data: Since node: User }
    type Since { since: Int }
    type Issue { id: ID! number: Int project: Project }
    type Secret { id: ID! number: Int }
    type User { id: ID! name: String }
    type PageInfo { hasNextPage: Boolean hasPreviousPage: Boolean startCursor: String endCursor: String }
  `,
  objects: {
    Query: {
      plans: {
        project: (_$root, { $id }) => loadObject($id),
        byState: (_$root, fieldArgs) => kvetchIndexConnection('by_status', fieldArgs.$state, fieldArgs),
        users: (_$root, fieldArgs) => kvetchBrowseConnection('User', fieldArgs),
        issues: (_$root, fieldArgs) => kvetchBrowseConnection(store.type('Issue'), fieldArgs),
      },
    },
    Project: {
      plans: {
        issues: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs, { maxFirst: 50 }),
        open: ($project, fieldArgs) =>
          kvetchConnection('issues', get($project, 'id'), fieldArgs, {
            filter: ($issue) => lambda(get($issue, 'status'), isOpen),
          }),
        secrets: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs),
        openSecrets: ($project, fieldArgs) =>
          kvetchConnection('issues', get($project, 'id'), fieldArgs, {
            filter: ($issue) => lambda(get($issue, 'status'), isOpen),
          }),
        counted: ($project, fieldArgs) =>
          kvetchConnection('issues', get($project, 'id'), fieldArgs, { countHidden: true }),
        watchers: ($project, fieldArgs) => kvetchConnection(store.edge('watchers'), get($project, 'id'), fieldArgs),
        parts: ($project, fieldArgs) => {
          const $issues = kvetchConnection('issues', get($project, 'id'), fieldArgs);
          return object({
            nodes: get($issues, 'nodes'),
            edges: get($issues, 'edges'),
            totalCount: get($issues, 'totalCount'),
          });
        },
      },
    },
    Secret: { authorize: ($issue) => lambda(get($issue, 'isSecret'), isPublic), hidden: 'leaveOut' },
    Issue: { plans: { project: ($issue) => loadObject(get($issue, 'project')) } },
  },
});

const linked = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { project(id: ID!): Project }
    type Project { id: ID! issues: Issues secrets(first: Int): Secrets }
    type Issues { totalCount: Int }
    type Secrets { edges: [SecretEdge!] }
    type SecretEdge { node: Secret! }
    type Secret { id: ID! project: Project }
  `,
  objects: {
    Query: { plans: { project: (_$root, { $id }) => loadObject($id) } },
    Project: {
      plans: {
        issues: ($project) => kvetchConnection('issues', get($project, 'id')),
        secrets: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs),
      },
    },
    Secret: {
      authorize: ($issue) => lambda(get($issue, 'isSecret'), isPublic),
      hidden: 'leaveOut',
      plans: { project: ($issue) => loadObject(get($issue, 'project')) },
    },
  },
});

interface Fixture {
  readonly kvetch: Kvetch;
  readonly project: string;
  readonly issues: readonly string[];
  /** What the store was asked, `method keys`, one list a round. */
  readonly rounds: string[][];
  ask(selection: string, variableValues?: Record<string, unknown>): Promise<Answer>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape of their operation
type Answer = { readonly data: any; readonly errors?: ReadonlyArray<{ message: string; path: unknown }> };

type Around = (method: string, run: () => unknown) => unknown;

async function open(count = 7, attributes: (n: number) => object = () => ({}), around: Around = (_, run) => run()) {
  const rounds: string[][] = [];
  let underWay = 0;
  const watched = (shard: ShardStore): ShardStore =>
    wrapStore(shard, async (method, run) => {
      if (!/^(read|count|browse)/.test(method)) return run();
      if (underWay++ === 0) rounds.push([]);
      rounds.at(-1)?.push(method);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return around(method, run);
    });
  const kvetch = createKvetch({ schema: store, shards: memoryShards(1).map(watched) });
  const project = await kvetch.createObject('Project', {});
  const issues: string[] = [];
  for (let number = 0; number < count; number++) {
    issues.push(await kvetch.createObject('Issue', { project, number, status: 'open', ...attributes(number) }));
  }
  const ask = async (selection: string, variableValues: Record<string, unknown> = {}): Promise<Answer> => {
    rounds.length = 0;
    // An engine of its own: what others threw away changes what starts ahead.
    const engine = createEngine({ schema });
    const text = `query ($id: ID!, $after: String, $before: String) { ${selection} }`;
    const variables = { id: project, ...variableValues };
    const contextValue = { kvetch };
    const prepared = engine.prepare(parse(text));
    const answer = plain(await prepared.execute({ variableValues: variables, contextValue }));
    const asked = rounds.map((round) => [...round]);
    const imported = importPlan(schema, JSON.parse(JSON.stringify(exportPlan(prepared))));
    const again = plain(await imported.execute({ variableValues: variables, contextValue }));
    assert.equal(again, answer, 'the exported plan answers alike');
    const inTurn = createEngine({ schema, limits: { speculation: false } });
    const late = await inTurn.execute({ document: parse(text), variableValues: variables, contextValue });
    assert.equal(plain(late), answer, 'without speculation');
    rounds.splice(0, rounds.length, ...asked);
    return answer;
  };
  return { kvetch, project, issues, rounds, ask } satisfies Fixture;
}

function plain(value: unknown): Answer {
  return JSON.parse(JSON.stringify(value));
}

const numbers = (connection: { nodes?: { number: number }[]; edges?: { node: { number: number } }[] }): number[] =>
  (connection.nodes ?? connection.edges?.map(({ node }) => node) ?? []).map(({ number }) => number);

const test = suite('kvetchConnection');

test('what is not selected is not asked for [10.5.1]', async () => {
  const { ask, rounds } = await open();
  const of = async (selection: string): Promise<string[]> => {
    const { errors } = await ask(`project(id: $id) { ${selection} }`);
    assert.is(errors, undefined);
    return rounds.flat();
  };
  assert.equal(await of('issues { __typename }'), ['readObjects']);
  assert.equal(await of('issues { totalCount }'), ['read']);
  assert.equal(rounds, [['read']]);
  assert.equal(await of('issues(first: 2) { edges { cursor } }'), ['read'], 'no objects of edges');
  assert.equal(await of('issues(first: 2) { pageInfo { hasNextPage endCursor } }'), ['read']);
  assert.equal(await of('issues(first: 2) { nodes { id number } }'), ['read', 'readObjects']);
  assert.equal(await of('parts(first: 2) { totalCount }'), ['read'], 'object() of the parts');
  assert.equal(await of('parts(first: 2) { edges { cursor } }'), ['read']);
  assert.equal(await of('issues(first: 0) { nodes { id } }'), ['read']);
});

test('pages forward and backward [10.5.8]', async () => {
  const { ask } = await open();
  const page = '{ edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
  const all = await ask(`project(id: $id) { issues ${page} }`);
  const cursors = all.data.project.issues.edges.map(({ cursor }: { cursor: string }) => cursor);
  const expected: [string, Record<string, unknown>, string][] = [
    ['first: 2', {}, '01 next'],
    ['last: 2', {}, '56 previous'],
    ['first: 2, after: $after', { after: cursors[1] }, '23 next previous'],
    ['last: 2, before: $before', { before: cursors[5] }, '34 next previous'],
    ['first: 3, after: $after', { after: cursors[4] }, '56 previous'],
    ['last: 9', {}, '0123456'],
    ['first: 2, before: $before', { before: cursors[1] }, '0 next'],
    ['last: 1, after: $after, before: $before', { after: cursors[2], before: cursors[5] }, '4 next previous'],
    ['last: 5, after: $after, before: $before', { after: cursors[2], before: cursors[5] }, '34 next previous'],
    ['first: 7', {}, '0123456'],
    ['first: 0', {}, ''],
  ];
  for (const [window, variables, wanted] of expected) {
    const answer = await ask(`project(id: $id) { issues(${window}) ${page} }`, variables);
    assert.is(answer.errors, undefined, JSON.stringify(answer.errors));
    const { edges, pageInfo } = answer.data.project.issues;
    const seen = `${numbers({ edges }).join('')}${pageInfo.hasNextPage ? ' next' : ''}${pageInfo.hasPreviousPage ? ' previous' : ''}`;
    assert.is(seen, wanted, window);
    assert.is(pageInfo.startCursor, edges[0]?.cursor ?? null);
    assert.is(pageInfo.endCursor, edges.at(-1)?.cursor ?? null);
    // Without objects the same.
    const bare = await ask(
      `project(id: $id) { issues(${window}) { edges { cursor } pageInfo { hasNextPage hasPreviousPage } } }`,
      variables,
    );
    assert.equal(
      bare.data.project.issues.edges.map(({ cursor }: { cursor: string }) => cursor),
      edges.map(({ cursor }: { cursor: string }) => cursor),
    );
    assert.is(bare.data.project.issues.pageInfo.hasNextPage, pageInfo.hasNextPage, window);
    assert.is(bare.data.project.issues.pageInfo.hasPreviousPage, pageInfo.hasPreviousPage, window);
  }
});

/** Walks through all pages of a list. */
async function walk(
  ask: Fixture['ask'],
  field: string,
  first: number,
): Promise<{ readonly found: number[]; readonly sizes: number[] }> {
  const found: number[] = [];
  const sizes: number[] = [];
  let after: string | null = null;
  for (;;) {
    const answer: Answer = await ask(
      `project(id: $id) { ${field}(first: ${first}, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    assert.is(answer.errors, undefined, JSON.stringify(answer.errors));
    const { nodes, pageInfo } = answer.data.project[field];
    found.push(...numbers({ nodes }));
    sizes.push(nodes.length);
    if (!pageInfo.hasNextPage) return { found, sizes };
    after = pageInfo.endCursor;
  }
}

test('filters and authorize leave no gaps, and hasNextPage is right [10.5.4]', async () => {
  const { ask } = await open(23, (n) => ({ isSecret: n % 3 !== 0, status: n % 2 === 0 ? 'open' : 'closed' }));
  assert.equal(await walk(ask, 'open', 5), { found: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22], sizes: [5, 5, 2] });
  assert.equal(await walk(ask, 'secrets', 4), { found: [0, 3, 6, 9, 12, 15, 18, 21], sizes: [4, 4] });
  assert.equal(await walk(ask, 'openSecrets', 2), { found: [0, 6, 12, 18], sizes: [2, 2] });
  assert.equal(await walk(ask, 'issues', 23), { found: Array.from({ length: 23 }, (_, n) => n), sizes: [23] });
  const back = await ask(
    'project(id: $id) { secrets(last: 3) { edges { node { number } } pageInfo { hasPreviousPage hasNextPage } } }',
  );
  assert.equal(numbers(back.data.project.secrets), [15, 18, 21]);
  assert.equal(back.data.project.secrets.pageInfo, { hasPreviousPage: true, hasNextPage: false });
});

test('a connection inside authorize is none of the field whose nodes are asked about', async () => {
  const { kvetch, project } = await open(3);
  const isListed = makeSchema({
    typeDefs: `
      type Query { project(id: ID!): Project }
      type Project { issues(first: Int): Issues }
      type Issues { nodes: [Issue] }
      type Issue { number: Int }
    `,
    objects: {
      Query: { plans: { project: (_$root, { $id }) => loadObject($id) } },
      Project: {
        plans: { issues: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs) },
      },
      // All but the first one.
      Issue: {
        authorize: ($issue) =>
          condition(
            '!==',
            get(first(get(kvetchConnection('issues', get($issue, 'project')), 'nodes')), 'id'),
            get($issue, 'id'),
          ),
        hidden: 'leaveOut',
      },
    },
  });
  const result = await createEngine({ schema: isListed }).execute({
    document: parse('query ($id: ID!) { project(id: $id) { issues { nodes { number } } } }'),
    variableValues: { id: project },
    contextValue: { kvetch },
  });
  assert.equal(JSON.parse(JSON.stringify(result)), {
    data: { project: { issues: { nodes: [{ number: 1 }, { number: 2 }] } } },
  });
});

test('a connection that a field of connections reads for something else holds nothing hidden [10.5.5]', async () => {
  const { kvetch, project } = await open(5, (n) => ({ isSecret: n !== 3 }));
  const schema = makeSchema({
    typeDefs: `
      type Query { aPageForEach(id: ID!): [Issues], numbers(id: ID!): [Int] }
      type Issues { nodes: [Issue] pageInfo: Info }
      type Info { hasNextPage: Boolean }
      type Issue { number: Int }
    `,
    objects: {
      Query: {
        plans: {
          aPageForEach: (_$root, { $id }) => each(get(kvetchConnection('issues', $id), 'nodes'), () => constant(null)),
          // No field of connections: the rule of nodes is not asked.
          numbers: (_$root, { $id }) =>
            each(get(kvetchConnection('issues', $id), 'nodes'), ($issue) => get($issue, 'number')),
        },
      },
      Issue: { authorize: ($issue) => lambda(get($issue, 'isSecret'), isPublic) },
    },
  });
  const result = await createEngine({ schema }).execute({
    document: parse('query ($id: ID!) { aPageForEach(id: $id) { pageInfo { hasNextPage } } numbers(id: $id) }'),
    variableValues: { id: project },
    contextValue: { kvetch },
  });
  assert.equal(JSON.parse(JSON.stringify(result)), { data: { aPageForEach: [null], numbers: [0, 1, 2, 3, 4] } });
});

test('deleted targets leave no gaps [10.5.3]', async () => {
  const { ask, issues, kvetch, project } = await open(12, () => ({}));
  for (const n of [1, 2, 3, 9, 10, 11]) {
    // The object goes, and its edge stays for the cleaner.
    const row = (await kvetch.stores[0]?.readObjects([issues[n] as string]))?.[0];
    assert.ok(row && !(row instanceof Error));
    await kvetch.stores[0]?.replaceObjects([
      { row: { ...row, state: 0, version: 2, body: null, record: null } as never, expectedVersion: 1 },
    ]);
  }
  assert.is((await kvetch.getEdges('issues', project)).edges.length, 12);
  assert.equal(await walk(ask, 'issues', 3), { found: [0, 4, 5, 6, 7, 8], sizes: [3, 3] });
  assert.equal(await walk(ask, 'secrets', 4), { found: [0, 4, 5, 6, 7, 8], sizes: [4, 2] });
});

test('nothing of what is hidden is named [10.5.6]', async () => {
  const { ask, issues } = await open(9, (n) => ({ isSecret: n > 2 }));
  const whole = '{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
  for (const window of ['', '(first: 2)', '(first: 3)', '(first: 9)', '(last: 2)', '(last: 9)']) {
    const text = JSON.stringify(await ask(`project(id: $id) { secrets${window} ${whole} }`));
    for (const id of issues.slice(3)) assert.not.ok(text.includes(id), `${window}: ${text}`);
  }
  const { data } = await ask(
    'project(id: $id) { a: secrets(first: 3) { pageInfo { hasNextPage } } b: secrets(first: 2) { pageInfo { hasNextPage } } c: secrets { edges { cursor } } }',
  );
  assert.equal([data.project.a.pageInfo, data.project.b.pageInfo], [{ hasNextPage: false }, { hasNextPage: true }]);
  assert.is(data.project.c.edges.length, 3);
});

test('a count of what may be hidden is an error, unless it is no secret [10.5.7]', async () => {
  const { ask } = await open(5, (n) => ({ isSecret: n > 2 }));
  const { data, errors } = await ask(
    'project(id: $id) { secrets { totalCount } open { totalCount } counted { totalCount } }',
  );
  assert.equal(data.project, { secrets: { totalCount: null }, open: { totalCount: null }, counted: { totalCount: 5 } });
  assert.equal(
    errors?.map(({ message }) => message.replace(/\. .*/s, '')),
    [
      '"totalCount" would count objects that "authorize" of "Secret" hides',
      '"totalCount" would count objects that the filter hides',
    ],
  );
});

test('what is not counted is told, and nothing is read', async () => {
  const { ask, rounds } = await open();
  const { errors = [] } = await ask('byState(state: "open") { totalCount } users { totalCount }');
  assert.match(errors[0]?.message ?? '', /entries of the index "by_status" are not counted/);
  assert.match(errors[1]?.message ?? '', /the objects of the type "User" are not counted/);
  assert.equal(rounds, []);
});

test('wrong arguments and foreign cursors are errors for clients, and nothing is read for them [10.5.6 10.5.8]', async () => {
  const { ask, kvetch, issues, project, rounds } = await open();
  const other = await kvetch.createObject('Project', {});
  for (let number = 0; number < 3; number++)
    await kvetch.createObject('Issue', { project: other, number, status: 'open' });
  const cursorOf = async (id: string): Promise<string> =>
    (await ask('project(id: $id) { issues { edges { cursor } } }', { id })).data.project.issues.edges[1].cursor;
  const own = await cursorOf(project);
  const foreign = await cursorOf(other);
  const byId = (await ask('issues(first: 1) { edges { cursor } }')).data.issues.edges[0].cursor;
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['issues(first: -1)', {}, /"first" must be a whole number that is not negative/],
    ['issues(last: -1)', {}, /"last" must be a whole number that is not negative/],
    ['issues(first: 51)', {}, /"first" is 51, and may be 50 at the most/],
    ['issues(first: 1, last: 1)', {}, /"first" and "last" cannot be combined/],
    ['issues(after: "")', {}, /"after" is not a cursor of this connection/],
    ['issues(after: $after)', { after: issues[0] }, /"after" is not a cursor of this connection/],
    ['issues(after: $after)', { after: own.replace(/_[^_]*$/, '') }, /"after" is not a cursor of this connection/],
    ['issues(before: $before)', { before: 'x'.repeat(1000) }, /"before" is not a cursor of this connection/],
    ['issues(after: $after)', { after: byId }, /"after" is not a cursor of this connection/],
    ['issues(after: $after)', { after: foreign }, /"after" is a cursor of another list/],
    ['issues(first: 2, before: $before)', { before: foreign }, /is a cursor of another list/],
    ['watchers(after: $after)', { after: own }, /"after" is a cursor of another list/],
    ['secrets(after: $after)', { after: foreign }, /"after" is a cursor of another list/],
  ];
  for (const [field, variables, message] of refused) {
    const { errors } = await ask(
      `project(id: $id) { ${field} { pageInfo { hasNextPage } edges { cursor node { id } } } }`,
      variables,
    );
    assert.match(errors?.[0]?.message ?? 'no error', message, field);
    assert.ok(rounds.length <= 1, JSON.stringify(rounds));
  }
  const safe = await createEngine({ schema }).execute({
    document: parse('query ($id: ID!, $after: String) { project(id: $id) { issues(after: $after) { nodes { id } } } }'),
    variableValues: { id: project, after: foreign },
    contextValue: { kvetch },
  });
  const original = (safe as unknown as { errors?: { originalError?: { code?: string } }[] }).errors?.[0]?.originalError;
  assert.is(original?.code, 'SAFE');
});

test('a cursor after a row that is deleted, and writes between pages', async () => {
  const { ask, issues, kvetch, project } = await open(6);
  const first = await ask('project(id: $id) { issues(first: 3) { nodes { number } pageInfo { endCursor } } }');
  await kvetch.deleteObject(issues[2] as string);
  await kvetch.deleteObject(issues[3] as string);
  await kvetch.createObject('Issue', { project, number: 6 });
  const after = first.data.project.issues.pageInfo.endCursor;
  const next = await ask(
    'project(id: $id) { issues(first: 3, after: $after) { nodes { number } pageInfo { hasNextPage } } }',
    { after },
  );
  assert.equal(numbers(next.data.project.issues), [4, 5, 6]);
  assert.is(next.data.project.issues.pageInfo.hasNextPage, false);
});

test('an index and a type', async () => {
  const { ask, kvetch } = await open(5, (n) => ({ status: n === 2 ? 'closed' : 'open' }));
  await kvetch.createObject('User', { name: 'Ann' });
  const page = '{ edges { cursor node { number } } pageInfo { hasNextPage endCursor } }';
  const one = await ask(`byState(state: "open", first: 3) ${page}`);
  assert.equal(numbers(one.data.byState), [0, 1, 3]);
  assert.is(one.data.byState.pageInfo.hasNextPage, true);
  const two = await ask(`byState(state: "open", first: 3, after: $after) ${page}`, {
    after: one.data.byState.pageInfo.endCursor,
  });
  assert.equal([numbers(two.data.byState), two.data.byState.pageInfo.hasNextPage], [[4], false]);
  const bare = await ask(
    'byState(state: "open") { edges { cursor } } users { nodes { name } pageInfo { hasNextPage } }',
  );
  assert.is(bare.data.byState.edges.length, 4);
  assert.equal(bare.data.users, { nodes: [{ name: 'Ann' }], pageInfo: { hasNextPage: false } });
  const all = await ask('issues(first: 2) { edges { cursor } nodes { number } pageInfo { hasNextPage } }');
  assert.equal([numbers(all.data.issues), all.data.issues.pageInfo.hasNextPage], [[0, 1], true]);
  const wrong = await ask('users(after: $after) { nodes { id } }', { after: all.data.issues.edges[0].cursor });
  assert.match(wrong.errors?.[0]?.message ?? '', /not a cursor of this connection/);
});

test('data of edges', async () => {
  const { ask, kvetch, project } = await open(1);
  const user = await kvetch.createObject('User', { name: 'Ann' });
  await kvetch.insertEdge('watchers', { fromId: project, toId: user, data: { since: 7 } });
  const { data } = await ask('project(id: $id) { watchers { edges { data { since } node { name } } } }');
  assert.equal(data.project.watchers.edges, [{ data: { since: 7 }, node: { name: 'Ann' } }]);
});

test('windows of one list share reads', async () => {
  const { ask, kvetch } = await open();
  kvetch.stats.reset();
  const { data } = await ask(
    'project(id: $id) { a: issues(first: 2) { nodes { number } } b: issues(first: 5) { nodes { number } } c: issues(first: 2) { edges { cursor } } }',
  );
  assert.equal(
    [numbers(data.project.a).length, numbers(data.project.b).length, data.project.c.edges.length],
    [2, 5, 2],
  );
  // Three runs: the project, one page and its objects.
  assert.is(kvetch.stats.keys, 3 * (1 + 1 + 5));
});

test('a page without a visible entry is empty; one that is given up is an error', async () => {
  const { ask } = await open(60, () => ({ isSecret: true }));
  const all = await ask(
    'project(id: $id) { secrets(first: 5) { nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } } }',
  );
  assert.is(all.errors, undefined, JSON.stringify(all.errors));
  assert.equal(all.data.project.secrets, { nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } });
});

test('many parents are one call a kind', async () => {
  const { kvetch } = await open(0);
  const owners: string[] = [];
  for (const made of await kvetch.createObjects(
    'Issue',
    Array.from({ length: 10_000 }, (_, number) => ({ data: { number } })),
  )) {
    assert.not.instance(made, Error);
    owners.push(made as string);
  }
  const many = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { owners(ids: [ID!]!): [Owner] }
      type Owner { issues(first: Int): Issues }
      type Issues { nodes: [Issue] pageInfo: PageInfo totalCount: Int }
      type Issue { id: ID! }
      type PageInfo { hasNextPage: Boolean }
    `,
    objects: {
      Query: { plans: { owners: (_$root, { $ids }) => $ids } },
      Owner: { plans: { issues: ($id, fieldArgs) => kvetchConnection('issues', $id, fieldArgs) } },
      Issue: { authorize: ($issue) => lambda(get($issue, 'isSecret'), isPublic), hidden: 'leaveOut' },
    },
  });
  kvetch.stats.reset();
  const document = parse(
    'query ($ids: [ID!]!) { owners(ids: $ids) { issues(first: 2) { nodes { id } pageInfo { hasNextPage } } } }',
  );
  const answer = plain(
    await createEngine({ schema: many }).execute({
      document,
      variableValues: { ids: owners },
      contextValue: { kvetch },
    }),
  );
  assert.is(answer.errors, undefined);
  assert.is(answer.data.owners.length, 10_000);
  assert.equal(answer.data.owners[9_999].issues, { nodes: [], pageInfo: { hasNextPage: false } });
  assert.equal([kvetch.stats.rounds, kvetch.stats.storeCalls], [1, 1]);
});

test('a store that fails at each of its calls', async () => {
  const document = parse(
    'query ($id: ID!) { project(id: $id) { id secrets(first: 2) { nodes { id } edges { node { id } } pageInfo { hasNextPage } } } }',
  );
  /** The answer where one call fails, and how many there were. */
  const askWith = async (failing: number, speculation: boolean): Promise<Answer & { readonly calls: number }> => {
    let calls = Number.NEGATIVE_INFINITY;
    const { kvetch, project } = await open(
      9,
      (n) => ({ isSecret: n < 6 }),
      (_method, run) => {
        if (calls++ === failing) throw new Error('The store is down.');
        return run();
      },
    );
    calls = 0;
    const engine = createEngine({ schema, limits: speculation ? {} : { speculation: false } });
    const answer = plain(await engine.execute({ document, variableValues: { id: project }, contextValue: { kvetch } }));
    return JSON.parse(JSON.stringify({ ...answer, calls }).replaceAll(project, 'the project'));
  };
  for (const speculation of [false, true]) {
    const right = await askWith(-1, speculation);
    assert.is(right.errors, undefined);
    assert.is(right.data.project.secrets.nodes.length, 2);
    assert.ok(right.calls >= 4, `${right.calls} calls`);
    for (let failing = 0; failing < right.calls; failing++) {
      const { data, errors } = await askWith(failing, speculation);
      if (errors === undefined) {
        assert.ok(speculation, `${failing}: what fails ahead of its turn is asked for again, and nothing else`);
        assert.is(data.project.secrets.nodes.length, 2);
      } else {
        assert.match(errors[0]?.message ?? '', /unavailable|down/);
        if (data.project !== null) assert.is(data.project.id, 'the project');
      }
    }
  }
});

test('an abort ends what is being filled, and nothing more is read', async () => {
  const controller = new AbortController();
  let calls = 0;
  let open_ = (): void => {};
  const { kvetch, project, rounds } = await open(
    60,
    (n) => ({ isSecret: n < 50 }),
    async (_method, run) => {
      if (++calls === 3) {
        controller.abort(new Error('enough'));
        await new Promise<void>((resolve) => {
          open_ = resolve;
        });
      }
      return run();
    },
  );
  calls = 0;
  rounds.length = 0;
  const document = parse('query ($id: ID!) { project(id: $id) { secrets(first: 2) { nodes { id } } } }');
  const engine = createEngine({ schema, limits: { speculation: false } });
  const answer = await Promise.resolve(
    engine.execute({
      document,
      variableValues: { id: project },
      contextValue: { kvetch },
      abortSignal: controller.signal,
      onAbort: 'RESPOND',
    }),
  );
  assert.match(JSON.stringify(plain(answer).errors), /enough/);
  open_();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(calls, 3);
});

test('what starts ahead and what is thrown away is counted, and agrees with what the store saw [10.4.5 10.5.9]', async () => {
  const { kvetch, project, rounds } = await open(7, (n) => ({ isSecret: n > 2 }));
  const counters = prometheusCounters();
  try {
    kvetch.stats.reset();
    rounds.length = 0;
    const document = parse(
      'query ($id: ID!) { project(id: $id) { secrets(first: 7) { edges { node { id project { id issues { totalCount } } } } } } }',
    );
    const text = await createEngine({ schema: linked }).explain({
      document,
      variableValues: { id: project },
      contextValue: { kvetch },
      analyze: true,
    });
    const { ahead, aheadUsed, aheadWasted, keys } = kvetch.stats;
    assert.is(ahead, aheadUsed + aheadWasted);
    // The project, its list and seven issues, each once; the list has been read to its end, and so is counted.
    assert.is(keys, 1 + 1 + 7);
    const notes = [...String(text).matchAll(/started ahead (\d+), thrown away (-?\d+)/g)];
    assert.ok(notes.length > 0, text);
    const sum = (at: number): number => notes.reduce((total, note) => total + Number(note[at]), 0);
    assert.ok(notes.every(([, started, wasted]) => Number(wasted) >= 0 && Number(wasted) <= Number(started)));
    const total = (name: string): number =>
      [...counters.text().matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))].reduce(
        (all, [, number]) => all + Number(number),
        0,
      );
    assert.is(total('planql_load_ahead_keys_total'), sum(1));
    assert.is(total('planql_load_ahead_keys_total') - total('planql_load_ahead_used_keys_total'), sum(2));
  } finally {
    counters.stop();
  }
});

test('a subscription may listen by a count: its connection gives no objects of the field', async () => {
  const { kvetch, project } = await open();
  const listened: unknown[] = [];
  async function* subscribe(topic: unknown): AsyncGenerator<unknown> {
    listened.push(topic);
    yield topic;
  }
  const events = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { none: Int }
      type Subscription { secrets: Secrets }
      type Secrets { nodes: [Secret] totalCount: Int }
      type Secret { id: ID! }
    `,
    objects: {
      Subscription: {
        plans: {
          secrets: {
            subscribePlan: () =>
              listen(
                get(context(), 'events'),
                lambda(get(kvetchConnection('issues', get(context(), 'project')), 'totalCount'), String),
              ),
            plan: () => constant(null),
          },
        },
      },
      Secret: { authorize: () => constant(false) },
    },
    // biome-ignore lint/suspicious/noExplicitAny: a schema without a type map
  } as any);
  const document = parse('subscription { secrets { nodes { id } } }');
  const contextValue = { kvetch, project, events: { subscribe } };
  const stream = await createEngine({ schema: events }).subscribe({ document, contextValue });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  for await (const { data } of stream) assert.equal({ ...data }, { secrets: null });
  assert.equal(listened, ['7']);
});

test('explain names the parts', async () => {
  const { kvetch, project } = await open();
  const text = await createEngine({ schema }).explain({
    document: parse(
      'query ($id: ID!) { project(id: $id) { secrets(first: 2) { edges { node { id } } pageInfo { hasNextPage } } issues { edges { cursor } } } }',
    ),
    variableValues: { id: project },
    contextValue: { kvetch },
  });
  for (const op of [
    'kvetch.window',
    'kvetch.fill',
    'kvetch.readOn',
    'kvetch.filledPage',
    'kvetch.connectionEdges',
    'kvetch.pageInfo',
    'kvetch.page',
  ]) {
    assert.ok(String(text).includes(op), `${op}: ${text}`);
  }
});

test.run();
