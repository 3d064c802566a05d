/** What clients may see of errors, in every form of a response, and what is logged. */
import { GraphQLError, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTodoServer } from '../../examples/todo-by-hand/server.ts';
import { storeSchema } from '../../examples/todo-by-hand/store.ts';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { EngineOptions } from '../../src/engine/EngineOptions.ts';
import { SafeError } from '../../src/errors/SafeError.ts';
import { createKvetch, memoryShards } from '../../src/kvetch.ts';
import { incrementalTypeDefs } from '../../src/schema/incrementalDirectives.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { loader, loadOne } from '../../steps/index.ts';
import { until } from '../support/until.ts';
import { closeHttp } from './httpServer.ts';

const test = suite('masking');

const SECRET = 'password=hunter2';
const failure = new Error(SECRET);
const rows = loader<string, number>({ name: 'masking.rows', load: () => Promise.reject(failure) });

const schema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    /* GraphQL */ `
      type Query { now: Int fails: String safe: String planned: String forbidden: String odd: String row(n: Int!): String items: [Int] never: String deep: Query must: String! }
      type Mutation { fails: String safe: String }
      type Subscription { events: Int }
    `,
  ],
  objects: {
    Query: {
      plans: {
        now: { resolve: () => 1 },
        deep: { resolve: () => ({}) },
        fails: {
          resolve() {
            throw new Error(SECRET);
          },
        },
        safe: {
          resolve() {
            throw new SafeError('Sold out.', { code: 'SOLD_OUT' });
          },
        },
        planned() {
          throw new SafeError('Nobody may ask for this.', { code: 'NOBODY' });
        },
        forbidden() {
          throw new GraphQLError('Sign in.', { extensions: { code: 'UNAUTHENTICATED' } });
        },
        odd() {
          throw Object.defineProperty(new Error(SECRET), 'extensions', {
            get() {
              throw new Error(SECRET);
            },
          });
        },
        row: (_$root: Any, { $n }: Any) => loadOne($n, rows),
        items: {
          async *resolve() {
            yield 1;
            throw new Error(SECRET);
          },
        },
        never: { resolve: () => new Promise(() => {}) },
        must: { resolve: () => Promise.reject(failure) },
      },
    },
    Mutation: {
      plans: {
        fails: { resolve: () => Promise.reject(failure) },
        safe: { resolve: () => 'done' },
      },
    },
    Subscription: {
      plans: {
        events: {
          async *subscribe() {
            yield { events: 1 };
            yield { events: () => Promise.reject(failure) };
            yield { events: () => Promise.reject(failure) };
            throw new SafeError('The exchange has closed.');
          },
        },
      },
    },
  },
} as never);

// biome-ignore lint/suspicious/noExplicitAny: what a test looks into
type Any = any;

function masked(options: Partial<EngineOptions> = {}) {
  const logged: Array<{ error: unknown; id: string }> = [];
  const engine = createEngine({ schema, ...options });
  return { logged, functions: maskErrors(engine, { log: (error, id) => void logged.push({ error, id }) }) };
}

const plain = (value: unknown): Any => JSON.parse(JSON.stringify(value));

/** All errors of payloads, wherever they stand. */
const errorsOf = (payload: Any): Any[] => [
  ...(payload.errors ?? []),
  ...(payload.incremental ?? []).flatMap(errorsOf),
  ...(payload.completed ?? []).flatMap(errorsOf),
];

for (const form of ['objects', 'bytes'] as const) {
  for (const [what, query] of Object.entries({
    'a deferred part': '{ now ... @defer { fails } }',
    'items that come later': '{ items @stream(initialCount: 0) }',
  })) {
    test(`${what}, as ${form}: the message is masked, its id is that of the log, and it is logged once`, async () => {
      const { logged, functions } = masked();
      const args = { schema, document: parse(query) };
      const payloads: Any[] = [];
      if (form === 'bytes') {
        for await (const bytes of functions.executeToPayloads(args))
          payloads.push(JSON.parse(Buffer.from(bytes).toString()));
      } else {
        const response = (await functions.executeIncrementally(args)) as Any;
        payloads.push(plain(response.initialResult));
        for await (const payload of response.subsequentResults) payloads.push(plain(payload));
      }
      const errors = payloads.flatMap(errorsOf);
      assert.equal(
        errors.map(({ message, extensions }) => [message, extensions.id]),
        [['Unexpected error.', logged[0]?.id]],
      );
      assert.is(logged.length, 1);
      assert.match(String(logged[0]?.error), SECRET);
      assert.not.match(JSON.stringify(payloads), SECRET);
    });
  }
}

