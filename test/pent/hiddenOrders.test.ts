/** Lists in an order and under conditions: neither they nor their counts, cursors and places tell of hidden fields. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch } from '../../src/kvetch.ts';
import { objectsOf } from '../../src/pent/ofType.ts';
import {
  allowAll,
  allowIf,
  authorizePent,
  definePents,
  Pent,
  PentContext,
  type PentDefinition,
  type PentModel,
  type Policy,
  pent,
  pentConnection,
  pentEdge,
  pentsFromIndex,
  readEdge,
  sameAs,
} from '../../src/pent.ts';
import { backends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';

const storeSchema = defineKvetchSchema({
  objects: [
    { typeId: 650, name: 'Team', fields: { name: 'string' } },
    {
      typeId: 651,
      name: 'Member',
      fields: { name: 'string', team: 'uuid', pay: 'int', status: 'string', level: 'int' },
    },
  ],
  edges: [
    { edgeId: 65, name: 'members', from: 'Team', storedOn: 'Member', storedIdAttr: 'team' },
    { edgeId: 66, name: 'byPay', from: 'Team', storedOn: 'Member', storedIdAttr: 'team', orderBy: ['level', '-pay'] },
    {
      edgeId: 67,
      name: 'active',
      from: 'Team',
      storedOn: 'Member',
      storedIdAttr: 'team',
      where: { status: ['ACTIVE', 'NEW'] },
      orderBy: ['level'],
    },
    { edgeId: 68, name: 'unpaid', from: 'Team', storedOn: 'Member', storedIdAttr: 'team', where: { pay: null } },
  ],
  indexes: [
    { name: 'shelf', type: 'Member', attrs: ['level', 'status'] },
    { name: 'pay', type: 'Member', attrs: [], orderBy: ['pay'], parts: 2 },
    { name: 'new', type: 'Member', attrs: ['level'], where: { status: 'NEW' } },
    { name: 'level', type: 'Member', attrs: ['level'], orderBy: ['name'] },
  ],
});

type Viewer = 'pam' | 'eve';

class Team extends Pent {
  static override readonly definition: PentDefinition = { name: 'Team', typeId: 650 };
}

/** Pam sees everything. The others see the pay and the status of those on level 2. */
class Member extends Pent {
  static override readonly definition: PentDefinition = { name: 'Member', typeId: 651, storedIds: { team: ['Team'] } };
  static override readonly privacy: Policy<Member, Viewer> = {
    read: [sameAs('team'), allowAll],
    fields: {
      pay: [allowIf('pay', ({ $record }, { viewer }) => viewer === 'pam' || $record.level === 2)],
      status: [allowIf('status', async ({ $record }, { viewer }) => viewer === 'pam' || $record.level === 2)],
    },
  };
  get name(): string {
    return this.$record.name as string;
  }
}

const model: PentModel = definePents({ schema: storeSchema, pents: [Team, Member], byDefault: 'allow' });

