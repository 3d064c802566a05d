import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, createEngine, fn, get, lambda, makeSchema } from '../../../src/index.ts';
import {
  createKvetch,
  defineKvetchSchema,
  kvetchConnection,
  kvetchIndexConnection,
  loadObject,
  memoryShards,
} from '../../../src/kvetch.ts';
import { fewBackends, wrapStore } from '../../kvetch/backends.ts';
import { needs } from '../../support/needs.ts';

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Project' },
    { typeId: 2, name: 'Issue' },
  ],
  edges: [
    { edgeId: 10, name: 'issues', from: 'Project', storedOn: 'Issue', storedIdAttr: 'project' },
    { edgeId: 11, name: 'pinned', from: 'Project', to: 'Issue' },
  ],
  indexes: [{ name: 'by_status', type: 'Issue', attr: 'status', kind: 'string' }],
});

const isPublic = fn('test.sparse.isPublic', (secret: unknown) => secret !== true);
const filter = ($issue: Parameters<typeof get>[0]) => lambda(get($issue, 'isSecret'), isPublic);

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { project(id: ID!): Project, byStatus(first: Int): Issues }
    type Project { id: ID!, issues(first: Int, after: String, last: Int): Issues, pinned(first: Int): Issues }
    type Issues { nodes: [Issue!] edges: [IssueEdge!] pageInfo: PageInfo! }
    type IssueEdge { cursor: String! node: Issue! }
    type Issue { id: ID! }
    type PageInfo { hasNextPage: Boolean! endCursor: String }
  `,
  objects: {
    Query: {
      plans: {
        project: (_$root, { $id }) => loadObject($id),
        byStatus: (_$root, fieldArgs) =>
          kvetchIndexConnection('by_status', constant('open'), fieldArgs, { filter, furtherPages: 0 }),
      },
    },
    Project: {
      plans: {
        issues: ($project, fieldArgs) =>
          kvetchConnection('issues', get($project, 'id'), fieldArgs, { filter, furtherPages: 1 }),
        pinned: ($project, fieldArgs) => kvetchConnection('pinned', get($project, 'id'), fieldArgs),
      },
    },
  },
});

const message =
  'A page was given up: too many entries of its list are hidden or stale. Read the list by an edge or index that holds fewer of them.';

type Answer = {
  readonly data: Record<string, unknown> | null;
  readonly errors?: ReadonlyArray<{ readonly message: string; readonly path: unknown }>;
};

const test = suite('pages without anything to show');

for (const backend of fewBackends) {
  needs(test, ...backend.servers)(
    `${backend.name}: an error with its message, and only where nothing is shown [10.5.4]`,
    async () => {
      const kvetch = createKvetch({ ...backend.open(), schema: store });
      const project = await kvetch.createObject('Project', {});
      const create = (isSecret: boolean) => ({ data: { project, isSecret, status: 'open' } });
      await kvetch.createObjects(
        'Issue',
        Array.from({ length: 40 }, () => create(true)),
      );
      const shown = await kvetch.createObject('Issue', create(false).data);
      const engine = createEngine({ schema });
      const ask = async (selection: string): Promise<Answer> => {
        const document = parse(`query ($id: ID!) { ${selection} }`);
        const request = { document, variableValues: { id: project }, contextValue: { kvetch } };
        const answer = JSON.parse(JSON.stringify(await engine.execute(request)));
        assert.equal(JSON.parse(String(await engine.executeToString(request))), answer);
        return answer;
      };
      const errorAt = (...path: readonly string[]) => ({ message, path });
      const errorsOf = ({ errors }: Answer) => errors?.map(({ message, path }) => ({ message, path }));
      try {
        const nodes = await ask('project(id: $id) { issues(first: 2) { nodes { id } } }');
        assert.equal(errorsOf(nodes), [errorAt('project', 'issues', 'nodes')]);
        assert.equal(nodes.data, { project: { issues: { nodes: null } } });
        const edges = await ask('project(id: $id) { issues(first: 2) { edges { cursor } } }');
        assert.equal(errorsOf(edges), [errorAt('project', 'issues', 'edges')]);
        const index = await ask('byStatus(first: 3) { nodes { id } }');
        assert.equal(errorsOf(index), [errorAt('byStatus', 'nodes')]);
        // the only one that is shown is the last
        const last = await ask('project(id: $id) { issues(last: 2) { nodes { id } } }');
        assert.equal(last, { data: { project: { issues: { nodes: [{ id: shown }] } } } });
        const all = await ask('project(id: $id) { issues(first: 40) { nodes { id } pageInfo { hasNextPage } } }');
        assert.equal(all, {
          data: { project: { issues: { nodes: [{ id: shown }], pageInfo: { hasNextPage: false } } } },
        });
        const none = await ask('project(id: $id) { issues(first: 0) { nodes { id } } }');
        assert.equal(none, { data: { project: { issues: { nodes: [] } } } });
      } finally {
        await kvetch.close();
      }
    },
  );
}

test('10,000 stale entries are the end of a page, and take few rounds [10.5.3]', async () => {
  let rounds = 0;
  const shards = memoryShards(1);
  const late = shards.map((shard) =>
    wrapStore(shard, async (method, run) => {
      if (method === 'readEdgePages') rounds++;
      return run();
    }),
  );
  const kvetch = createKvetch({ shards: late, schema: store });
  const project = await kvetch.createObject('Project', {});
  const pin = async (count: number): Promise<readonly string[]> => {
    const ids = (await kvetch.createObjects(
      'Issue',
      Array.from({ length: count }, () => ({ data: {} })),
    )) as readonly string[];
    for (const toId of ids) await kvetch.insertEdge('pinned', { fromId: project, toId });
    return ids;
  };
  const unpinned = await pin(9_000);
  for (const id of unpinned) await kvetch.deleteObject(id);
  const ask = async (): Promise<Answer> => {
    rounds = 0;
    const document = parse('query ($id: ID!) { project(id: $id) { pinned(first: 2) { nodes { id } } } }');
    const request = { document, variableValues: { id: project }, contextValue: { kvetch } };
    return JSON.parse(JSON.stringify(await createEngine({ schema }).execute(request)));
  };
  assert.equal(await ask(), { data: { project: { pinned: { nodes: [] } } } });
  assert.ok(rounds < 20, `${rounds} rounds`);
  for (const id of await pin(2_000)) await kvetch.deleteObject(id);
  await pin(1);
  const { errors, data } = await ask();
  assert.equal(data, { project: { pinned: { nodes: null } } });
  assert.equal(errors?.[0]?.message, message);
  assert.ok(rounds < 20, `${rounds} rounds`);
  await kvetch.close();
});

test.run();