const written: Record<string, (functions: Any, args: object) => Promise<Any>> = {
  executeToBuffer: async (functions, args) => JSON.parse(Buffer.from(await functions.executeToBuffer(args)).toString()),
  executeToString: async (functions, args) => JSON.parse(await functions.executeToString(args)),
  async executeToChunks(functions, args) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of functions.executeToChunks(args, { chunkBytes: 7 })) {
      assert.ok(chunk.length <= 7);
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString());
  },
};
for (const [name, run] of Object.entries(written)) {
  for (const [what, query] of Object.entries({
    'of fields': '{ safe fails now row(n: 1) }',
    'of a mutation': 'mutation { safe fails after: safe }',
    'that null everything': '{ must }',
    'that refuse the request': 'query ($n: Int!) { row(n: $n) }',
  })) {
    test(`${name}, errors ${what}: the same as those of execute, masked before they are written`, async () => {
      const args = { schema, document: parse(query) };
      const [objects, bytes] = [masked(), masked()];
      const expected = plain(await objects.functions.execute(args));
      const answer = await run(bytes.functions, args);
      const withoutIds = ({ extensions, ...error }: Any) => ({ ...error, code: extensions?.code });
      assert.equal(
        { ...answer, errors: answer.errors.map(withoutIds) },
        { ...expected, errors: expected.errors.map(withoutIds) },
      );
      assert.not.match(JSON.stringify(answer), SECRET);
      const ids = answer.errors.flatMap(({ extensions }: Any) => extensions?.id ?? []);
      assert.equal(bytes.logged.map(({ id }) => id).sort(), ids.sort());
      assert.is(bytes.logged.length, objects.logged.length);
    });
  }
}

test('mapError gets masked errors where both are asked for, and the raw ones of an engine', async () => {
  const { functions } = masked();
  const seen: string[] = [];
  const mapError = (error: GraphQLError): GraphQLError => {
    seen.push(error.message);
    return new GraphQLError(`mapped: ${error.message}`, { path: error.path });
  };
  const args = { schema, document: parse('{ fails }'), mapError };
  const expected = { errors: [{ message: 'mapped: Unexpected error.', path: ['fails'] }], data: { fails: null } };
  assert.equal(JSON.parse(Buffer.from(await functions.executeToBuffer(args)).toString()), expected);
  const engine = createEngine({ schema });
  assert.is(plain(await engine.execute(args)).errors[0].message, `mapped: ${SECRET}`);
  assert.is(plain(await engine.prepare(args.document).execute({ mapError })).errors[0].message, `mapped: ${SECRET}`);
  assert.equal(seen, ['Unexpected error.', SECRET, SECRET]);
});

test('events of a subscription are masked, and what events fail with is logged once', async () => {
  const { logged, functions } = masked();
  const payloads: Any[] = [];
  try {
    const document = parse('subscription { events }');
    for await (const bytes of functions.executeToPayloads({ schema, document })) {
      payloads.push(JSON.parse(Buffer.from(bytes).toString()));
    }
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), 'The exchange has closed.');
  }
  assert.equal(payloads[0], { data: { events: 1 } });
  const id = logged[0]?.id;
  for (const { errors } of payloads.slice(1)) {
    assert.equal([errors[0].message, errors[0].extensions.id], ['Unexpected error.', id]);
  }
  assert.equal([payloads.length, logged.length], [3, 1]);
  assert.not.match(JSON.stringify(payloads), SECRET);
});

test('a log that throws, or rejects, keeps nothing from the client', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): unknown => rejections.push(reason);
  process.on('unhandledRejection', note);
  const refuse = () => {
    throw new Error('the disk is full');
  };
  for (const log of [refuse, async () => refuse()]) {
    const { execute } = maskErrors(createEngine({ schema }), { log });
    const { data, errors } = plain(await execute({ schema, document: parse('{ now fails }') }));
    assert.equal([data, errors[0].message], [{ now: 1, fails: null }, 'Unexpected error.']);
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.equal(rejections, []);
});

test('one failure of a hundred fields is logged once, and all have its id', async () => {
  const { logged, functions } = masked();
  const fields = Array.from({ length: 100 }, (_, n) => `r${n}: row(n: ${n})`).join(' ');
  const { errors } = plain(await functions.execute({ schema, document: parse(`{ ${fields} }`) }));
  assert.is(errors.length, 100);
  assert.equal([...new Set(errors.map(({ extensions }: Any) => extensions.id))], [logged[0]?.id]);
  assert.is(logged.length, 1);
});