const lists = ['members', 'byPay', 'active', 'unpaid'];
const argumentsOf = '(first: Int, after: String)';
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query {
      team(id: ID!): Team
      shelf(level: Int!, status: String!): [Member!]!
      pay(first: Int, after: String): [Member!]!
      new(level: Int!): [Member!]!
      level(level: Int!, first: Int, after: String): [Member!]!
    }
    type Team { id: ID! ${lists.map((name) => `${name}${argumentsOf}: [Member!]! ${name}Paged${argumentsOf}: Members!`).join(' ')} }
    type Member { id: ID! name: String! }
    type PageInfo { hasNextPage: Boolean! endCursor: String }
    type Members { nodes: [Member!]! edges: [MemberEdge!]! totalCount: Int! pageInfo: PageInfo! }
    type MemberEdge { cursor: String! node: Member! }
  `,
  objects: {
    Query: {
      plans: {
        team: (_$root, { $id }) => pent(Team, $id),
        shelf: { resolve: (_source, args, { pent: context }) => Member.allFromIndex(context, 'shelf', { ...args }) },
        pay: (_$root, { $first, $after }) => pentsFromIndex(Member, 'pay', constant({}), { $first, $after }),
        new: (_$root, { $level }) => pentsFromIndex(Member, 'new', $level),
        level: (_$root, { $level, $first, $after }) => pentsFromIndex(Member, 'level', $level, { $first, $after }),
      },
    },
    Team: {
      plans: Object.fromEntries(
        lists.flatMap((name) => [
          [name, ($team, { $first, $after }) => pentEdge(Member, name, $team, { $first, $after })],
          [`${name}Paged`, ($team, { $first, $after }) => pentConnection(Member, name, $team, { $first, $after })],
        ]),
      ),
    },
    Member: { authorize: authorizePent, hidden: 'leaveOut' },
  },
});
const engine = createEngine({ schema });
const nothing = '00000000-0000-4000-8000-000000000000';

interface World {
  readonly kvetch: Kvetch;
  readonly team: string;
  readonly ids: Readonly<Record<string, string>>;
}

/** Those on level 2 show everything: c, d and f. */
const rows: ReadonlyArray<readonly [name: string, level: number, pay: number | null, status: string]> = [
  ['a', 1, 10, 'ACTIVE'],
  ['b', 1, null, 'NEW'],
  ['c', 2, 30, 'NEW'],
  ['d', 2, null, 'GONE'],
  ['e', 3, 20, 'ACTIVE'],
  ['f', 2, 40, 'ACTIVE'],
];

const used = backends.filter(({ name }) =>
  ['memory x 1', 'memory x 3', 'sqlite x 1', 'mysql x 1', 'redis over mysql x 1'].includes(name),
);

for (const backend of used) {
  const test = needs(suite(`orders and conditions of hidden fields, ${backend.name}`), ...backend.servers);
  let world: World;

  test.before(async () => {
    const kvetch = createKvetch({ schema: storeSchema, ...backend.open() });
    const team = await kvetch.createObject('Team', { name: 'team' });
    const ids: Record<string, string> = {};
    for (const [name, level, pay, status] of rows)
      ids[name] = await kvetch.createObject('Member', { name, team, level, status, ...(pay !== null && { pay }) });
    world = { kvetch, team, ids };
  });
  test.after(() => world.kvetch.close());

  const as = (viewer: Viewer): PentContext<Viewer> => new PentContext({ kvetch: world.kvetch, model, viewer });

  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its question
  async function ask(viewer: Viewer, source: string): Promise<any> {
    const { data, errors } = await engine.execute({ document: parse(source), contextValue: { pent: as(viewer) } });
    assert.is(errors, undefined, String(errors));
    return JSON.parse(JSON.stringify(data));
  }
  const names = (members: ReadonlyArray<{ readonly name: string }>): string => members.map(({ name }) => name).join('');
  const inTeam = async (viewer: Viewer, fields: string) =>
    (await ask(viewer, `{ team(id: "${world.team}") { ${fields} } }`)).team;

  test('a list has only entries whose fields, as far as the list tells of them, the viewer sees', async () => {
    for (const [viewer, expected] of [
      ['pam', { members: 'abcdef', byPay: 'abfcde', active: 'abcfe', unpaid: 'bd' }],
      ['eve', { members: 'abcdef', byPay: 'fcd', active: 'cf', unpaid: 'd' }],
    ] as const) {
      const found: Record<string, string> = {};
      const paged: Record<string, string> = {};
      for (const list of lists) {
        const parts = 'totalCount nodes { name } edges { cursor } pageInfo { hasNextPage }';
        const team = await inTeam(viewer, `${list} { name } ${list}Paged { ${parts} }`);
        const { totalCount, nodes, edges, pageInfo } = team[`${list}Paged`];
        found[list] = names(team[list]);
        paged[list] = names(nodes);
        assert.equal([totalCount, edges.length, pageInfo.hasNextPage], [nodes.length, nodes.length, false], list);
        const page = await readEdge<Member>(await Team.getX(as(viewer), world.team), list);
        assert.is(names(objectsOf(page)), found[list]);
      }
      assert.equal(found, expected, viewer);
      assert.equal(paged, expected, viewer);
    }
  });

  test('pages are full, and cursors lead from one readable entry to the next', async () => {
    let after = '';
    let seen = '';
    for (;;) {
      const parts = '{ nodes { name } pageInfo { hasNextPage endCursor } }';
      const { byPayPaged } = await inTeam('eve', `byPayPaged(first: 1${after}) ${parts}`);
      seen += names(byPayPaged.nodes);
      after = `, after: "${byPayPaged.pageInfo.endCursor}"`;
      if (!byPayPaged.pageInfo.hasNextPage) break;
    }
    assert.is(seen, 'fcd');
  });

  test('a bare id as a place: that of an entry whose order is hidden is that of nothing', async () => {
    const { a = '', b = '', e = '', f = '', c = '' } = world.ids;
    for (const list of ['byPay', 'active']) {
      const behind = async (viewer: Viewer, id: string): Promise<string> =>
        names((await inTeam(viewer, `${list}(after: "${id}") { name }`))[list]);
      assert.equal(await Promise.all([nothing, a, b, e].map((id) => behind('eve', id))), ['', '', '', ''], list);
      assert.is(await behind('pam', a), list === 'byPay' ? 'bfcde' : 'bcfe');
      assert.is(await behind('eve', list === 'byPay' ? f : c), list === 'byPay' ? 'cd' : 'f');
    }
  });

  test('lists by values, too', async () => {
    const all = '{ pay { name } one: new(level: 1) { name } two: new(level: 2) { name } level(level: 1) { name } }';
    const found = async (viewer: Viewer): Promise<unknown> => {
      const { pay, one, two, level } = await ask(viewer, all);
      const { s1, s2 } = await ask(
        viewer,
        '{ s1: shelf(level: 1, status: "ACTIVE") { name } s2: shelf(level: 2, status: "ACTIVE") { name } }',
      );
      return [pay, one, two, level, s1, s2].map(names);
    };
    assert.equal(await found('pam'), ['aecfbd', 'b', 'c', 'ab', 'a', 'f']);
    assert.equal(await found('eve'), ['cfd', '', 'c', 'ab', '', 'f']);
    assert.is(names(await ask('eve', '{ pay(first: 2) { name } }').then(({ pay }) => pay)), 'cf');
  });

  test.run();
}
