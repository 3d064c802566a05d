import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compilePlan } from '../../src/execution/compiled/compilePlan.ts';
import { driveCompiled } from '../../src/execution/compiled/driveCompiled.ts';
import type { CodegenMode } from '../../src/execution/link/LinkedPlan.ts';
import type { Segment } from '../../src/execution/link/Segment.ts';
import {
  type AnyStep,
  constant,
  createEngine,
  get,
  type Loader,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  Step,
} from '../../src/index.ts';

const test = suite('compiled runs');

/** A value that cannot even be asked whether it is a promise. */
function hostile(): object {
  return Object.defineProperty({}, 'then', {
    get() {
      throw new Error('hostile');
    },
  });
}

type Load = (keys: unknown[], info: { readonly signal: AbortSignal }) => unknown;

const typeDefs = `
  type Query { person(id: ID!): Person }
  type Person { id: ID! name: String! boss: Person trustee: Person! friends: [Person!] }
`;

/** An engine for people, whose loaders note the keys that they are asked for. */
function peopleEngine(codegen: CodegenMode, people: Load, friends: Load = () => []) {
  const log: string[] = [];
  const noted =
    (name: string, load: Load): Load =>
    (keys, info) => {
      log.push(`${name}(${keys.join(' ')})`);
      return load(keys, info);
    };
  const personById = loader({ name: 'people', load: noted('people', people) as never }) as Loader<unknown>;
  const friendsOf = loader({ name: 'friends', load: noted('friends', friends) as never }) as Loader<readonly unknown[]>;
  const schema = makeSchema({
    typeDefs,
    objects: {
      Query: { plans: { person: (_$root, { $id }) => loadOne($id, personById) } },
      Person: {
        plans: {
          boss: ($person) => loadOne(get($person, 'bossId'), personById),
          trustee: ($person) => loadOne(get($person, 'trusteeId'), personById),
          friends: ($person) => loadMany(get($person, 'id'), friendsOf),
        },
      },
    },
  });
  return { engine: createEngine({ schema, codegen }), log };
}

interface Asked {
  readonly operation: string;
  readonly people: Load;
  readonly friends?: Load;
}

/** What the driver answers, and what it asks for; a compiled run answers the same, and asks for the same. */
async function bothWays({ operation, people, friends }: Asked): Promise<{ answer: string; log: readonly string[] }> {
  const document = parse(operation);
  const answers = [];
  for (const codegen of ['never', 'always'] as const) {
    const { engine, log } = peopleEngine(codegen, people, friends);
    const answer = JSON.stringify(await engine.execute({ document }));
    answers.push({ answer, log });
  }
  const [driver, compiled] = answers as [(typeof answers)[0], (typeof answers)[0]];
  assert.equal(compiled, driver);
  return driver;
}

const number = (key: unknown): number => Number(String(key).slice(1));
const person = (key: unknown): object => ({ id: key, name: `Person ${key}`, bossId: `p${number(key) + 1}` });
const everybody: Load = async (keys) => keys.map(person);

test('a plan is divided into what runs when the values of each call are there', () => {
  const { engine } = peopleEngine('always', everybody);
  const prepared = engine.prepare(parse('{ person(id: "p1") { name boss { name } friends { boss { name } } } }'));
  const { linked } = prepared;
  const lines: string[] = [];
  const show = ({ operations }: Segment, indent: string): void => {
    for (const { task, step, call } of operations) {
      const name = step === null ? `open layer ${task.of}` : `$${step.id} ${step.node.op}`;
      const asks = (call?.family ?? -1) === -1 ? '' : ' (may ask for what others asked for)';
      lines.push(`${indent}${name}${asks}${call?.waits === true ? ' (may share its call)' : ''}`);
      if (call !== null) show(call.next, `${indent}  `);
    }
  };
  show(compilePlan(linked) as Segment, '');
  assert.snapshot(
    lines.join('\n'),
    [
      '$0 constant',
      '$1 loadOne (may ask for what others asked for) (may share its call)',
      '  open layer 1',
      '  $2 access',
      '  $4 access',
      '  $3 loadOne (may ask for what others asked for) (may share its call)',
      '  $5 loadMany (may share its call)',
      '    open layer 2',
      '    open layer 3',
      '    $7 access',
      '    $8 loadOne (may ask for what others asked for) (may share its call)',
    ].join('\n'),
  );
});

