import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  at,
  condition,
  connection,
  constant,
  context,
  createEngine,
  each,
  filter,
  first,
  fn,
  get,
  groupBy,
  inhibitOnNull,
  lambda,
  last,
  list,
  listLength,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  object,
  reverse,
  sideEffect,
} from '../../src/index.ts';
import { allPasses, type Case, casesOf } from './roads.ts';
import { later, schemaOf, type TypeBehaviour } from './schemaOf.ts';

/**
 * Lists that are planned inside of lists: whichever list a callback goes through, it may use the items around it.
 * Each field says how it is planned, and how graphql-js resolves the same row by row.
 */
const test = suite('lists in lists');
const addCases = casesOf(import.meta.url);

interface Row {
  readonly id: number;
  readonly owner: number | null;
  readonly tags: readonly string[] | null;
}
const rows: readonly Row[] = [
  { id: 1, owner: 10, tags: ['a', 'b'] },
  { id: 2, owner: 20, tags: null },
  { id: 3, owner: 10, tags: [] },
  { id: 4, owner: null, tags: ['b'] },
];
interface User {
  readonly __typename: string;
  readonly id: number;
  readonly ids: readonly number[] | null;
  readonly tag: string;
}
const users: readonly User[] = [
  { __typename: 'User', id: 10, ids: [1, 4], tag: 'a' },
  { __typename: 'Robot', id: 20, ids: [], tag: 'b' },
  { __typename: 'User', id: 30, ids: null, tag: 'c' },
];
const groups = [
  { id: 1, users, key: 'k' },
  { id: 2, users: [], key: 'k' },
  { id: 3, users: users.slice(1), key: 'none' },
  { id: 4, users: null, key: 'k' },
];

let calls: string[] = [];
const byKey = (key: unknown): readonly Row[] | null => (key === 'k' ? rows : null);
const rowsOf = loader<readonly Row[], string>({
  name: 'test.listsInLists.rowsOf',
  load: (keys) => {
    calls.push(`rowsOf ${keys.join()}`);
    return later(keys.map(byKey));
  },
});
const rowById = loader<Row | null, number>({
  name: 'test.listsInLists.rowById',
  load: (ids) => later(ids.map((id) => rows.find((row) => row.id === id) ?? null)),
});

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;
const named = (name: string, f: (value: Any) => unknown): Any => fn(`test.listsInLists.${name}`, f);
const same = named('same', ([a, b]) => a === b);
const has = named('has', ([values, value]) => values?.includes(value) === true);
const joined = named('joined', (parts) => parts.join('-'));
const slowly = named('slowly', (parts) => later(parts.join('~')));
const sum = named('sum', ([a, b]) => a + b);
const differ = named('differ', ([a, b]) => a !== b + 10);
const failsAt3 = named('failsAt3', ([n, by]) => {
  if (n === 3) throw new Error(`3 by ${by}`);
  return n + by;
});
const told = named('told', (map) =>
  map === null ? null : [...map].map(([key, items]) => `${key}:${items.map((item: Row) => item.id).join('+')}`),
);
const generated = named('generated', (values) => values.values());
const note = named('note', (values) => {
  notes.push(values.join());
});
let notes: string[] = [];
const noted = <T>(text: string, value: T): T => {
  notes.push(text);
  return value;
};

const all = (): Any => loadMany(get(context(), 'key' as never) as Any, rowsOf);
const numbers = (): Any => constant([1, 2]);
const tens = (): Any => constant([10, 20, 30]);
const both = ($a: Any, $b: Any, f: Any): Any => lambda([$a, $b], f);
const ownedBy = ($user: Any): Any => filter(all(), ($row) => both(get($row, 'owner'), get($user, 'id'), same));

type Plan = (...args: Any[]) => Any;
type Resolve = (source: Any, args: Any, context: Any) => unknown;
type Fields = Readonly<Record<string, readonly [type: string, plan: Plan, resolve: Resolve]>>;

const mine = ({ id }: User, { key }: Any): readonly Row[] | undefined =>
  byKey(key)?.filter(({ owner }) => owner === id);
const of = (values: readonly number[], f: (n: number) => unknown): unknown[] => values.map(f);

