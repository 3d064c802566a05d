import { suite } from 'uvu';
import { type AnyStep, constant, each, fn, get, lambda, makeSchema } from '../../src/index.ts';
import { markedCursor } from '../../src/kvetch/reads/cursors.ts';
import {
  createKvetch,
  defineKvetchSchema,
  kvetchConnection,
  kvetchIndexConnection,
  memoryShards,
} from '../../src/kvetch.ts';
import { type Case, casesOf } from './roads.ts';

const test = suite('connections over lists of Kvetch');
const addCases = casesOf(import.meta.url);

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Project' },
    { typeId: 2, name: 'Issue' },
  ],
  edges: [{ edgeId: 10, name: 'issues', from: 'Project', storedOn: 'Issue', storedIdAttr: 'project' }],
  indexes: [{ name: 'by_status', type: 'Issue', attr: 'status', kind: 'string' }],
});
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const kvetch = createKvetch({ schema: store, shards: memoryShards(2) });
await kvetch.createObject('Project', {}, { id: id(0) });
for (let number = 1; number <= 8; number++) {
  const data = {
    project: id(0),
    number,
    owner: number % 3 === 0 ? 'ann' : 'bob',
    status: number < 7 ? 'open' : 'done',
  };
  await kvetch.createObject('Issue', data, { id: id(number) });
}
const { edges } = await kvetch.getEdges('issues', id(0));

const isAnns = fn('cases.connections.isAnns', (owner: unknown) => owner === 'ann');
const areSame = fn('cases.connections.areSame', ([a, b]: readonly unknown[]) => a === b);
const isOpen = fn('cases.connections.isOpen', (status: unknown) => status === 'open');

const project = fn('cases.connections.project', () => ({ id: id(0) }));
const done = fn('cases.connections.done', () => 'done');
const typeName = fn('cases.connections.typeName', () => 'MyIssue');

const ofPerson = ($person: AnyStep, fieldArgs: object) =>
  kvetchConnection('issues', constant(id(0)), fieldArgs, {
    filter: ($issue) => lambda([get($issue, 'owner'), get($person, 'name')], areSame),
  });
