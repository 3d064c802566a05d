import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  createEngine,
  each,
  fail,
  get,
  lambda,
  loader,
  loadOne,
  makeSchema,
  object,
  SafeError,
  type SchemaConfig,
} from '../../src/index.ts';
import { fn } from '../../steps/index.ts';
import { type Case, casesOf } from './roads.ts';

const test = suite('authorize');
const addCases = casesOf(import.meta.url);

interface Thing {
  readonly type: 'Issue' | 'Note';
  readonly id: string;
  readonly owner: string;
  readonly parent: string | null;
}

const things: readonly Thing[] = [
  { type: 'Issue', id: 'a', owner: 'ann', parent: null },
  { type: 'Issue', id: 'b', owner: 'bob', parent: 'a' },
  { type: 'Note', id: 'n', owner: 'bob', parent: 'b' },
  { type: 'Issue', id: 'c', owner: 'ann', parent: 'b' },
  { type: 'Note', id: 'm', owner: 'ann', parent: 'a' },
];
const thingOf = (id: unknown): Thing | null => things.find((thing) => thing.id === id) ?? null;
const issues = things.filter(({ type }) => type === 'Issue');

interface Context {
  readonly viewer: string;
  readonly asked: string[];
}

const typeDefs = /* GraphQL */ `
  interface Node { id: ID! }
  union Entry = Issue | Note
  type Query {
    issue(id: ID!): Issue
    strict(id: ID!): Issue
    node(id: ID!): Node
    issues: [Issue!]!
    maybe: [Issue]
    nested: [[Issue!]!]
    feed: [Entry!]!
    nodes: [Node]
    page: Page
    kept: [Issue]
    found: [Found]
    anyFound: [Entry]
  }
  union Found = Issue | Note
  type Page { edges: [Edge!]! }
  type Edge { node: Issue cursor: String! }
  type Mutation { touch(id: ID!): Payload }
  type Payload { issue: Issue }
  type Issue implements Node { id: ID! owner: String! parent: Issue same: [Issue!]! }
  type Note implements Node { id: ID! text: String! about: Issue }
`;

const mayRead = loader<boolean, string>({
  name: 'authorize.mayRead',
  load: (ids, { context }) => {
    (context as Context).asked.push(ids.join(''));
    return ids.map((id) => (id === 'error' ? fail(new Error('undecided')) : thingOf(id)?.owner === context.viewer));
  },
});
const one = fn('authorize.one', (id: unknown) => thingOf(id));
const $all = (): AnyStep => constant(things);
const onlyIssues = fn('authorize.issues', () => issues);
const typeName = fn('authorize.type', (thing: Thing) => thing.type);
const abstract = { planType: ($thing: AnyStep) => ({ $__typename: lambda($thing, typeName) }) };
/** Of "x" and "y" the type is known, and there is no object. */
const ids = ['a', 'x', 'b', 'y', 'c'];
const typeOfId = fn('authorize.typeOfId', (id: unknown) => (id === 'y' ? 'Note' : 'Issue'));
const orUndefined = fn('authorize.undefined', (is: unknown) => is || undefined);
const nested = fn('authorize.nested', () => [issues, [], issues]);
const toEdges = fn('authorize.edges', () => issues.map((node) => ({ node, cursor: `${issues.indexOf(node)}` })));
const byAuthor = ($thing: AnyStep): AnyStep => loadOne(get($thing, 'id'), mayRead);
const secret = new SafeError('Not for you.', { code: 'FORBIDDEN' });