const userFields: Fields = {
  mine: ['[Row]', ownedBy, (user, _, given) => mine(user, given)],
  own: ['[Row]', ownedBy, (user, _, given) => mine(user, given)],
  owned: [
    '[Row]',
    () => filter(all(), ($row) => condition('not null', get($row, 'owner'))),
    (_user, _, { key }) => byKey(key)?.filter(({ owner }) => owner !== null),
  ],
  firstMine: ['Row', ($user) => first(ownedBy($user)), (user, _, given) => mine(user, given)?.[0]],
  lastMine: ['Row', ($user) => last(ownedBy($user)), (user, _, given) => mine(user, given)?.at(-1)],
  secondMine: ['Row', ($user) => at(ownedBy($user), 1), (user, _, given) => mine(user, given)?.[1]],
  backwards: ['[Row]', ($user) => reverse(ownedBy($user)), (user, _, given) => mine(user, given)?.slice().reverse()],
  count: ['Int', ($user) => listLength(ownedBy($user)), (user, _, given) => mine(user, given)?.length],
  grouped: [
    '[String]',
    ($user) =>
      lambda(
        groupBy(all(), ($row) => both(get($row, 'owner'), get($user, 'id'), same)),
        told,
      ),
    ({ id }, _, { key }) => {
      const list = byKey(key);
      if (list === null) return null;
      const map = new Map<boolean, number[]>();
      for (const row of list) map.set(row.owner === id, [...(map.get(row.owner === id) ?? []), row.id]);
      return [...map].map(([is, ids]) => `${is}:${ids.join('+')}`);
    },
  ],
  ownIds: ['[Int]', ($user) => each(tens(), () => get($user, 'id')), ({ id }) => [id, id, id]],
  itself: ['[User]', ($user) => each(numbers(), () => $user), (user) => [user, user]],
  sums: [
    '[Int]',
    ($user) => each(tens(), ($n) => both($n, get($user, 'id'), sum)),
    ({ id }) => of([10, 20, 30], (n) => n + id),
  ],
  fails: [
    '[Int]',
    ($user) => each(constant([1, 3, 5]), ($n) => both($n, get($user, 'id'), failsAt3)),
    ({ id }) => of([1, 3, 5], (n) => (n === 3 ? new Error(`3 by ${id}`) : n + id)),
  ],
  slow: [
    '[String]',
    ($user) => each(tens(), ($n) => both($n, get($user, 'tag'), slowly)),
    ({ tag }) => of([10, 20, 30], (n) => later(`${n}~${tag}`)),
  ],
  table: [
    '[[String]]',
    ($user) => each(numbers(), ($a) => each(tens(), ($b) => lambda([get($user, 'tag'), $a, $b], joined))),
    ({ tag }) => of([1, 2], (a) => of([10, 20, 30], (b) => `${tag}-${a}-${b}`)),
  ],
  // The callback inside uses the user, and not the item around it.
  skips: [
    '[[String]]',
    ($user) => each(numbers(), () => each(tens(), ($b) => both(get($user, 'tag'), $b, joined))),
    ({ tag }) => of([1, 2], () => of([10, 20, 30], (b) => `${tag}-${b}`)),
  ],
  skipsUser: ['[[Int]]', () => each(numbers(), ($n) => each(tens(), () => $n)), () => of([1, 2], (n) => [n, n, n])],
  deep: [
    '[[[String]]]',
    ($user) =>
      each(numbers(), ($a) =>
        each(tens(), ($b) => each(all(), ($row) => lambda([get($user, 'tag'), $a, $b, get($row, 'id')], joined))),
      ),
    ({ tag }, _, { key }) =>
      of([1, 2], (a) => of([10, 20, 30], (b) => byKey(key)?.map(({ id }) => `${tag}-${a}-${b}-${id}`))),
  ],
  tagged: [
    '[[Row]]',
    ($user) =>
      each(list([get($user, 'tag'), constant('b')]), ($tag) =>
        filter(all(), ($row) => both(get($row, 'tags'), $tag, has)),
      ),
    ({ tag }, _, { key }) => [tag, 'b'].map((one) => byKey(key)?.filter(({ tags }) => tags?.includes(one))),
  ],
  // A list of the user, for each item of one that is not.
  products: [
    '[[Int]]',
    ($user) => each(numbers(), ($n) => each(get($user, 'ids'), ($id) => both($id, $n, sum))),
    ({ ids }) => of([1, 2], (n) => ids && of(ids, (id) => id + n)),
  ],
  // The inner lists are of the item around them.
  chosen: [
    '[[Row]]',
    () => each(numbers(), ($n) => filter(all(), ($row) => both(get($row, 'id'), both($n, constant(1), sum), same))),
    (_user, _, { key }) => of([1, 2], (n) => byKey(key)?.filter(({ id }) => id === n + 1)),
  ],
  loaded: [
    '[Row]',
    ($user) => each(constant([-9, -8, -17]), ($n) => loadOne(both($n, get($user, 'id'), sum), rowById)),
    ({ id }) => of([-9, -8, -17], (n) => later(rows.find((row) => row.id === n + id))),
  ],
  pairs: [
    '[Pair]',
    ($user) => each(numbers(), ($n) => object({ user: $user, n: $n })),
    (user) => of([1, 2], (n) => ({ user, n })),
  ],
  connected: [
    'Rows',
    ($user, fieldArgs) => connection(ownedBy($user), { fieldArgs }),
    (user, args, given) => {
      const nodes = mine(user, given);
      return nodes && { nodes: nodes.slice(0, args.first ?? nodes.length), totalCount: nodes.length };
    },
  ],
  exits: [
    '[Int]',
    ($user) => each(tens(), () => listLength(inhibitOnNull(get($user, 'ids')))),
    ({ ids }) => of([1, 2, 3], () => ids?.length),
  ],
  once: [
    '[[String]]',
    ($user) =>
      each(lambda(constant([1, 2]), generated) as Any, ($n) =>
        each(lambda(constant(['x', 'y']), generated) as Any, ($x) => lambda([get($user, 'tag'), $n, $x], joined)),
      ),
    ({ tag }) => of([1, 2], (n) => ['x', 'y'].map((x) => `${tag}-${n}-${x}`)),
  ],
};
const rowFields: Fields = {
  id: ['Int', ($row) => get($row, 'id'), ({ id }) => id],
  owner: ['Int', ($row) => get($row, 'owner'), ({ owner }) => owner],
  // All rows again: one list for all of them.
  others: ['[Row]', all, (_row, _, { key }) => byKey(key)],
  itself: ['Thing', ($row) => $row, (row) => row],
  // From the list that the row is an item of.
  siblings: [
    '[Row]',
    ($row) => filter(all(), ($other) => both(get($other, 'owner'), get($row, 'owner'), same)),
    ({ owner }, _, { key }) => byKey(key)?.filter((other) => other.owner === owner),
  ],
};
const groupFields: Fields = {
  users: ['[User]', ($group) => get($group, 'users'), (group) => group.users],
  // The list inside is of the group, not of the user.
  sums: [
    '[[Int]]',
    ($group) =>
      each(get($group, 'users'), ($user) =>
        each(loadMany(get($group, 'key'), rowsOf) as Any, ($row) => both(get($user, 'id'), get($row, 'id'), sum)),
      ),
    (group) => group.users?.map((user: User) => byKey(group.key)?.map(({ id }) => user.id + id)),
  ],
};
const queryFields: Fields = {
  users: ['[User]', () => get(context(), 'users' as never), (_root, _, given) => given.users],
  beings: ['[Being]', () => get(context(), 'users' as never), (_root, _, given) => given.users],
  groups: ['[Group]', () => get(context(), 'groups' as never), (_root, _, given) => given.groups],
  rows: ['[Row]', all, (_root, _, { key }) => byKey(key)],
  cross: [
    '[[Int]]',
    () => each(numbers(), ($a) => each(tens(), ($b) => both($a, $b, sum))),
    () => of([1, 2], (a) => of([10, 20, 30], (b) => a + b)),
  ],
  outer: ['[[Int]]', () => each(numbers(), ($a) => each(tens(), () => $a)), () => of([1, 2], (a) => [a, a, a])],
  square: [
    '[[Int]]',
    () => each(tens(), ($a) => each(tens(), ($b) => both($a, $b, sum))),
    () => of([10, 20, 30], (a) => of([10, 20, 30], (b) => a + b)),
  ],
  rest: [
    '[[Int]]',
    () =>
      each(numbers(), ($a) =>
        filter(
          each(tens(), ($b) => both($a, $b, sum)),
          ($sum) => both($sum, $a, differ),
        ),
      ),
    () => of([1, 2], (a) => [a + 20, a + 30]),
  ],
};
const mutationFields: Fields = {
  noted: [
    '[[Int]]',
    () => each(numbers(), ($a) => each(tens(), ($b) => sideEffect([$a, $b], note) && both($a, $b, sum))),
    () => of([1, 2], (a) => of([10, 20, 30], (b) => noted(`${a},${b}`, a + b))),
  ],
  query: ['Query', () => sideEffect(constant(['m']), note) && constant({}), () => noted('m', {})],
};