const many = `{ ${Array.from({ length: 40 }, (_, n) => `f${n}: now`).join(' ')} }`;
const LATE = 'The deadline of this request has passed.';
const DEEP = '{ deep { deep { deep { now } } } }';
type Refusal = [Partial<EngineOptions>, string, string | RegExp, code: string | undefined, { deadline?: number }?];
const refusals: Record<string, Refusal> = {
  'a SafeError of a resolver': [{}, '{ safe }', 'Sold out.', 'SOLD_OUT'],
  'a SafeError of a plan resolver': [{}, '{ planned }', 'Nobody may ask for this.', 'NOBODY'],
  'a GraphQLError of a plan resolver': [{}, '{ forbidden }', 'Sign in.', 'UNAUTHENTICATED'],
  maxFields: [{ limits: { maxFields: 8 } }, many, /selects more than 8 fields/, 'PLAN_LIMIT'],
  maxSteps: [{ limits: { maxSteps: 5 } }, many, /needs more than 5 steps/, 'MAX_STEPS'],
  maxDepth: [{ limits: { maxDepth: 2 } }, DEEP, /more than 2 levels deep/, 'PLAN_LIMIT'],
  'a deadline': [{}, '{ never }', LATE, 'DEADLINE', { deadline: Date.now() - 1 }],
  executionMs: [{ limits: { executionMs: 5 } }, '{ never }', LATE, 'DEADLINE'],
  'an unknown variable': [{}, 'query ($n: Int!) { row(n: $n) }', /Variable "\$n"/, undefined],
};
test('an imported plan says of a field that could not be planned what its process of origin says [2.13.2]', async () => {
  const engine = createEngine({ schema });
  for (const field of ['planned', 'forbidden', 'odd']) {
    const plan = engine.prepare(parse(`{ ${field} now }`));
    const imported = createExecutor({ schema }).importPlan(JSON.parse(JSON.stringify(engine.exportPlan(plan))));
    const answers = [];
    for (const one of [plan, imported]) {
      const { execute } = maskErrors({ execute: () => one.execute({}) }, { log() {} });
      const { data, errors } = plain(await execute());
      answers.push({ data, message: errors[0].message, code: errors[0].extensions.code });
    }
    assert.equal(answers[1], answers[0]);
    assert.is(answers[0]?.message === 'Unexpected error.', field === 'odd');
  }
});

for (const [what, [options, query, expected, code, args = {}]] of Object.entries(refusals)) {
  test(`clients read why they are refused, and nothing is logged: ${what}`, async () => {
    const { logged, functions } = masked(options);
    const { errors } = plain(await functions.execute({ schema, document: parse(query), ...args }));
    assert.match(errors[0].message, expected);
    assert.is(errors[0].extensions?.code, code);
    assert.equal(logged, []);
  });
}

test('what a server writes into the extensions of one response is in no other one', async () => {
  const { functions } = masked();
  for (const query of ['{ planned }', '{ safe }', many]) {
    const ask = async (): Promise<Any> => (await functions.execute({ schema, document: parse(query) })) as Any;
    const [{ errors: some = [] }, { errors: others = [] }] = [await ask(), await ask()];
    for (const { extensions } of some) extensions.user = 'ann';
    assert.equal(
      [...others, ...((await ask()).errors ?? [])].map(({ extensions }) => extensions.user).filter(Boolean),
      [],
    );
  }
});

test('errors of an aborted request are not logged, and its reason is not told', async () => {
  for (const reason of [new Error(SECRET), SECRET, undefined]) {
    const { logged, functions } = masked();
    const controller = new AbortController();
    const answer = functions.execute({
      ...{ schema, document: parse('{ never fails }') },
      ...{ abortSignal: controller.signal, onAbort: 'RESPOND' as const },
    });
    controller.abort(reason);
    const { errors } = plain(await answer);
    assert.equal(errors.map(({ message }: Any) => message).sort(), ['The request was aborted.', 'Unexpected error.']);
    assert.not.match(JSON.stringify(errors), SECRET);
    assert.is(logged.length, 1, 'what failed before');
  }
});

test('an error that only looks as if it were for clients is masked', async () => {
  const { logged, functions } = masked();
  const lookAlike = Object.assign(new Error(SECRET), { code: 'SAFE', name: 'SafeError' });
  const rootValue = { deep: { now: 1 } };
  const own = makeSchema({
    typeDefs: 'type Query { a: Int }',
    objects: { Query: { plans: { a: { resolve: () => Promise.reject(lookAlike) } } } },
  });
  const { execute } = maskErrors(createEngine({ schema: own }), {
    log: (error, id) => void logged.push({ error, id }),
  });
  const { errors } = plain(await execute({ schema: own, document: parse('{ a }'), rootValue }));
  assert.is(errors[0].message, 'Unexpected error.');
  assert.is(logged.length, 1);
  assert.ok(functions.executeToPayloads);
});

test('the todo server aborts the request of a client that leaves', async () => {
  const gate = { reads: 0 };
  const shards = memoryShards(1).map(
    (shard) =>
      new Proxy(shard, {
        get(target, name) {
          if (name === 'answersAtOnce') return false;
          const member = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          if (!String(name).startsWith('read')) return member.bind(target);
          return () => {
            gate.reads++;
            return new Promise(() => {});
          };
        },
      }),
  );
  const kvetch = createKvetch({ schema: storeSchema, shards });
  const logged: unknown[] = [];
  const server = createTodoServer(kvetch, { log: (error) => void logged.push(error) });
  let isOver = false;
  server.on('request', (_request, response) => {
    const { end } = response;
    response.end = ((...args: Parameters<typeof end>) => {
      isOver = true;
      return end.apply(response, args);
    }) as typeof end;
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const controller = new AbortController();
  const { port } = server.address() as { port: number };
  const answer = fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ todoUserByUsername(username: "user7") { name } }' }),
    signal: controller.signal,
  }).catch(() => 'gone');
  await until('the store is asked', () => gate.reads > 0);
  assert.is(isOver, false);
  controller.abort();
  assert.is(await answer, 'gone');
  await until('the request ends though the store does not answer', () => isOver);
  assert.equal(logged, []);
  await closeHttp(server);
});

test.run();