const planned: SchemaConfig = {
  typeDefs,
  objects: {
    Query: {
      plans: {
        issue: (_$root, { $id }) => lambda($id, one),
        strict: { plan: (_$root, { $id }) => lambda($id, one), hidden: secret },
        node: (_$root, { $id }) => lambda($id, one),
        issues: () => lambda(null, onlyIssues),
        maybe: { plan: () => lambda(null, onlyIssues), hidden: 'null' },
        nested: () => lambda(null, nested),
        feed: $all,
        nodes: { plan: $all, hidden: 'null' },
        page: () => object({ edges: lambda(null, toEdges) }),
        kept: () => each(constant(ids), ($id) => lambda($id, one)),
        found: () => constant(ids),
        anyFound: () => each(constant(ids), ($id) => lambda($id, one)),
      },
    },
    Mutation: { plans: { touch: (_$root, { $id }) => object({ issue: lambda($id, one) }) } },
    Issue: {
      authorize: byAuthor,
      hidden: 'leaveOut',
      plans: { parent: ($issue) => lambda(get($issue, 'parent'), one), same: () => lambda(null, onlyIssues) },
    },
    Note: {
      plans: { text: ($note) => get($note, 'id'), about: ($note) => lambda(get($note, 'parent'), one) },
    },
  },
  interfaces: { Node: abstract },
  // The object is found when its type is known.
  unions: {
    Entry: abstract,
    Found: { planType: ($id) => ({ $__typename: lambda($id, typeOfId), planForType: () => lambda($id, one) }) },
  },
};

const seen = (thing: Thing | null, { viewer }: Context): Thing | null =>
  thing === null || thing.type === 'Note' || thing.owner === viewer ? thing : null;
const all = (list: readonly Thing[], context: Context): readonly Thing[] =>
  list.filter((thing) => seen(thing, context) !== null);

const allOf = (context: Context): readonly (Thing | null)[] => ids.map((id) => seen(thingOf(id), context));

const reference = makeSchema({
  typeDefs,
  objects: {
    Query: {
      resolvers: {
        issue: (_root, { id }, context) => seen(thingOf(id), context),
        strict: (_root, { id }, context) => {
          const thing = thingOf(id);
          if (thing !== null && seen(thing, context) === null) throw secret;
          return thing;
        },
        node: (_root, { id }, context) => seen(thingOf(id), context),
        kept: (_root, _args, context) => allOf(context),
        found: (_root, _args, context) => allOf(context),
        anyFound: (_root, _args, context) => allOf(context),
        issues: (_root, _args, context) => all(issues, context),
        maybe: (_root, _args, context) => issues.map((issue) => seen(issue, context)),
        nested: (_root, _args, context) => [all(issues, context), [], all(issues, context)],
        feed: (_root, _args, context) => all(things, context),
        nodes: (_root, _args, context) => things.map((thing) => seen(thing, context)),
        page: (_root, _args, context) => ({
          edges: issues.map((node, at) => ({ node: seen(node, context), cursor: `${at}` })),
        }),
      },
    },
    Mutation: { resolvers: { touch: (_root, { id }, context) => ({ issue: seen(thingOf(id), context) }) } },
    Issue: {
      resolvers: {
        parent: ({ parent }, _args, context) => seen(thingOf(parent), context),
        same: (_issue, _args, context) => all(issues, context),
      },
    },
    Note: {
      resolvers: { text: ({ id }) => id, about: ({ parent }, _args, context) => seen(thingOf(parent), context) },
    },
  },
  interfaces: { Node: { resolveType: ({ type }) => type } },
  unions: { Entry: { resolveType: ({ type }) => type }, Found: { resolveType: ({ type }) => type } },
});

const schema = makeSchema(planned);
const operations: Readonly<Record<string, string>> = {
  'a field': '{ a: issue(id: "a") { id owner } b: issue(id: "b") { id owner } none: issue(id: "x") { id } }',
  'a field with an error': '{ a: strict(id: "a") { id } b: strict(id: "b") { id } none: strict(id: "x") { id } }',
  'lists leave out': '{ issues { id parent { id owner } same { id } } }',
  'lists with null': '{ maybe { id parent { id } } }',
  'lists of lists': '{ nested { id same { id } } }',
  unions: '{ feed { __typename ... on Issue { id parent { id } } ... on Note { text about { id } } } }',
  'hidden objects are as absent ones, in lists of a nullable type and of a nullable union':
    '{ kept { id } found { __typename ... on Issue { id } } anyFound { __typename ... on Issue { id } } }',
  interfaces: '{ nodes { id ... on Issue { owner } } }',
  node: '{ a: node(id: "a") { id } b: node(id: "b") { id ... on Issue { owner } } n: node(id: "n") { id } }',
  connections: '{ page { edges { cursor node { id } } } }',
  payloads: 'mutation { a: touch(id: "a") { issue { id } } b: touch(id: "b") { issue { id } } }',
  'the same object by several fields':
    '{ a: issue(id: "b") { id } maybe { id } issues { id } nodes { id } feed { __typename } }',
  'nothing but __typename': '{ issue(id: "b") { __typename } node(id: "b") { __typename } issues { __typename } }',
};