const types: Readonly<Record<string, Fields>> = {
  Query: queryFields,
  Mutation: mutationFields,
  User: userFields,
  Robot: userFields,
  Group: groupFields,
  Row: rowFields,
};
const sdlOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, [type]]) => `${name}${type === 'Rows' ? '(first: Int)' : ''}: ${type}`)
    .join(' ');

const typeDefs = /* GraphQL */ `
  interface Thing { id: Int }
  interface Being { id: Int tag: String ${sdlOf(userFields)} }
  ${Object.entries(types)
    .map(([name, fields]) => {
      const isBeing = fields === userFields;
      const implemented = isBeing ? 'implements Being' : name === 'Row' ? 'implements Thing' : '';
      return `type ${name} ${implemented} { ${isBeing ? 'id: Int tag: String' : ''} ${sdlOf(fields)} }`;
    })
    .join('\n')}
  type Rows { nodes: [Row] totalCount: Int }
  type Pair { user: User n: Int }
`;
const part = (fields: Fields, at: 1 | 2): Record<string, Any> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field[at]]));
const rowType = named('rowType', (id) => (id === 3 ? null : 'Row'));
const typeOf = named('typeOf', (being) => being.__typename);

const schema = makeSchema({
  typeDefs,
  objects: Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, { plans: part(fields, 1) }])),
  // The items of lists that are planned for a branch use the item that it is a branch of.
  interfaces: {
    Thing: { planType: ($row: Any) => ({ $__typename: lambda(get($row, 'id'), rowType) }) },
    Being: {
      planType: ($being: Any) => ({
        $__typename: get($being, '__typename'),
        planForType: () => first(each(constant([1]), () => $being) as Any),
      }),
    },
  },
} as never);
const reference = schemaOf(typeDefs, {
  ...Object.fromEntries(
    Object.entries(types).map(([name, fields]): [string, TypeBehaviour] => [name, { fields: part(fields, 2) }]),
  ),
  Being: { resolveType: typeOf },
  Thing: { resolveType: ({ id }) => rowType(id) },
});
const makeContext = (): object => ({ key: 'k', users, groups });
const one = (name: string, operation: string, more: Partial<Case> = {}): Case => ({
  ...{ name, rules: ['2.7.8'], schema, reference, operation, makeContext, mayWait: true },
  ...more,
});

