/** What the inspector records, which users see it, and what it keeps to itself. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import { createInspector } from '../../src/inspector.ts';
import { channels } from '../../src/telemetry.ts';
import { asked, type Inspected, inspected, renameMutation, type Summary, schema, userQuery } from './world.ts';

const test = suite('inspector');
const open: { close(): unknown }[] = [];
const start = (...given: Parameters<typeof inspected>): Inspected => {
  const server = inspected(...given);
  open.push(server);
  return server;
};
test.after.each(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const get = (path = '/__inspect', headers: Record<string, string> = {}): Request =>
  new Request(`http://localhost${path}`, { headers });

test('an operation is a record: its times, its plan, its steps, and never a value', async () => {
  const { engine, kvetch, json } = start();
  const id = await kvetch.createObject('User', { name: 'Ada' });
  for (const title of ['one', 'two', 'three']) await kvetch.createObject('List', { owner: id, title });
  const text = 'query User($id: ID!) { user(id: $id) { id name lists { id title } } }';
  const document = engine.document(text);
  assert.ok('kind' in document);
  const args = { document, variableValues: { id }, contextValue: { kvetch: kvetch.forRequest() } };
  await engine.execute(args);
  const bytes = (await engine.executeToBuffer({ ...args, contextValue: { kvetch: kvetch.forRequest() } })).length;
  const { operations } = await json();
  assert.equal(
    operations.map((one: Summary) => [
      one.name,
      one.type,
      one.cause,
      one.isPlanCached,
      one.responseBytes,
      one.errorCount,
    ]),
    [
      ['User', 'query', 'request', true, bytes, 0],
      ['User', 'query', 'request', false, null, 0],
    ],
  );
  const first = await json(`/__inspect.json?operation=${operations[1].id}`);
  assert.ok(first.times.parse > 0 && first.times.validate > 0 && first.times.plan > 0 && first.times.write > 0);
  assert.is((await json(`/__inspect.json?operation=${operations[0].id}`)).times.parse, null, 'it was read once');
  const lists = first.steps.filter((step: Summary) => step.coordinate === 'User.lists' && step.op === 'loadOne');
  assert.equal(
    lists.map(({ calls, rows, notes }: Summary) => [calls, rows, notes.keys, notes['keys at memory-0']]),
    [[1, 1, 4, 4]],
    'a list and its three objects are one line',
  );
  assert.is(first.text, text);
  assert.is(first.variables, '["id"]');
  assert.not.match(JSON.stringify([operations, first]), new RegExp(`${id}|Ada|three`));
});

test('inspectors of one engine, and a listener of telemetry beside them, all hear of its steps and changes', async () => {
  const { engine, reactive, kvetch, json, inspector } = start({ server: 'one' });
  const other = createInspector({ engine, allow: () => true, reactive, path: '/other', server: 'two' });
  const heard: number[] = [];
  const stop = channels.operation.listen((message) => {
    const { observer } = message;
    message.observer = {
      onCall(steps, ...told) {
        heard.push(...steps);
        observer?.onCall(steps, ...told);
      },
      onTrace: (...told) => observer?.onTrace(...told),
    };
    return () => undefined;
  });
  const last = createInspector({ engine, allow: () => true, path: '/last' });
  open.push(other, last, { close: stop });
  const id = await kvetch.createObject('User', { name: 'Ada' });
  const context = () => ({ contextValue: { kvetch: kvetch.forRequest() } });
  await engine.execute({ document: userQuery, variableValues: { id }, ...context() });
  const variableValues = { id, name: 'Grace' };
  await reactive.execute({ document: renameMutation, variableValues, ...context() });
  const found: Summary[] = [];
  for (const [one, path] of [
    [inspector, '/__inspect'],
    [other, '/other'],
    [last, '/last'],
  ] as const) {
    const read = async (query: string): Promise<Summary> =>
      (await (await one.handle(get(`${path}.json${query}`)))?.json()) as Summary;
    const { operations, invalidations } = await read('');
    const [mutation, query] = operations as readonly [Summary, Summary];
    const { steps } = await read(`?operation=${query.id}`);
    found.push({
      names: [mutation.name, query.name],
      steps: steps.map(({ step, op, calls, rows }: Summary) => [step, op, calls, rows]),
      changes: mutation.changes.length,
      made: invalidations.map(({ name }: Summary) => name),
    });
  }
  const [first] = found;
  assert.ok(first?.steps.length > 2 && heard.length > 2);
  assert.equal([first?.names, first?.changes, first?.made], [['Rename', 'User'], 1, ['Rename', null]]);
  assert.equal(found.slice(1), [first, { ...first, changes: 0, made: [] }]);
  assert.equal((await json()).operations.length, 2);
});

test('variables and keys are shown where the application wants that', async () => {
  const { reactive, kvetch, json } = start({ show: { variables: true, keys: true } });
  const id = await kvetch.createObject('User', { name: 'Ada' });
  const context = { contextValue: { kvetch } };
  await reactive.execute({ document: renameMutation, variableValues: { id, name: 'Grace' }, ...context });
  const { operations, invalidations } = await json();
  assert.equal(invalidations[0].texts, [`o:${id}`]);
  const detail = await json(`/__inspect.json?operation=${operations[0].id}`);
  assert.equal(JSON.parse(detail.variables), { id, name: 'Grace' });
});

test('errors are shown, but not the values of variables that they quote', async () => {
  const { engine, json } = start();
  await engine.execute({ document: parse('query ($n: Int!) { slow(of: $n) }'), variableValues: { n: 'a secret' } });
  await engine.execute({ document: parse('{ fails(text: "it broke") }') });
  const { operations } = await json();
  assert.equal(
    operations.map((one: Summary) => [one.type, one.errorCount, one.error]),
    [
      ['query', 1, 'it broke'],
      ['refused', 1, 'Variable "$n" has a wrong value.'],
    ],
  );
});

test('a mutation, its keys, who was told, and the live query that ran again are one line', async () => {
  const { reactive, kvetch, json } = start({ server: 'one' });
  const id = await kvetch.createObject('User', { name: 'Ada' });
  const args = { document: userQuery, variableValues: { id }, context: () => ({ kvetch: kvetch.forRequest() }) };
  const live = reactive.live({ ...args, ...asked });
  await live.next();
  // One mutation asks for what it invalidates, the other does not.
  for (const more of [asked, {}]) {
    const name = 'extensions' in more ? 'Grace' : 'Barbara';
    const contextValue = { kvetch: kvetch.forRequest() };
    await reactive.execute({ document: renameMutation, variableValues: { id, name }, contextValue, ...more });
    await live.next();
  }
  await live.return();
  const { invalidations, operations, stats } = await json();
  assert.equal(
    invalidations.map((one: Summary) => [one.name, one.server, one.kinds, one.keyCount, one.effectCount]),
    [
      ['Rename', 'one', { o: 1 }, 1, 1],
      ['Rename', 'one', { o: 1 }, 1, 1],
      [null, 'one', { o: 1, t: 1 }, 2, 0],
    ],
  );
  const [{ told, effects, id: change, operation }] = invalidations;
  assert.equal(
    told.map(({ server, live: runs }: Summary) => [server, runs]),
    [['one', 1]],
  );
  assert.ok(told[0].lagMs >= 0);
  assert.equal(
    effects.map(({ server, kind, name }: Summary) => [server, kind, name]),
    [['one', 'live', 'User']],
  );
  const byId = new Map<string, Summary>(operations.map((one: Summary) => [one.id, one]));
  assert.equal([byId.get(operation)?.type, byId.get(operation)?.changes], ['mutation', [change]]);
  assert.equal(byId.get(effects[0].operation)?.changes, [change], 'and the run knows its cause');
  assert.equal([...byId.values()].map(({ cause }) => cause).sort(), ['live', 'live', 'request', 'request', 'request']);
  assert.equal([stats.operations, stats.invalidations], [5, 3]);
  assert.not.match(JSON.stringify([invalidations, operations]), new RegExp(`${id}|Grace`), 'keys are their wire names');
});

test('a refetch names the change that it is for, its parts, and what they depend on', async () => {
  const { reactive, kvetch, json } = start();
  const id = await kvetch.createObject('User', { name: 'Ada' });
  const args = () => ({ document: userQuery, variableValues: { id }, contextValue: { kvetch: kvetch.forRequest() } });
  await reactive.execute({ ...args(), ...asked });
  await kvetch.createObject('List', { owner: id, title: 'new' });
  await reactive.execute({ ...args(), extensions: { reactive: { v: 1, refetch: [{ at: 'user.lists' }] } } });
  const { operations, invalidations } = await json();
  const [refetch, first] = operations;
  assert.equal([refetch.cause, refetch.kind, first.cause, first.changes], ['refetch', 'positions', 'request', []]);
  assert.equal(refetch.changes, [invalidations[0].id]);
  assert.equal(
    invalidations[0].effects.map(({ kind, name }: Summary) => [kind, name]),
    [['refetch', 'User']],
  );
  assert.ok(refetch.dependencies.count > 0 && first.dependencies.status === 'full');
});

test('what cannot be recorded does not disturb the request', async () => {
  const { engine, json } = start({ show: { variables: true } });
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const unread = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('nobody reads these');
      },
    },
  );
  const variableValues = { of: 2, unread };
  assert.equal(
    (await engine.execute({ document: parse('query ($of: Int!) { slow(of: $of) }'), variableValues })).data,
    {
      slow: [0, 1],
    },
  );
  assert.equal((await json()).operations.length, 1, 'variables that are no JSON are said to be none');
  const over: Promise<unknown> = Promise.race([warned, new Promise((resolve) => setImmediate(resolve, null))]);
  assert.is(await over, null);
});

test('only this engine is recorded, and nothing behind close', async () => {
  const { engine, inspector, json } = start();
  const other = createEngine({ schema });
  for (const one of [engine, other]) await one.execute({ document: parse('{ bare }') });
  assert.is((await json()).operations.length, 1);
  inspector.close();
  await engine.execute({ document: parse('{ bare }') });
  assert.is((await json()).stats.operations, 1);
  assert.is(channels.operation.isHeard, false);
});

test('without allow, programs on this machine may look, and in production nobody, and nothing is recorded', async () => {
  const inspector = createInspector({ engine: createEngine({ schema }) });
  open.push(inspector);
  const statusOf = async (host: string, remoteAddress?: string, headers: Record<string, string> = {}) =>
    (await inspector.handle(get('/__inspect', { host, ...headers }), { remoteAddress }))?.status;
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.9.1']) {
    for (const host of ['localhost:4000', '127.0.0.1', '[::1]:4000']) assert.is(await statusOf(host, address), 200);
    for (const host of ['evil.example', 'localhost.evil.example', '10.0.0.1']) {
      assert.is(await statusOf(host, address), 404, `a page of another site whose name leads here: ${host}`);
    }
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host']) {
      assert.is(
        await statusOf('localhost', address, { [header]: '127.0.0.1' }),
        404,
        `a proxy on this machine: ${header}`,
      );
    }
  }
  for (const address of [
    undefined,
    '',
    '10.0.0.7',
    '::ffff:10.0.0.7',
    'fe80::1',
    '::10',
    '1127.0.0.1',
    '127.0.0.1.example',
  ]) {
    assert.is(await statusOf('localhost:4000', address), 404, `another machine says Host: localhost (${address})`);
  }
  assert.is((await inspector.handle(get()))?.status, 404, 'the peer is not known');
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    const hidden = createInspector({ engine: createEngine({ schema }) });
    const isHeardByOne = channels.operation.isHeard;
    for (const path of ['/__inspect', '/__inspect.json', '/__inspect/plan', '/__inspect/replay']) {
      assert.is((await hidden.handle(get(path)))?.status, 404);
    }
    assert.is(await hidden.handle(get('/graphql')), null);
    hidden.close();
    inspector.close();
    assert.equal([isHeardByOne, channels.operation.isHeard], [true, false], 'only the other inspector had listened');
    const allowed = createInspector({
      engine: createEngine({ schema }),
      allow: async (request) => request.headers.get('authorization') === 'Bearer of an admin',
    });
    open.push(allowed);
    assert.is((await allowed.handle(get()))?.status, 404);
    const admitted = await allowed.handle(get('/__inspect', { authorization: 'Bearer of an admin' }));
    assert.is(admitted?.status, 200);
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
});

test('replay needs allow', () => {
  assert.throws(
    () => createInspector({ engine: createEngine({ schema }), replay: () => ({}) }),
    'createInspector was given "replay" without "allow".',
  );
});

test('answers are not stored, and the page runs nothing but its own script', async () => {
  const { engine, inspector } = start();
  const evil = '</script><img src=x onerror=alert(1)><!--';
  await engine.execute({ document: parse(`{ fails(text: ${JSON.stringify(evil)}) }`) });
  for (const path of ['/__inspect', '/__inspect.json', '/__inspect/plan?operation=1', '/__inspect/plan?operation=9']) {
    const response = await inspector.handle(get(path));
    assert.is(response?.headers.get('cache-control'), 'no-store', path);
    assert.is(response?.headers.get('x-content-type-options'), 'nosniff');
    const text = (await response?.text()) ?? '';
    if (response?.headers.get('content-type')?.startsWith('text/html')) assert.not.match(text, /<img|<!--/);
  }
  const page = await inspector.handle(get());
  const policy = page?.headers.get('content-security-policy') ?? '';
  const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  const html = (await page?.text()) ?? '';
  assert.is(html.split(`nonce="${nonce}"`).length, 4, 'style, facts and script');
  assert.not.match(policy, /unsafe/);
  assert.not.match(html.replace('http://www.w3.org/2000/svg', ''), /https?:|\son\w+=/);
  const again = await inspector.handle(get());
  assert.not.match(again?.headers.get('content-security-policy') ?? '', nonce, 'a nonce is used once');
  const asJson = await inspector.handle(get('/__inspect', { accept: 'application/json' }));
  assert.is(asJson?.headers.get('content-type'), 'application/json');
  assert.is(await inspector.handle(get('/graphql')), null);
  assert.is(await inspector.handle(new Request('http://localhost/__inspect', { method: 'DELETE' })), null);
});

test('what has not changed is not sent again', async () => {
  const { engine, json } = start();
  await engine.execute({ document: parse('{ bare }') });
  const { changes } = await json();
  assert.equal(await json(`/__inspect.json?changes=${changes}`), { changes });
  await engine.execute({ document: parse('{ bare }') });
  assert.is((await json(`/__inspect.json?changes=${changes}`)).operations.length, 2);
});

test('the plan of an operation is drawn with what its run showed', async () => {
  const { engine, inspector, kvetch } = start();
  const id = await kvetch.createObject('User', { name: 'Ada' });
  await engine.execute({ document: userQuery, variableValues: { id }, contextValue: { kvetch: kvetch.forRequest() } });
  const page = await (await inspector.handle(get('/__inspect/plan?operation=1')))?.text();
  assert.match(page ?? '', /"isMeasured":true/);
  assert.match(page ?? '', /"milliseconds":/);
});

test('a query can be run again: by the page, with a token, where the application lets it', async () => {
  const contexts: string[] = [];
  const { engine, inspector, json } = start({
    replay: (request) => {
      contexts.push(request.url);
      return { contextValue: {} };
    },
  });
  await engine.execute({ document: parse('query Slow($of: Int!) { slow(of: $of) }'), variableValues: { of: 2 } });
  await engine.execute({ document: renameMutation, variableValues: { id: '1', name: 'x' }, contextValue: {} });
  const page = (await (await inspector.handle(get()))?.text()) ?? '';
  const [, token = ''] = /"token":"([^"]+)"/.exec(page) ?? [];
  const post = async (body: unknown, headers: Record<string, string> = {}): Promise<[number | undefined, Summary]> => {
    const response = await inspector.handle(
      new Request('http://localhost/__inspect/replay', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-planql-inspect': token, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
    return [response?.status, (await response?.json()) as Summary];
  };
  const [status, { response }] = await post({ operation: '1', variables: { of: 3 } });
  assert.equal([status, JSON.parse(response), contexts.length], [200, { data: { slow: [0, 1, 2] } }, 1]);
  assert.is((await json()).operations[0].cause, 'replay');
  assert.equal((await post({ operation: '1', variables: {} }))[1].response.includes('$of'), true, 'errors are answers');
  for (const [body, headers, expected] of [
    [{ operation: '2', variables: {} }, {}, 400],
    [{ operation: '77' }, {}, 404],
    ['no JSON', {}, 404],
    [{ operation: '1' }, { 'x-planql-inspect': 'guessed' }, 403],
    [{ operation: '1' }, { 'x-planql-inspect': '' }, 403],
    [{ operation: '1' }, { 'content-type': 'text/plain' }, 403],
    [`{"operation":"1","variables":{"x":"${'x'.repeat(100_000)}"}}`, {}, 404],
  ] as const) {
    assert.is((await post(body, headers))[0], expected, JSON.stringify([headers, expected]));
  }
  assert.is(contexts.length, 2, 'what is refused is not run');
  const { inspector: without } = start();
  const refused = await without.handle(new Request('http://localhost/__inspect/replay', { method: 'POST' }));
  assert.is(refused?.status, 404);
});

test('advice: resolvers that load a row at a time, and keys that many hold', async () => {
  const { reactive, kvetch, json } = start();
  const id = await kvetch.createObject('User', { name: 'Ada' });
  for (let n = 0; n < 12; n++) await kvetch.createObject('List', { owner: id, title: `${n}` });
  const args = () => ({
    document: parse('query Lists($id: ID!) { user(id: $id) { name lists { id title slow } } }'),
    variableValues: { id },
    contextValue: { kvetch: kvetch.forRequest() },
  });
  const lives = Array.from({ length: 12 }, () =>
    reactive.live({ ...args(), context: () => ({ kvetch: kvetch.forRequest() }) }),
  );
  await Promise.all(lives.map((live) => live.next()));
  await kvetch.updateObject(id, { name: 'Grace' });
  await Promise.all(lives.map((live) => live.next()));
  const { advice, keys, watches } = await json();
  for (const live of lives) await live.return();
  assert.is(watches, 12);
  const user = keys.find(({ kind, effects }: Summary) => kind === 'o' && effects === 12);
  assert.is(user?.watches, 12);
  const [rows, ...ofKeys] = advice;
  assert.match(rows.text, /^List\.slow in Lists: the resolver ran 12 times/);
  assert.ok(ofKeys.some(({ kind, key }: Summary) => kind === 'key' && key === user?.key));
});

test.run();
