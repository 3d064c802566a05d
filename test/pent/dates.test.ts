/** Dates as conditions and bounds of lists, and pages of a type from both ends: by async methods, in plans and after their export. */
import { parse } from 'graphql';
import { createEngine, exportPlan, importPlan, makeSchema, object } from 'planql';
import { createKvetch, defineKvetchSchema, type Kvetch } from 'planql/kvetch';
import {
  allowIf,
  browsePents,
  definePents,
  denyAll,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  pent,
  pentConnection,
  pentFromIndex,
  pentIndexConnection,
  scalars,
} from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fewBackends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';

const marked = new Date('2026-01-31T12:00:00Z');
const day = (n: number): string => `2026-01-${String(n).padStart(2, '0')}T00:00:00.000Z`;

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shop', fields: { name: 'string' } },
    {
      typeId: 2,
      name: 'Task',
      fields: { shop: 'uuid', dueAt: 'date', goneAt: 'date', owner: 'string', name: 'string' },
    },
  ],
  edges: [
    { edgeId: 1, name: 'due', from: 'Shop', storedOn: 'Task', storedIdAttr: 'shop', orderBy: ['dueAt'] },
    {
      ...{ edgeId: 2, name: 'kept', from: 'Shop', storedOn: 'Task', storedIdAttr: 'shop' },
      ...{ where: { goneAt: [null, marked] }, orderBy: ['-dueAt'] },
    },
  ],
  indexes: [
    { name: 'all_due', type: 'Task', attrs: [], parts: 2, orderBy: ['-dueAt'] },
    { name: 'by_day', type: 'Task', attrs: ['dueAt'], where: { goneAt: marked }, unique: true },
  ],
});

class Shop extends Pent {
  static override readonly definition: PentDefinition = { name: 'Shop', typeId: 1, public: true };
}

class Task extends Pent {
  static override readonly definition: PentDefinition = { name: 'Task', typeId: 2 };
  static override readonly privacy: Policy<Task, string> = {
    read: [allowIf('own', ({ owner }, { viewer }) => owner === viewer), denyAll],
  };

  get owner(): unknown {
    return this.$record.owner;
  }

  get name(): unknown {
    return this.$record.name;
  }

  get dueAt(): unknown {
    return this.$record.dueAt;
  }
}