const selectionOf = (type: string): string =>
  ({ Row: '{ id owner }', User: '{ id }', Rows: '{ nodes { id } totalCount }', Pair: '{ n user { tag } }' })[
    type.replaceAll(/[[\]!]/g, '')
  ] ?? '';
const selected = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, [type]]) => `${name} ${selectionOf(type)}`)
    .join(' ');

addCases(test, [
  ...Object.entries(userFields).flatMap(([name, [type]]) => [
    one(`${name} of each user`, `{ users { ${name} ${selectionOf(type)} } }`),
    one(
      `${name} by aliases, below branches and two lists`,
      `{
      beings { ... on User { a: ${name} ${selectionOf(type)} b: ${name} ${selectionOf(type)} } }
      groups { id users { ${name} ${selectionOf(type)} } }
    }`,
    ),
  ]),
  one('all of them together', `{ users { ${selected(userFields)} } }`),
  one('all of them behind an interface', `{ beings { id ${selected(userFields)} } }`),
  one('all of them where the list is null', `{ users { ${selected(userFields)} } }`, {
    makeContext: () => ({ key: 'none', users: [null, ...users] }),
  }),
  ...Object.entries(queryFields)
    .filter(([, [type]]) => type === '[[Int]]')
    .map(([name]) => one(`a product of lists of the request: ${name}`, `{ ${name} again: ${name} }`)),
  one(
    'a list in itself, with the types of its items',
    '{ rows { others { id itself { id } others { itself { id } } } } }',
  ),
  one('the lists of groups', '{ groups { sums users { sums } } }'),
  one(
    'the items of the very list',
    '{ rows { id siblings { id siblings { id } } } users { mine { siblings { owner } } } }',
  ),
  one(
    'under conditions',
    `query ($yes: Boolean!, $no: Boolean!) { users {
      mine @include(if: $yes) { id } own @skip(if: $yes) { owner } count @include(if: $no) sums @skip(if: $no)
    } cross @include(if: $no) outer @include(if: $yes) }`,
    { variables: { yes: true, no: false } },
  ),
  one('a page of them', '{ users { connected(first: 1) { nodes { siblings { id } } totalCount } } }'),
  one(
    'in fields of a mutation, in the order of their effects',
    'mutation { noted again: noted query { users { mine { id } sums } cross } last: query { outer } }',
    {
      makeContext: () => {
        notes = [];
        return makeContext();
      },
      check: () => {
        const pairs = ['1,10', '1,20', '1,30', '2,10', '2,20', '2,30'];
        assert.equal(notes, [...pairs, ...pairs, 'm', 'm']);
      },
    },
  ),
]);