for (const viewer of ['ann', 'bob', 'nobody']) {
  addCases(
    test,
    Object.entries(operations).map(
      ([name, operation]): Case => ({
        name: `${name}, as ${viewer}`,
        rules: ['R29'],
        schema,
        reference,
        operation,
        makeContext: (): Context => ({ viewer, asked: [] }),
      }),
    ),
  );
}

const failing = 'type Query { things: [Found!] same: [Thing!] } union Found = Thing type Thing { id: ID }';
const loadThing = loader({
  name: 'authorize.failing',
  load: (keys: readonly unknown[]) => keys.map((id) => (id === 'bad' ? new Error('It fails.') : { id })),
});
const $thing = ($id: AnyStep): AnyStep => loadOne($id, loadThing as never);
addCases(test, [
  {
    name: 'an object that failed is its error in lists of an interface, too, also where it would be left out',
    rules: ['2.15.3'],
    schema: makeSchema({
      typeDefs: failing,
      objects: {
        Query: { plans: { things: () => constant(['a', 'bad']), same: () => each(constant(['a', 'bad']), $thing) } },
        Thing: { authorize: () => constant(false), hidden: 'leaveOut' },
      },
      unions: { Found: { planType: ($id) => ({ $__typename: constant('Thing'), planForType: () => $thing($id) }) } },
    }),
    operation: '{ things { __typename ... on Thing { id } } same { id } }',
    reference: null,
    expected: {
      data: { things: null, same: null },
      errors: [
        { message: 'It fails.', locations: [{ line: 1, column: 3 }], path: ['things', 0] },
        { message: 'It fails.', locations: [{ line: 1, column: 45 }], path: ['same', 0] },
      ],
    },
  },
]);

const isThing = fn('authorize.thing', () => 'Thing');
const specified = 'type Query { things: [Any!] } union Any = Thing | Other type Thing { id: ID } type Other { id: ID }';
addCases(test, [
  {
    name: 'an item without a specifier is absent, also where others of its types would be left out',
    rules: ['2.15.3'],
    schema: makeSchema({
      typeDefs: specified,
      objects: {
        Query: { plans: { things: () => constant([{ key: 'a' }, { key: null }]) } },
        Thing: { authorize: () => constant(false), hidden: 'leaveOut' },
      },
      unions: {
        Any: {
          toSpecifier: ($item) => get($item as AnyStep, 'key'),
          planType: ($id) => ({
            $__typename: lambda($thing($id), isThing),
          }),
        },
      },
    }),
    operation: '{ things { __typename } }',
    reference: null,
    expected: {
      data: { things: null },
      errors: [
        {
          message: 'Cannot return null for non-nullable field Query.things.',
          locations: [{ line: 1, column: 3 }],
          path: ['things', 0],
        },
      ],
    },
  },
]);

test('each layer asks once, and nobody is asked about null [R29]', async () => {
  const engine = createEngine({ schema });
  const contextValue: Context = { viewer: 'ann', asked: [] };
  await engine.execute({ document: parse('{ issues { id parent { id } } }'), contextValue });
  // Of the parents, "b" is known and null is nobody.
  assert.equal(contextValue.asked, ['abc']);
});