test('loads that become ready in one turn share a call, whatever calls they waited for [4.6]', async () => {
  const all = (...ids: string[]): object[] => ids.map(person);
  const loads: readonly (readonly [Load, Load])[] = [
    [everybody, async (keys) => keys.map(() => all('p9', 'p5'))],
    [everybody, (keys) => keys.map(() => all('p1', 'p9'))],
    [(keys) => keys.map(person), async (keys) => keys.map(() => all('p9', 'p2'))],
    [everybody, () => new Promise((resolve) => setTimeout(() => resolve([all('p1')]), 5))],
    [async (keys) => keys.map((key) => (key === 'p3' ? new Error('lost') : person(key))), async () => [all('p2')]],
  ];
  const logs = [];
  for (const [people, friends] of loads) {
    const operation = '{ person(id: "p1") { boss { boss { name } } friends { boss { boss { name } } } } }';
    logs.push((await bothWays({ operation, people, friends })).log.join(' '));
  }
  assert.equal(logs, [
    'people(p1) people(p2) friends(p1) people(p3 p10 p6) people(p11 p7)',
    'people(p1) people(p2) friends(p1) people(p10 p3) people(p11)',
    'people(p1) people(p2) friends(p1) people(p3 p10) people(p11 p4)',
    'people(p1) people(p2) friends(p1) people(p3)',
    'people(p1) people(p2) friends(p1) people(p3)',
  ]);
});

/** Its values come together, by a promise, and it shares no call. */
class ShoutStep extends Step<string> {
  static override readonly op = 'test.shout';

  constructor($name: AnyStep) {
    super();
    this.addDependency($name);
  }

  override async execute(count: number, [names]: [readonly string[]]): Promise<string[]> {
    return Array.from({ length: count }, (_, row) => `${names[row]}!`);
  }
}

test('a run ends, though a call without a batch follows loads that have waited for a microtask [4.6]', async () => {
  const answerOf: Readonly<Record<string, Load>> = {
    later: async (keys) => keys.map(person),
    now: (keys) => keys.map(person),
    next: (keys) => keys.map(person),
  };
  const [later, now, next] = Object.entries(answerOf).map(
    ([name, load]) => loader({ name, load: load as never }) as Loader<unknown>,
  ) as [Loader<unknown>, Loader<unknown>, Loader<unknown>];
  const schema = makeSchema({
    typeDefs: 'type Query { one: Person two: Person three: Person } type Person { id: ID! boss: Person shout: String }',
    objects: {
      Query: {
        plans: {
          // Two that may share their call, so that all loads wait. They end before the microtask of the boss.
          one: () => loadOne(constant('p1'), later),
          two: () => loadOne(constant('p2'), later),
          three: () => loadOne(constant('p3'), now),
        },
      },
      Person: {
        plans: {
          boss: ($person) => loadOne(get($person, 'bossId'), next),
          shout: ($person) => new ShoutStep(get($person, 'name')),
        },
      },
    },
  });
  for (const codegen of ['never', 'always'] as const) {
    const done = createEngine({ schema, codegen }).executeToString({
      document: parse('{ one { id } two { id } three { boss { shout } } }'),
    });
    const answer = await Promise.race([done, new Promise<string>((resolve) => setTimeout(resolve, 2_000, 'nothing'))]);
    assert.is(
      answer,
      '{"data":{"one":{"id":"p1"},"two":{"id":"p2"},"three":{"boss":{"shout":"Person p4!"}}}}',
      codegen,
    );
  }
});

test('an abort while loads wait to share a call leaves them uncalled [R15]', async () => {
  const controller = new AbortController();
  const people: Load = async (keys) =>
    keys.map((id) => ({
      id,
      get bossId() {
        // Before the microtask that the load waits for.
        if (id === 'p2') queueMicrotask(() => controller.abort(new Error('enough')));
        return id === 'p1' ? 'p2' : 'p3';
      },
    }));
  const { engine, log } = peopleEngine('always', people, () => new Promise(() => {}));
  const document = parse('{ person(id: "p1") { boss { boss { name } } friends { boss { boss { name } } } } }');
  const request = { document, abortSignal: controller.signal, onAbort: 'RESPOND' } as const;
  assert.match(await engine.executeToString(request), 'enough');
  assert.equal(log, ['people(p1)', 'people(p2)', 'friends(p1)']);
});