const args = '(first: Int, after: String, last: Int, before: String)';
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    interface Node { id: ID! }
    type Query { project: Project, done: Issues, people: [Person], beings: [Being] }
    interface Being { all${args}: Issues }
    type Person implements Being { name: String, all${args}: Issues, pages(first: Int): [Issues] }
    type Project { issues${args}: Issues, open${args}: Issues, mine${args}: Mine, nodes${args}: Nodes }
    type Issues { nodes: [Issue!] edges: [IssueEdge!] pageInfo: PageInfo totalCount: Int }
    type IssueEdge { cursor: String node: Issue }
    type Issue { number: Int }
    type Mine { nodes: [MyIssue!] edges: [MyEdge!] pageInfo: PageInfo totalCount: Int }
    type MyEdge { cursor: String node: MyIssue! }
    type MyIssue implements Node { id: ID! number: Int }
    type Nodes { nodes: [Node!] }
    type PageInfo { hasNextPage: Boolean hasPreviousPage: Boolean startCursor: String endCursor: String }
  `,
  objects: {
    Query: {
      plans: {
        project: (_$root, _args) => lambda(null, project),
        people: () => constant([{ name: 'ann' }, { name: 'eve' }, { name: 'bob' }]),
        beings: () => constant([{ name: 'ann' }, { name: 'bob' }]),
        done: () => kvetchIndexConnection('by_status', lambda(null, done)),
      },
    },
    // Their issues are found among all of one project.
    Person: {
      plans: {
        all: ofPerson,
        pages: ($person, fieldArgs) => each(constant([1, 2]), () => ofPerson($person, fieldArgs)),
      },
    },
    Project: {
      plans: {
        issues: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs),
        open: ($project, fieldArgs) =>
          kvetchConnection('issues', get($project, 'id'), fieldArgs, {
            filter: ($issue) => lambda(get($issue, 'status'), isOpen),
          }),
        mine: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs),
        nodes: ($project, fieldArgs) => kvetchConnection('issues', get($project, 'id'), fieldArgs),
      },
    },
    MyIssue: { authorize: ($issue) => lambda(get($issue, 'owner'), isAnns), hidden: 'leaveOut' },
  },
  interfaces: {
    Being: { planType: () => ({ $__typename: constant('Person') }) },
    Node: { planType: ($node) => ({ $__typename: lambda($node, typeName) }) },
  },
});
const nodes = (...numbers: number[]): object[] => numbers.map((number) => ({ number }));
const page = '{ nodes { number } edges { node { number } } pageInfo { hasNextPage hasPreviousPage } }';
const shown = (numbers: readonly number[], hasNextPage: boolean, hasPreviousPage = false): object => ({
  nodes: nodes(...numbers),
  edges: numbers.map((number) => ({ node: { number } })),
  pageInfo: { hasNextPage, hasPreviousPage },
});

const expected: Readonly<Record<string, { operation: string; data: object; variables?: Record<string, unknown> }>> = {
  'a page': { operation: `issues(first: 2) ${page}`, data: { issues: shown([1, 2], true) } },
  'a page from the end': { operation: `issues(last: 2) ${page}`, data: { issues: shown([7, 8], false, true) } },
  'a count, and nothing else': { operation: 'issues(first: 2) { totalCount }', data: { issues: { totalCount: 8 } } },
  'edges without objects': {
    operation: 'issues(first: 2) { edges { __typename } pageInfo { hasNextPage } }',
    data: {
      issues: { edges: [{ __typename: 'IssueEdge' }, { __typename: 'IssueEdge' }], pageInfo: { hasNextPage: true } },
    },
  },
  'behind a cursor': {
    operation: `issues(first: 2, after: $after) ${page}`,
    variables: { after: 2 },
    data: { issues: shown([3, 4], true, true) },
  },
  'a filter leaves no gaps': { operation: `open(first: 6) ${page}`, data: { open: shown([1, 2, 3, 4, 5, 6], false) } },
  'authorize leaves no gaps': { operation: `mine(first: 1) ${page}`, data: { mine: shown([3], true) } },
  'authorize leaves out the last': { operation: `mine(first: 2) ${page}`, data: { mine: shown([3, 6], false) } },
  'objects of an interface': {
    operation: 'nodes { nodes { id } }',
    data: { nodes: { nodes: [{ id: id(3) }, { id: id(6) }] } },
  },
};

addCases(
  test,
  Object.entries(expected).map(([name, { operation, data, variables }]): Case => {
    const needsCursor = variables !== undefined;
    return {
      name,
      rules: ['R23', 'R24', 'R29'],
      schema,
      reference: null,
      operation: `query${needsCursor ? ' ($after: String)' : ''} { project { ${operation} } }`,
      ...(needsCursor && { variables: { after: cursorAt(1) } }),
      makeContext: () => ({ kvetch }),
      expected: { data: { project: data } },
    };
  }),
);

addCases(test, [
  ...(['people', 'beings'] as const).map(
    (field): Case => ({
      name: `a list of the request, filtered for each of the ${field} [2.7.8]`,
      rules: ['R4'],
      schema,
      reference: null,
      operation: `{ ${field} { all(first: 2) ${page} again: all(first: 1) { nodes { number } } } }`,
      makeContext: () => ({ kvetch }),
      expected: {
        data: {
          [field]: [
            { all: shown([3, 6], false), again: { nodes: nodes(3) } },
            ...(field === 'people' ? [{ all: shown([], false), again: { nodes: [] } }] : []),
            { all: shown([1, 2], true), again: { nodes: nodes(1) } },
          ],
        },
      },
    }),
  ),
  {
    name: 'a list of connections for each row [2.5.2]',
    rules: ['R4'],
    schema,
    reference: null,
    operation: '{ people { pages(first: 1) { nodes { number } pageInfo { hasNextPage } } } }',
    makeContext: () => ({ kvetch }),
    expected: {
      data: {
        people: [[3], [], [1]].map((numbers) => {
          const one = { nodes: nodes(...numbers), pageInfo: { hasNextPage: numbers.length > 0 } };
          return { pages: [one, one] };
        }),
      },
    },
  },
  {
    name: 'an index',
    rules: ['R23'],
    schema,
    reference: null,
    operation: '{ done { nodes { number } pageInfo { hasNextPage } totalCount } }',
    makeContext: () => ({ kvetch }),
    expected: {
      data: { done: { nodes: nodes(7, 8), pageInfo: { hasNextPage: false }, totalCount: null } },
      errors: [
        {
          message: 'The entries of the index "by_status" are not counted.',
          locations: [{ line: 1, column: 52 }],
          path: ['done', 'totalCount'],
        },
      ],
    },
  },
]);

function cursorAt(at: number): string {
  const edge = edges[at];
  return edge === undefined ? '' : markedCursor(edge);
}

test.run();