const model = definePents({ schema: store, pents: [Shop, Task], byDefault: 'deny' });

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    scalar DateTime
    input Days { from: DateTime to: DateTime }
    type Shop {
      due(first: Int, last: Int, after: String, before: String, at: Days): Tasks!
      dueOn(at: DateTime): Tasks!
      kept(first: Int! = 100): Tasks!
    }
    type Tasks { nodes: [Task!]! totalCount: Int! pageInfo: Info! }
    type Info { startCursor: String endCursor: String hasNextPage: Boolean! }
    type Task { id: ID! name: String! dueAt: DateTime }
    type Query {
      shop(id: ID!): Shop
      all(at: Days = { from: "2026-01-04T00:00:00Z" }): Tasks!
      byDay(at: DateTime!): Task
      browse(first: Int, last: Int, before: ID, after: ID): [Task!]!
    }
  `,
  scalars: { DateTime: scalars.DateTime },
  objects: {
    Query: {
      plans: {
        shop: (_$root, { $id }) => pent(Shop, $id),
        all: (_$root, { $at }) => pentIndexConnection(Task, 'all_due', object({}), { range: { dueAt: $at } }),
        byDay: (_$root, { $at }) => pentFromIndex(Task, 'by_day', $at),
        browse: (_$root, { $first, $last, $before, $after }) => browsePents(Task, { $first, $last, $before, $after }),
      },
    },
    Shop: {
      plans: {
        due: ($shop, { $first, $last, $after, $before, $at }) =>
          pentConnection(Task, 'due', $shop, { $first, $last, $after, $before, range: { dueAt: $at } }),
        dueOn: ($shop, { $at }) => pentConnection(Task, 'due', $shop, { range: { dueAt: $at } }),
        kept: ($shop, { $first }) => pentConnection(Task, 'kept', $shop, { $first }),
      },
    },
  },
});

interface Page {
  readonly nodes: ReadonlyArray<{ readonly name: string }>;
  readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  readonly totalCount: number;
}
interface Answer {
  readonly data?: {
    readonly shop: { readonly due: Page; readonly dueOn: Page; readonly kept: Page };
    readonly all: Page;
    readonly byDay: unknown;
    readonly browse: ReadonlyArray<{ readonly id: string }>;
  } | null;
  readonly errors?: ReadonlyArray<{ readonly message: string; readonly extensions: { readonly code?: string } }>;
}
const numbers = (page: Page | undefined): unknown => page?.nodes.map(({ name }) => Number(name.slice(1)));

for (const backend of fewBackends) {
  const test = needs(suite(`dates and ends, ${backend.name}`), ...backend.servers);
  let kvetch: Kvetch;
  let shop = '';
  /** Due on days 1 to 9, the last two never; each third is Ben's. */
  let tasks: readonly string[] = [];
  const adas = [1, 2, 4, 5, 7, 8];
  const ada = () => new PentContext({ kvetch, model, viewer: 'ada' });

  test.before(async () => {
    kvetch = createKvetch({ schema: store, ...backend.open() });
    shop = await kvetch.createObject('Shop', { name: 'a' });
    const ids: string[] = [];
    for (let n = 1; n <= 11; n++) {
      const goneAt = n === 5 ? marked : n === 7 ? new Date(marked.getTime() + 1) : null;
      const data = { shop, dueAt: n > 9 ? null : new Date(day(n)), goneAt, owner: n % 3 === 0 ? 'ben' : 'ada' };
      ids.push(await kvetch.createObject('Task', { ...data, name: `t${n}` }));
    }
    tasks = ids;
  });
  test.after(() => kvetch.close());

  /** By the plan, and by its JSON. */
  async function run(text: string, variableValues: Record<string, unknown> = {}): Promise<Answer> {
    const document = parse(`query ($at: Days, $on: DateTime, $after: String, $id: ID) { ${text} }`);
    const prepared = createEngine({ schema }).prepare(document);
    const imported = importPlan(schema, JSON.parse(JSON.stringify(exportPlan(prepared))));
    const [first, second] = await Promise.all(
      [prepared, imported].map(async (plan) => {
        const answer = await plan.execute({ variableValues, contextValue: { pent: ada() } });
        return JSON.parse(JSON.stringify(answer)) as Answer;
      }),
    );
    assert.equal(second, first, text);
    return first ?? {};
  }
  const due = async (args: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    numbers((await run(`shop(id: "${shop}") { due${args} { nodes { name } } }`, variables)).data?.shop.due);

  test('bounds are dates by literals, variables and offsets, both ends included', async () => {
    assert.equal(await due(`(at: { from: "${day(2)}", to: "${day(7)}" })`), [2, 4, 5, 7]);
    assert.equal(await due('(at: $at)', { at: { from: day(2), to: day(7) } }), [2, 4, 5, 7]);
    const elsewhere = { from: '2026-01-02T01:00:00+01:00', to: '2026-01-07T00:00Z' };
    assert.equal(await due('(at: $at)', { at: elsewhere }), [2, 4, 5, 7]);
    assert.equal(await due('(at: { from: $on })', { on: day(7) }), [7, 8]);
    assert.equal(await due('(at: { to: $on })', { on: day(2) }), [1, 2]);
    assert.equal(await due('(at: { from: null, to: null })'), adas, 'those that have a day');
    assert.equal(await due('(at: null)'), [...adas, 10, 11]);
    assert.equal(await due(`(at: { from: "${day(8)}", to: "${day(1)}" })`), []);
    assert.equal(await due(`(last: 2, at: { to: "${day(7)}" })`), [5, 7]);
    assert.equal(await due('(at: { from: "1969-12-31T23:59:59.999Z" }, last: 1)'), [8], 'before 1970');
  });

  test('a single date, a default, the key of an index, conditions', async () => {
    const on = await run(`shop(id: "${shop}") { dueOn(at: "${day(4)}") { totalCount nodes { name dueAt } } }`);
    assert.equal(on.data, { shop: { dueOn: { totalCount: 1, nodes: [{ name: 't4', dueAt: day(4) }] } } });
    assert.equal(numbers((await run('all { nodes { name } }')).data?.all), [8, 7, 5, 4]);
    const early = await run('all(at: $at) { nodes { name } }', { at: { to: day(2) } });
    assert.equal(numbers(early.data?.all), [2, 1]);
    assert.equal((await run(`byDay(at: "${day(5)}") { name }`)).data?.byDay, { name: 't5' });
    assert.equal((await run(`byDay(at: "${day(4)}") { name }`)).data?.byDay, null, 'its condition does not hold');
    const { data } = await run(`shop(id: "${shop}") { kept { totalCount nodes { name } } }`);
    assert.equal(numbers(data?.shop.kept), [8, 5, 4, 2, 1, 10, 11]);
    assert.is(data?.shop.kept.totalCount, 7);
  });

  test('pages within a date follow each other', async () => {
    const found: unknown[] = [];
    let after: string | null = null;
    for (let page = 0; page < 9; page++) {
      const text: string =
        'due(first: 2, after: $after, at: $at) { nodes { name } pageInfo { endCursor hasNextPage } }';
      const answer = await run(`shop(id: "${shop}") { ${text} }`, { after, at: { from: day(2) } });
      found.push(numbers(answer.data?.shop.due));
      if (answer.data?.shop.due.pageInfo.hasNextPage !== true) break;
      after = answer.data.shop.due.pageInfo.endCursor;
    }
    assert.equal(found, [[2, 4], [5, 7], [8]]);
  });

  test('what is no date is refused, and never another page', async () => {
    for (const wrong of ['2026-01-02', 'soon', '', 5, Number.NaN, '2026-13-01T00:00:00Z', { from: 1 }]) {
      const { data, errors } = await run(`shop(id: "${shop}") { due(at: $at) { nodes { name } } }`, {
        at: { from: wrong },
      });
      assert.ok(errors !== undefined && !data, JSON.stringify(wrong));
    }
    for (const wrong of [new Date(Number.NaN), '2026-01-01T00:00:00Z', 1.5, Number.POSITIVE_INFINITY, '\ud800']) {
      const answer = await kvetch.getEdges('due', shop, { range: { dueAt: { from: wrong } } }).then(String, String);
      assert.match(answer, /dueAt\.from.* is .*, which is no Date or integer of milliseconds/);
    }
    const { edges } = await kvetch.getEdges('due', shop, { range: { dueAt: { from: -0 } } });
    assert.is(edges.length, 9, '-0 is 0');
  });

  test('pages of a type go both ways', async () => {
    const inOrder = tasks.filter((_, n) => (n + 1) % 3 !== 0).sort();
    const ids = async (args: string, id: string | null = null): Promise<unknown> => {
      const { data, errors = [] } = await run(`browse${args} { id }`, { id });
      return data?.browse.map((task) => task.id) ?? errors.map(({ extensions }) => extensions.code);
    };
    assert.equal(await ids('(first: 3)'), inOrder.slice(0, 3));
    assert.equal(await ids('(last: 3)'), inOrder.slice(-3));
    assert.equal(await ids('(last: 2, before: $id)', inOrder[5]), inOrder.slice(3, 5));
    assert.equal(await ids('(first: 2, after: $id)', inOrder[5]), inOrder.slice(6, 8));
    assert.equal(await ids('(before: $id)', inOrder[2]), inOrder.slice(0, 2));
    assert.equal(await ids('(first: 1, last: 1)'), ['BAD_PAGE']);
    assert.equal(await ids('(last: -1)'), ['BAD_PAGE']);
    assert.equal(await ids('(last: 2, before: $id)', 'nonsense'), ['BAD_CURSOR']);
    assert.equal(await ids('(last: 2147483647)'), inOrder, 'a huge page is cut');
    assert.equal(
      (await Task.browse(ada(), { last: 3 })).map(({ id }) => id),
      inOrder.slice(-3),
    );
  });

  test.run();
}
