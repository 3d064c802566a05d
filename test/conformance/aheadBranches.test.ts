import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { context, each, fn, get, lambda, loader, loadMany, loadOne, makeSchema, type Step } from '../../src/index.ts';
import { type Case, casesOf } from './roads.ts';

const addCases = casesOf(import.meta.url);

interface Calls {
  readonly feed: readonly object[];
  /** What was asked for. */
  readonly asked: string[];
}

type Info = { readonly context: Calls };

async function answered<T>(name: string, { context }: Info, keys: readonly unknown[], answer: () => T): Promise<T> {
  context.asked.push(`${name} ${[...keys].sort().join()}`);
  await new Promise((resolve) => setImmediate(resolve));
  return answer();
}

const feeds = loader<readonly object[], string>({
  name: 'branches.feeds',
  load: (ids: readonly string[], info: Info) => answered('feeds', info, ids, () => ids.map(() => info.context.feed)),
} as never);
const users = loader<{ id: string; name: string }, string>({
  name: 'branches.users',
  load: (ids: readonly string[], info: Info) =>
    answered('users', info, ids, () =>
      ids.map((id: string) =>
        id === 'bad' ? new Error('no user') : id === 'gone' ? null : { id, name: `user ${id}` },
      ),
    ),
  identity: 'id',
} as never);
const friends = loader<readonly string[], string>({
  name: 'branches.friends',
  load: (ids: readonly string[], info: Info) =>
    answered('friends', info, ids, () => ids.map((id: string) => [`${id}1`])),
} as never);

const solved = fn('branches.solved', (item) => (item as { x: string }).x);
const own = (name: string) => ($item: Step) => loadOne(get($item, name) as Step<string>, users);

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    interface Item { owner: User }
    type Photo implements Item { owner: User }
    type Note implements Item { owner: User }
    type Copy implements Item { owner: User, of: Item }
    type Riddle implements Item { owner: User }
    type User { id: ID!, name: String, friends: [User!] }
    type Query { feed: [Item] }
  `,
  objects: {
    Query: { plans: { feed: () => loadMany(get(context(), 'viewer') as Step<string>, feeds) } },
    Photo: { plans: { owner: own('ownerId') } },
    Note: { plans: { owner: own('writerId') } },
    Copy: { plans: { owner: own('ownerId') } },
    // What user code makes of a value nobody can tell before.
    Riddle: {
      plans: {
        owner: ($item: Step) => loadOne(lambda($item, solved), users),
      },
    },
    User: {
      plans: {
        friends: ($user: Step) =>
          each(loadMany(get($user, 'id') as Step<string>, friends), ($id) => loadOne($id, users)),
      },
    },
  },
} as never);

const photo = (ownerId: string | null) => ({ __typename: 'Photo', ownerId });
const note = (writerId: string) => ({ __typename: 'Note', writerId });
const shown = (id: string) => ({ owner: { name: `user ${id}`, friends: [{ name: `user ${id}1` }] } });

const operation = '{ feed { owner { name friends { name } } } }';
/** The friends are asked for with the owners, ahead of their turn. */
const ahead = (ids: string) => ['feeds v', `users ${ids}`, `friends ${ids}`];

function feedCase(
  name: string,
  feed: readonly object[],
  data: readonly unknown[],
  first: readonly string[],
  more: Partial<Case> = {},
): Case {
  let runs = 0;
  return {
    ...{ name, rules: ['R24'], schema, operation },
    makeContext: () => ({ viewer: 'v', feed, asked: [] }),
    expected: { data: { feed: data } },
    check: ((calls: Calls, road: string) => {
      // The first request of an engine plans the branches while it runs.
      const isPlanned = road === 'export/import' || (road === 'closures' && ++runs === 2);
      if (isPlanned) assert.equal(calls.asked.slice(0, first.length), first, road);
    }) as never,
    ...more,
  };
}

const branches = suite('loads whose keys several branches bring');

addCases(branches, [
  feedCase('one branch tells', [photo('a'), photo('b')], [shown('a'), shown('b')], ahead('a,b')),
  feedCase(
    'each branch tells the keys of its rows',
    [photo('a'), note('b'), photo('c')],
    [shown('a'), shown('b'), shown('c')],
    ahead('a,b,c'),
  ),
  feedCase(
    'what is null in a branch has no key',
    [photo(null), note('gone'), null as never, note('b')],
    [{ owner: null }, { owner: null }, null, shown('b')],
    ahead('b,gone'),
  ),
  feedCase(
    'what user code makes of a value is not known before; the other branches tell theirs',
    [{ __typename: 'Riddle', x: 'r' }, photo('a')],
    [shown('r'), shown('a')],
    ['feeds v', 'users a,r', 'friends a'],
  ),
  feedCase(
    'a branch may read what another one has for itself: it is thrown away',
    [{ ...photo('a'), writerId: 'w' }, note('b')],
    [shown('a'), shown('b')],
    ['feeds v', 'users a,b', 'friends a,b,w'],
  ),
  feedCase(
    'branches in branches',
    [
      { __typename: 'Copy', ownerId: 'a', of: note('b') },
      { __typename: 'Copy', ownerId: 'c', of: photo('d') },
    ],
    [{ of: shown('b') }, { of: shown('d') }],
    ahead('b,d'),
    { operation: '{ feed { ... on Copy { of { owner { name friends { name } } } } } }' },
  ),
  feedCase('a branch that fails', [photo('bad'), note('b')], [{ owner: null }, shown('b')], [], {
    expected: {
      data: { feed: [{ owner: null }, shown('b')] },
      errors: [{ message: 'no user', path: ['feed', 0, 'owner'], locations: [{ line: 1, column: 10 }] }],
    },
  }),
]);

branches.run();