test('what is hidden loads nothing [R29]', async () => {
  const engine = createEngine({ schema });
  const contextValue: Context = { viewer: 'bob', asked: [] };
  await engine.execute({ document: parse('{ issue(id: "c") { parent { parent { id } } } }'), contextValue });
  assert.equal(contextValue.asked, ['c']);
});

test('a check that fails is an error of its object; a check that answers nothing hides it', async () => {
  const undecided = makeSchema({
    typeDefs: 'type Query { one: Thing many: [Thing] } type Thing { id: ID! }',
    objects: {
      Query: { plans: { one: () => constant({ id: 'error' }), many: () => constant([{ id: 'error' }, { id: 'a' }]) } },
      Thing: {
        authorize: ($thing) => lambda(byAuthor($thing), orUndefined),
      },
    },
  });
  const { data, errors } = await createEngine({ schema: undecided }).execute({
    document: parse('{ one { id } many { id } }'),
    contextValue: { viewer: 'nobody', asked: [] },
  });
  assert.equal(JSON.parse(JSON.stringify(data)), { one: null, many: [null, null] });
  assert.equal(
    errors?.map(({ message, path }) => [message, path?.join('.')]),
    [
      ['undecided', 'one'],
      ['undecided', 'many.0'],
    ],
  );
});

const problemsOf = (config: SchemaConfig): string => {
  try {
    makeSchema(config);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('lists that one hidden item would null are named, with the remedy', () => {
  const sdl =
    'interface Node { id: ID } type Query { all: [Node!]! some: [Thing] most: [Thing!] } type Thing implements Node { id: ID }';
  const message = problemsOf({ typeDefs: sdl, objects: { Thing: { authorize: () => constant(true) } } });
  assert.match(
    message,
    `Query.all: It is "[Node!]!", and one hidden "Thing" would null the whole list. Set hidden: 'leaveOut' on the field or on "Thing", or let items be null.`,
  );
  assert.match(message, 'Query.most: It is "[Thing!]"');
  assert.not.match(message, 'Query.some');
  const leaveOut = { authorize: (): AnyStep => constant(true), hidden: 'leaveOut' as const };
  assert.is(problemsOf({ typeDefs: sdl, objects: { Thing: leaveOut } }), '');
});

test('mistakes of the configuration are told', () => {
  const typeDefs = 'type Query { thing: Thing } type Thing { id: ID }';
  const hidden = 'gone' as never;
  assert.match(
    problemsOf({ typeDefs, objects: { Thing: { authorize: () => constant(true), hidden } } }),
    `"hidden" must be 'null', 'leaveOut' or an error, but is "gone".`,
  );
  assert.match(
    problemsOf({ typeDefs, objects: { Thing: { hidden: 'null' } } }),
    '"hidden" is there, but no "authorize"',
  );
  assert.match(
    problemsOf({ typeDefs, objects: { Query: { authorize: () => constant(true) } } }),
    '"authorize" is for objects.',
  );
  assert.match(
    problemsOf({ typeDefs, objects: { Thing: { authorize: true as never } } }),
    '"authorize" must be a function',
  );
});

test('events of subscriptions are checked [R29]', async () => {
  const events = makeSchema({
    typeDefs: 'type Query { x: Int } type Subscription { changed: Issue } type Issue { id: ID! }',
    objects: {
      Subscription: {
        plans: {
          changed: {
            subscribePlan: () =>
              lambda(null, async function* () {
                for (const id of ['a', 'b', 'c']) yield { id };
              }),
            plan: ($event) => $event,
          },
        },
      },
      Issue: { authorize: byAuthor },
    },
  });
  const contextValue: Context = { viewer: 'ann', asked: [] };
  const stream = await createEngine({ schema: events }).subscribe({
    document: parse('subscription { changed { id } }'),
    contextValue,
  });
  const answers: string[] = [];
  for await (const { data } of stream as AsyncIterable<{ data: unknown }>) answers.push(JSON.stringify(data));
  assert.equal(answers, ['{"changed":{"id":"a"}}', '{"changed":null}', '{"changed":{"id":"c"}}']);
});

test.run();