/** An engine for people by keys that are known before they are: what hangs on them may start with them. */
function earlyEngine(codegen: CodegenMode) {
  const log: string[] = [];
  const noted = (name: string, answer: (key: unknown) => unknown) => ({
    name,
    identity: 'id',
    load: async (keys: readonly unknown[]) => {
      log.push(`${name}(${keys.join(' ')})`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} answered`);
      return keys.map(answer);
    },
  });
  const personById = loader(noted('people', (key) => (key === 'p0' ? null : person(key))) as never) as Loader<unknown>;
  const friendsOf = loader(noted('friends', () => ['p5', 'p6'].map(person)) as never) as Loader<readonly unknown[]>;
  const schema = makeSchema({
    typeDefs,
    objects: {
      Query: { plans: { person: (_$root, { $id }) => loadOne($id, personById) } },
      Person: {
        plans: {
          boss: ($person) => loadOne(get($person, 'bossId'), personById),
          friends: ($person) => loadMany(get($person, 'id'), friendsOf),
        },
      },
    },
  });
  return { engine: createEngine({ schema, codegen }), log };
}

test('loads whose keys are known start ahead of their turn, as with the driver [10.3]', async () => {
  const operations = [
    '{ person(id: "p1") { friends { id boss { name friends { id } } } } }',
    '{ person(id: "p0") { friends { id } } }',
  ];
  for (const operation of operations) {
    const logs: (readonly string[])[] = [];
    const answers: string[] = [];
    for (const codegen of ['never', 'always'] as const) {
      const { engine, log } = earlyEngine(codegen);
      answers.push(JSON.stringify(await engine.execute({ document: parse(operation) })));
      logs.push([...log]);
    }
    assert.is(answers[1], answers[0]);
    assert.equal(logs[1], logs[0]);
    const [first = '', second = ''] = logs[0] ?? [];
    assert.ok(first.startsWith('people(') && second.startsWith('friends('), 'both are asked for at once');
  }
});

test('a key that was loaded before is not asked for again, at whatever depth [R23]', async () => {
  // p3 is the boss of p2, and p1 the boss of p3.
  const people: Load = async (keys) =>
    keys.map((key) => ({ ...person(key), bossId: key === 'p3' ? 'p1' : `p${number(key) + 1}` }));
  const operation = '{ person(id: "p1") { name boss { name boss { name boss { name boss { name } } } } } }';
  const { log } = await bothWays({ operation, people });
  assert.equal(log, ['people(p1)', 'people(p2)', 'people(p3)']);
});

test('keys that are null, there twice or not rising are asked for once, in rows of their own', async () => {
  const friends: Load = async (keys) =>
    keys.map(() => ['p9', 'p2', 'p9', 'p5'].map((id) => ({ ...person(id), bossId: id === 'p5' ? null : 'p7' })));
  const { log } = await bothWays({
    operation: '{ person(id: "p1") { friends { id boss { name } } } }',
    people: everybody,
    friends,
  });
  assert.equal(log, ['people(p1)', 'friends(p1)', 'people(p7)']);
});

test('what loaders give is looked at: promises, errors, what is no list, and lists of another length', async () => {
  const answers: readonly Load[] = [
    (keys) => keys.map(person),
    (keys) => keys.map((key) => Promise.resolve(person(key))),
    async (keys) => keys.map(() => new Error('no')),
    async (keys) => keys.map(() => undefined),
    async () => [],
    async () => null,
    () => 7,
    () => Promise.reject(new Error('refused')),
    () => {
      throw new Error('thrown');
    },
    () => hostile(),
    async (keys) => keys.map(hostile),
    async (keys) => keys.map((key) => Object.assign(() => 1, { ...person(key), name: undefined })),
  ];
  for (const second of answers) {
    const people: Load = (keys, info) => (keys[0] === 'p1' ? everybody(keys, info) : second(keys, info));
    const { log } = await bothWays({ operation: '{ person(id: "p1") { name boss { name boss { name } } } }', people });
    assert.equal(log.slice(0, 2), ['people(p1)', 'people(p2)']);
    await bothWays({
      operation: '{ person(id: "p1") { name friends { id name } } }',
      people: everybody,
      friends: second,
    });
  }
});

test('a loader may write to its list of keys', async () => {
  const people: Load = async (keys) => {
    const found = keys.map(person);
    keys.splice(0).reverse();
    return found;
  };
  const { answer } = await bothWays({ operation: '{ person(id: "p1") { name boss { id boss { id } } } }', people });
  assert.match(answer, '"boss":{"id":"p2","boss":{"id":"p3"}}');
});

test('properties that are keys are read once, also where one of them is a promise', async () => {
  const counts: number[] = [];
  for (const codegen of ['never', 'always'] as const) {
    let reads = 0;
    const friends: Load = async () => [
      ['p5', 'p6', 'p7'].map((id) => ({
        id,
        get bossId() {
          reads++;
          return id === 'p6' ? Promise.resolve('p8') : 'p9';
        },
      })),
    ];
    const { engine } = peopleEngine(codegen, everybody, friends);
    const answer = await engine.execute({ document: parse('{ person(id: "p1") { friends { boss { id } } } }') });
    assert.equal(JSON.parse(JSON.stringify(answer)).data.person.friends, [
      { boss: { id: 'p9' } },
      { boss: { id: 'p8' } },
      { boss: { id: 'p9' } },
    ]);
    counts.push(reads);
  }
  assert.is(counts[1], counts[0]);
});

test('an abort while it runs or waits ends the run; nothing is called after it [R15]', async () => {
  for (const when of ['in the call', 'in the wait']) {
    for (const at of ['p1', 'p2']) {
      const controller = new AbortController();
      const never = new Promise<never>(() => {});
      const people: Load = (keys, info) => {
        if (keys[0] !== at) return everybody(keys, info);
        if (when === 'in the call') controller.abort(new Error('enough'));
        else setImmediate(() => controller.abort(new Error('enough')));
        return never;
      };
      const { engine, log } = peopleEngine('always', people);
      const document = parse('{ person(id: "p1") { name boss { name boss { name } } } }');
      const answer = await engine.executeToString({ document, abortSignal: controller.signal, onAbort: 'RESPOND' });
      assert.match(answer, 'enough');
      assert.equal(log, at === 'p1' ? ['people(p1)'] : ['people(p1)', 'people(p2)']);
    }
  }
});

test('an abort by a value that is looked at makes no call again', async () => {
  const controller = new AbortController();
  const people: Load = async (keys) =>
    keys.map((key) =>
      Object.defineProperty({ id: key, bossId: 'p2' }, 'then', {
        get(): void {
          controller.abort(new Error('enough'));
        },
      }),
    );
  const { engine, log } = peopleEngine('always', people);
  const document = parse('{ person(id: "p1") { boss { id } } }');
  const request = { document, abortSignal: controller.signal, onAbort: 'RESPOND' } as const;
  assert.match(await engine.executeToString(request), 'enough');
  assert.equal(log, ['people(p1)']);
});

test('a thenable that works anew for each `then` works once, also where the driver takes over', async () => {
  const controller = new AbortController();
  let queries = 0;
  const people: Load = () =>
    Object.defineProperty({}, 'then', {
      value: () => {
        queries++;
        setImmediate(() => controller.abort(new Error('enough')));
      },
    });
  const { engine } = peopleEngine('always', people);
  const document = parse('{ person(id: "p1") { id } }');
  const request = { document, abortSignal: controller.signal, onAbort: 'RESPOND' } as const;
  assert.match(await engine.executeToString(request), 'enough');
  assert.is(queries, 1);
});

test('a deadline that has passed before it begins leaves all to the driver', async () => {
  const { engine, log } = peopleEngine('always', everybody);
  const document = parse('{ person(id: "p1") { name } }');
  assert.match(
    await engine.executeToString({ document, deadline: Date.now() - 1 }),
    'The deadline of this request has passed.',
  );
  assert.equal(log, []);
});

test('a null that ends the response is answered without waiting for what is under way [4.8]', async () => {
  const people: Load = async (keys) => keys.map((key) => (key === 'p2' ? null : { ...person(key), trusteeId: 'p2' }));
  const { engine } = peopleEngine('always', people, () => new Promise(() => {}));
  const document = parse('{ person(id: "p1") { trustee { name } friends { name } } }');
  const { data, errors } = (await engine.execute({ document })) as { data: object; errors: readonly Error[] };
  assert.equal(JSON.stringify(data), '{"person":null}');
  assert.is(errors[0]?.message, 'Cannot return null for non-nullable field Person.trustee.');
});

test('loaders that return at once make it synchronous [R14]', () => {
  const { engine } = peopleEngine('always', (keys) => keys.map(person));
  const answer = engine.execute({ document: parse('{ person(id: "p1") { boss { id } } }') });
  assert.equal(JSON.stringify(answer), '{"data":{"person":{"boss":{"id":"p2"}}}}');
});

test('a rejection of a call that nobody waits for any more is not left unhandled [R27]', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  const controller = new AbortController();
  const people: Load = () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 5));
  const { engine } = peopleEngine('always', people);
  const going = engine.executeToString({
    document: parse('{ person(id: "p1") { name } }'),
    abortSignal: controller.signal,
    onAbort: 'RESPOND',
  });
  controller.abort(new Error('enough'));
  assert.match(await going, 'enough');
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', note);
  assert.equal(rejections, []);
});

test('a plan that cannot be compiled is left to the driver, and counted once', () => {
  const codegenFailures = { failures: [] as unknown[], add: (error: unknown) => codegenFailures.failures.push(error) };
  const plan = {
    get operation(): never {
      throw new Error('a defect');
    },
  };
  const linked = {
    source: { codegen: 'always', codegenFailures },
    plan,
    graph: { tasks: [] },
    segments: null,
    growth: 0,
  };
  let driven = 0;
  const driver = { linked, drive: () => ++driven };
  for (const run of [1, 2]) assert.is(driveCompiled(driver as never), run as never);
  assert.equal(
    codegenFailures.failures.map((error) => (error as Error).message),
    ['a defect'],
  );
});

test.run();
