import { ITEMS, itemId, LISTS, listId, USERS, userId } from './data.ts';

export type Operation = 'view' | 'objects' | 'pages' | 'index';

/** What can be asked, by name; the variables are those of the GraphQL operation. */
export const operations: Readonly<Record<Operation, string>> = {
  view: `query View($id: ID!) {
    user(id: $id) { id name lists(first: ${LISTS}) { id title items(first: ${ITEMS}) { id text done priority } } }
  }`,
  objects: 'query Objects($ids: [ID!]!) { items(ids: $ids) { id text done priority } }',
  pages: `query Pages($ids: [ID!]!) { pages(ids: $ids, first: 3) { edges { toId } hasNextPage } }`,
  index: 'query Index($username: String!) { userByName(username: $username) { id name } }',
};

export type Variables = Readonly<Record<string, unknown>>;

/** One line of the table. */
export interface KvetchWorkload {
  readonly name: string;
  readonly title: string;
  /** Whether all that is asked for is in Redis, nothing is, or there is no Redis. */
  readonly cache: 'warm' | 'cold' | 'none';
  readonly operation: Operation;
  /** How many turns ask for different things: after so many, Redis is emptied where it must be cold. */
  readonly turns: number;
  variables(turn: number): Variables;
  /** Clients that ask at the same time. */
  readonly clients: number;
  /** Every so many turns an item of the view of the next turns is written instead; 0 for never. */
  readonly writeEvery: number;
}

type Asked = Pick<KvetchWorkload, 'name' | 'title' | 'operation' | 'turns' | 'variables'>;

const range = (count: number, from: number): readonly number[] => Array.from({ length: count }, (_, n) => from + n);

const asked: readonly Asked[] = [
  {
    name: 'view',
    title: 'todo view (61 objects)',
    operation: 'view',
    turns: USERS,
    variables: (turn) => ({ id: userId(turn % USERS) }),
  },
  {
    name: 'objects',
    title: '1,000 objects by id',
    operation: 'objects',
    turns: (USERS * LISTS * ITEMS) / 1000,
    variables: (turn) => ({ ids: range(1000, (turn % 5) * 1000).map(itemId) }),
  },
  {
    name: 'pages',
    title: 'a page of edges of 200 sources',
    operation: 'pages',
    turns: (USERS * LISTS) / 200,
    variables: (turn) => ({ ids: range(200, (turn % 5) * 200).map(listId) }),
  },
  {
    name: 'index',
    title: 'a user by username',
    operation: 'index',
    turns: USERS,
    variables: (turn) => ({ username: `user${turn % USERS}` }),
  },
];

const alone = { clients: 1, writeEvery: 0 } as const;

export const workloads: readonly KvetchWorkload[] = [
  ...asked.flatMap((one): readonly KvetchWorkload[] => [
    { ...one, ...alone, name: `${one.name}-warm`, title: `${one.title}, warm`, cache: 'warm' },
    { ...one, ...alone, name: `${one.name}-cold`, title: `${one.title}, cold`, cache: 'cold' },
    { ...one, ...alone, name: `${one.name}-sql`, title: `${one.title}, without Redis`, cache: 'none' },
  ]),
  {
    ...(asked[0] as Asked),
    name: 'mixed',
    title: '100 clients, nine todo views to one write',
    cache: 'warm',
    variables: (turn) => ({ id: userId(Math.floor(turn / 10) % USERS) }),
    clients: 100,
    writeEvery: 10,
  },
];

export function workloadNamed(name: string): KvetchWorkload {
  const workload = workloads.find((one) => one.name === name);
  if (workload === undefined) throw new Error(`There is no workload ${JSON.stringify(name)}.`);
  return workload;
}
