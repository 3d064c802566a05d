/** Lists of items under many roads: what a client fetches after a change, and how little would do. Tests and the bench count it. */
import type { GraphQLSchema } from 'graphql';
import { type AnyStep, get, lambda, makeSchema } from '../../../src/index.ts';
import { filter } from '../../../steps/index.ts';
import { countEdges, kvetchConnection, loadEdges, loadObject, loadObjects } from '../../../steps/kvetch/index.ts';

const EDGE = 'list_to_item_edge';
const TYPES: Readonly<Record<number, string>> = { 100000: 'TodoUser', 100001: 'TodoItem', 100002: 'TodoList' };

const items = ($list: AnyStep) => loadObjects(loadEdges(EDGE, get($list, 'id') as AnyStep)) as AnyStep;

/** Plans over Kvetch, without rules. */
export const plansSchema: GraphQLSchema = makeSchema({
  typeDefs: /* GraphQL */ `
    scalar UUID
    interface Node { id: UUID! }
    type Query { node(id: UUID!): Node todoUser(id: UUID!): TodoUser }
    type TodoUser implements Node { id: UUID! name: String! todoLists: [TodoList!]! }
    type TodoList implements Node {
      id: UUID! name: String! todoItems: [TodoItem!]! open: [TodoItem!]! count: Int page(first: Int): ItemConnection!
    }
    type TodoItem implements Node { id: UUID! text: String! todoItemStatus: String! }
    type ItemConnection { nodes: [TodoItem!]! edges: [ItemEdge!]! pageInfo: PageInfo! }
    type ItemEdge { cursor: String! node: TodoItem! }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  `,
  objects: {
    Query: {
      plans: {
        node: (_root, { $id }) => loadObject($id as AnyStep),
        todoUser: (_root, { $id }) => loadObject($id as AnyStep),
      },
    },
    TodoUser: {
      plans: { todoLists: ($user) => loadObjects(loadEdges('user_to_list_edge', get($user, 'id') as AnyStep)) },
    },
    TodoList: {
      plans: {
        todoItems: items,
        open: ($list) =>
          filter(items($list), ($item) =>
            lambda(get($item, 'todoItemStatus') as AnyStep, (status) => status === 'OPEN'),
          ),
        count: ($list) => countEdges(EDGE, get($list, 'id') as never),
        page: ($list, fieldArgs) => kvetchConnection(EDGE, get($list, 'id') as AnyStep, fieldArgs),
      },
    },
  },
  interfaces: {
    Node: { planType: ($object) => ({ $__typename: lambda(get($object, 'typeId'), (type) => TYPES[Number(type)]) }) },
  },
});

/** What a query shows of each list. */
export const SHAPES: Readonly<Record<string, string>> = {
  'a plain list': 'todoItems { id text }',
  'a filtered list': 'open { id text }',
  'a connection': 'page(first: 100) { edges { cursor node { id text } } pageInfo { hasNextPage } }',
  'a count': 'count',
  'a list and a count': 'todoItems { id text } count',
};

export const queryOf = (shape: string): string =>
  `query ($id: UUID!) { todoUser(id: $id) { id name todoLists { id name ${shape} } } }`;

/** The same for one list: the smallest that a change of it can cost without knowing what has changed. */
export const smallestOf = (shape: string): string =>
  `query ($id: UUID!) { node(id: $id) { id ... on TodoList { ${shape} } } }`;
