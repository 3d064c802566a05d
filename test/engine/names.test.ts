import { type GraphQLSchema, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import {
  constant,
  createEngine,
  fn,
  type Loader,
  lambda,
  list,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  type PlanDocumentError,
  registerSteps,
  Step,
} from '../../src/index.ts';
import { memoryPlanStore } from '../../src/plan-stores.ts';

const test = suite('names within engines [R25]');

/** A tenant: a schema whose loader has the name that those of all tenants have, and its own data. */
function tenant(name: string): { readonly schema: GraphQLSchema; readonly whose: Loader; readonly shout: object } {
  const whose = loader<string, string>({ name: 'names.whose', load: (keys) => keys.map((key) => `${name} ${key}`) });
  const shout = fn('names.shout', (text: string | null) => `${name}! ${text}`);
  const schema = makeSchema({
    typeDefs: 'type Query { whose(key: ID!): String shouted(key: ID!): String }',
    objects: {
      Query: {
        plans: {
          whose: (_$root, { $key }) => loadOne($key, whose),
          shouted: (_$root, { $key }) => lambda($key as Step<string>, shout),
        },
      },
    },
  });
  return { schema, whose, shout };
}

const document = parse('{ whose(key: 1) shouted(key: 2) }');
const answerOf = (name: string): object => ({ whose: `${name} 1`, shouted: `${name}! 2` });
const plain = (result: unknown): unknown => JSON.parse(JSON.stringify(result));
const dataOf = (result: unknown): unknown => plain((result as { data: unknown }).data);
const throws = (task: () => unknown): Error & Partial<PlanDocumentError> => {
  try {
    task();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
};

test('tenants with equal names: an imported plan runs with the data of its engine', () => {
  const [red, blue] = [tenant('red'), tenant('blue')];
  const [redEngine, blueEngine] = [createEngine({ schema: red.schema }), createEngine({ schema: blue.schema })];
  const plan = redEngine.exportPlan(redEngine.prepare(document));
  assert.equal(dataOf(blueEngine.execute({ document })), answerOf('blue'));
  assert.equal(dataOf(redEngine.importPlan(plan).execute()), answerOf('red'));
  assert.equal(dataOf(blueEngine.importPlan(plan).execute()), answerOf('blue'));
  assert.equal(dataOf(createEngine({ schema: red.schema }).importPlan(plan).execute()), answerOf('red'));
});

test('an engine that has planned nothing must be told which of several things a name means', () => {
  const [red, blue] = [tenant('red'), tenant('blue')];
  const planner = createEngine({ schema: red.schema });
  const plan = planner.exportPlan(planner.prepare(document));
  const { problems = [] } = throws(() => createExecutor({ schema: blue.schema }).importPlan(plan));
  assert.is(problems.length, 2);
  for (const problem of problems) {
    assert.match(
      problem,
      /named "(loader:names\.whose|fn:names\.shout)", at .*names\.test\.ts:\d+:\d+ and .*names\.test\.ts/,
    );
    assert.match(problem, 'createEngine({ names: [...] })');
  }
  const told = createExecutor({ schema: blue.schema, names: [blue.whose, blue.shout] });
  assert.equal(dataOf(told.importPlan(plan).execute()), answerOf('blue'));
});

test('an engine with names knows nothing else of the process', () => {
  const only = loader<string, string>({ name: 'names.only', load: (keys) => keys });
  const schema = makeSchema({
    typeDefs: 'type Query { only: String }',
    objects: { Query: { plans: { only: () => loadOne(constant('1'), only) } } },
  });
  const planner = createEngine({ schema });
  const plan = planner.exportPlan(planner.prepare(parse('{ only }')));
  const { problems } = throws(() => createExecutor({ schema, names: [] }).importPlan(plan));
  assert.equal(problems, ['This engine was not given "loader:names.only".']);
  assert.match(throws(() => createEngine({ schema, names: [only, () => 1] })).message, 'takes loaders');
  const other = loader<string, string>({ name: 'names.only', load: (keys) => keys });
  assert.match(throws(() => createEngine({ schema, names: [only, other] })).message, 'Two things have the name');
});

test('the counter of a loader has its name with it', () => {
  const pages = (name: string) =>
    loader<string[], string>({
      name: 'names.pages',
      load: (keys) => keys.map((key) => [`${name} ${key}`]),
      pagination: { totalCount: (keys) => keys.map(() => name.length) },
    });
  const [red, blue] = [pages('red'), pages('blue')];
  const schema = makeSchema({
    typeDefs: 'type Query { pages: [String] count: Int }',
    objects: {
      Query: {
        plans: {
          pages: () => loadMany(constant('1'), blue),
          count: () => (loadMany(constant('1'), blue) as unknown as { $totalCount: Step }).$totalCount,
        },
      },
    },
  });
  const planner = createEngine({ schema });
  const plan = planner.exportPlan(planner.prepare(parse('{ pages count }')));
  const engine = createExecutor({ schema, names: [blue] });
  assert.equal(dataOf(engine.importPlan(plan).execute()), { pages: ['blue 1'], count: 4 });
  assert.is(red.name, blue.name);
});

test('plan stores take the same road', async () => {
  const planStore = memoryPlanStore();
  const [red, blue] = [tenant('red'), tenant('blue')];
  const filler = createEngine({ schema: red.schema, planStore });
  filler.prepare(document);
  await filler.execute({ document });
  await filler.saved();
  const told: string[] = [];
  const planStoreOptions = { onError: (error: unknown) => told.push((error as Error).message) };
  const engine = createEngine({ schema: blue.schema, planStore, planStoreOptions });
  await engine.warmUp();
  assert.equal(dataOf(await engine.execute({ document })), answerOf('blue'));
  assert.match(told[0] ?? '', 'Say which one is meant');
  assert.equal(dataOf(await filler.execute({ document })), answerOf('red'));
});

class Base extends Step<string> {
  override execute(count: number): string[] {
    return new Array(count).fill(this.constructor.name);
  }
}
class Nameless extends Base {}
class First extends Base {
  static override readonly op: string = 'names.same';
}
class Second extends Base {
  static override readonly op: string = 'names.same';
}
class Inherits extends First {}
class LikeOurs extends Base {
  static override readonly op: string = 'loadOne';
}

const steps = makeSchema({
  typeDefs: 'type Query { nameless: String first: String second: String inherits: String likeOurs: String }',
  objects: {
    Query: {
      plans: {
        nameless: () => new Nameless(),
        first: () => new First(),
        second: () => new Second(),
        inherits: () => new Inherits(),
        likeOurs: () => new LikeOurs(),
      },
    },
  },
});
const run = (engine: ReturnType<typeof createEngine>, query: string): unknown =>
  plain(engine.execute({ document: parse(query) }));
const refused = (query: string, engine = createEngine({ schema: steps, names: [] })): readonly string[] => {
  const { errors = [] } = run(engine, query) as { errors?: { message: string }[] };
  return errors.map(({ message }) => message);
};

test('step classes without an op, or with that of another one, are refused at their fields', () => {
  const engine = createEngine({ schema: steps, names: [] });
  assert.equal(dataOf(engine.execute({ document: parse('{ first second }') })), { first: 'First', second: null });
  assert.equal(refused('{ second }', engine), [
    'Two step classes have the op "names.same": First, planned for "Query.first", and Second, planned for "Query.second". Give each an op of its own.',
  ]);
  assert.equal(dataOf(engine.execute({ document: parse('{ first }') })), { first: 'First' });
  assert.match(refused('{ inherits }', engine)[0] ?? '', 'Inherits, planned for "Query.inherits"');
  assert.equal(refused('{ nameless }'), [
    'Nameless was planned for "Query.nameless" and has no name. Give it one: static override readonly op = \'app.Nameless\'.',
  ]);
  assert.match(refused('{ likeOurs }')[0] ?? '', "planql's op");
  assert.match(throws(() => registerSteps(Nameless)).message, 'has no name');
  // Another engine does not know it.
  assert.equal(run(createEngine({ schema: steps, names: [] }), '{ second }'), { data: { second: 'Second' } });
});

test('two loaders or functions of one name are refused, with both fields named', () => {
  const [one, two] = ['one', 'two'].map((name) =>
    loader<string, string>({ name: 'names.twice', load: (keys) => keys.map(() => name) }),
  ) as [Loader, Loader];
  const schema = makeSchema({
    typeDefs: 'type Query { one: String two: String both: [String] anew(key: ID): String }',
    objects: {
      Query: {
        plans: {
          one: () => loadOne(constant('k'), one),
          two: () => loadOne(constant('k'), two),
          both: () => list([loadOne(constant('k'), one), loadOne(constant('k'), two)]),
          anew: (_$root, { $key }) =>
            loadOne($key, loader<string, string>({ name: 'names.anew', load: (keys) => keys })),
        },
      },
    },
  });
  const engine = createEngine({ schema });
  assert.equal(plain(engine.execute({ document: parse('{ one two }') })), {
    errors: [
      {
        message:
          'Two things have the name "loader:names.twice": one was planned for "Query.one", another one for "Query.two". Give each a name of its own.',
        locations: [{ line: 1, column: 7 }],
        path: ['two'],
      },
    ],
    data: { one: 'one', two: null },
  });
  assert.match(
    refused('{ both }', createEngine({ schema, names: [] }))[0] ?? '',
    '"Query.both", another one for "Query.both"',
  );
  // One that is made for each plan belongs to that plan, and has no name to others.
  for (const key of ['1', '2']) {
    assert.equal(dataOf(engine.execute({ document: parse(`{ anew(key: ${key}) }`) })), { anew: key });
  }
  const plan = engine.exportPlan(engine.prepare(parse('{ anew(key: 1) }')));
  const { problems } = throws(() => engine.importPlan(plan));
  assert.equal(problems, [
    'The plan resolver of "Query.anew" makes "loader:names.anew" anew for each plan. Make it outside.',
  ]);
});

test('names are not empty', () => {
  assert.match(throws(() => fn('', () => 1)).message, 'needs a name');
  assert.match(throws(() => loader({ name: '', load: () => [] })).message, 'needs a name');
});

test.run();