const boxTypes = /* GraphQL */ `
  type Query { boxes: [Box] }
  type Box { things: [Thing] }
  interface Thing { kind: String any: Any }
  type A implements Thing { kind: String any: Any }
  type B implements Thing { kind: String any: Any }
  union Any = A | B
`;
const kindRows = loader({
  name: 'lists.kinds',
  load: (keys: readonly unknown[]) => keys.map(() => [{ kind: 'A' }, { kind: 'B' }]),
});
const kindless = (kind: string | null): object => ({ kind });
addCases(test, [
  {
    name: 'errors in a list that all items of another share name the field of each type',
    rules: ['R17', '2.7.8'],
    schema: makeSchema({
      typeDefs: boxTypes,
      objects: {
        Query: { plans: { boxes: () => constant([1, 2]) } },
        Box: { plans: { things: () => loadMany(constant('all'), kindRows as never) } },
        A: { plans: { any: () => constant(kindless('A')) } },
        B: { plans: { any: () => constant(kindless(null)) } },
      },
      interfaces: { Thing: { planType: ($row) => ({ $__typename: get($row, 'kind') }) } },
      unions: { Any: { planType: ($row) => ({ $__typename: get($row, 'kind') }) } },
    }),
    reference: schemaOf(boxTypes, {
      Query: { fields: { boxes: () => [1, 2] } },
      Box: { fields: { things: () => [{ kind: 'A' }, { kind: 'B' }] } },
      A: { fields: { any: () => kindless('A') } },
      B: { fields: { any: () => kindless(null) } },
      Thing: { resolveType: ({ kind }: { kind: string }) => kind },
      Any: { resolveType: ({ kind }: { kind: string }) => kind },
    }),
    operation: '{ boxes { things { kind any { __typename } } } }',
  },
]);

test('a filter that all users share is planned once, and its list is loaded once [R3 R4]', async () => {
  for (const disabledPasses of [[], ['hoistSteps'], allPasses]) {
    calls = [];
    const engine = createEngine({ schema, disabledPasses });
    const document = parse('{ users { mine { id } own { owner } owned { id } } }');
    const { plan } = engine.prepare(document);
    await engine.execute({ document, contextValue: makeContext() });
    assert.equal(calls, ['rowsOf k']);
    if (disabledPasses.length > 0) continue;
    const layers = plan.steps.filter(({ op }) => op === 'filter').map(({ layer }) => plan.layers[layer]?.kind);
    assert.equal(
      layers.sort(),
      ['present', 'root'],
      'mine and own are one filter, of each user; owned is of the request',
    );
  }
});

test('a list lies as far out as what its callback uses, and no further [2.7.8]', () => {
  const engine = createEngine({ schema });
  const { plan } = engine.prepare(parse('{ groups { users { skips skipsUser owned { id } tagged { id } } sums } }'));
  const kinds = (layer: number): string => {
    const { kind, parent } = plan.layers[layer] as (typeof plan.layers)[number];
    return parent === -1 ? kind : `${kinds(parent)} ${kind}`;
  };
  const lists = plan.steps.filter(({ op }) => op === 'each' || op === 'filter');
  assert.equal(
    lists.map(({ coordinate, layer }) => `${coordinate}: ${kinds(layer)}`),
    [
      // The inner lists first, each before the list of them.
      'Group.sums: root list present list',
      'Group.sums: root list present',
      'User.skips: root list present list present',
      'User.skips: root list present list present',
      'User.skipsUser: root list',
      'User.skipsUser: root',
      'User.owned: root',
      'User.tagged: root list present list present list',
      'User.tagged: root list present list present',
    ],
  );
});

test('a step that leaves its callback is refused, however it is used', async () => {
  const typeDefs = 'type Query { a: [Int] b: [[Int]] }';
  const plans = {
    a: () => {
      let $leaked: Any;
      each(numbers(), ($n) => {
        $leaked = $n;
        return $n;
      });
      return each(tens(), () => $leaked);
    },
    b: () => {
      let $leaked: Any;
      return each(numbers(), () => list([each(tens(), ($n) => ($leaked = $n)), lambda($leaked, sum)] as Any));
    },
  };
  const leaking = makeSchema({ typeDefs, objects: { Query: { plans } } } as never);
  const { data, errors } = await createEngine({ schema: leaking }).execute({ document: parse('{ a b }') });
  assert.equal({ ...data }, { a: null, b: null });
  for (const { message } of errors ?? []) assert.match(message, /depends on entry, a step from inside a list/);
});

test.run();
