/** Writes of other programs, by requests as the HTTP sink of Debezium Server sends them (spec 11.8.10.5). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createInvalidator, followChanges, nodeHandler, type RowChange } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { needs } from '../support/needs.ts';
import { redisForTests, startRedis } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { until } from '../support/until.ts';
import * as events from './debeziumEvents.ts';
import { post, secret, send, signed } from './debeziumSink.ts';
import { secrets } from './dyingWriter.ts';
import { newInvalidator, rowKeys } from './followed.ts';

const test = suite('changes: Debezium over HTTP');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Given = Partial<Parameters<typeof followChanges.debezium.http>[1]>;

/** A server with the handler, in front of an application that answers 418. */
async function open(given: Given = {}, invalidator = newInvalidator()) {
  const [told, errors]: [RowChange[], Error[]] = [[], []];
  const handle = followChanges.debezium.http(invalidator, {
    secrets: [secret],
    onError: (error) => errors.push(error as Error),
    keysOf: (change) => {
      told.push(change);
      return rowKeys(change);
    },
    ...given,
  });
  const handler = nodeHandler(handle);
  const server: Server = createServer(
    (message, response) => void handler(message, response, () => response.writeHead(418).end()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const versionOf = async (key: string): Promise<number> =>
    (await invalidator.versions.read([invalidator.wireKeys.of(`m:${key}` as never)])).states[0]?.version ?? 0;
  const epoch = (): string => invalidator.versions.seen?.epoch ?? '';
  await invalidator.versions.read([]);
  return { ...{ invalidator, handle, port, told, errors, versionOf, epoch }, url: `http://127.0.0.1:${port}/debezium` };
}

const [ann, bob] = [
  { id: 1, buyer: 'ann' },
  { id: 1, buyer: 'bob' },
];
const place = { database: 'shop', table: 'orders' };

test('events, CloudEvents and lists of them are told before the answer; others tell nothing [11.8.10.5]', async () => {
  const { url, told, errors, versionOf, epoch } = await open();
  const before = epoch();
  for (const text of [events.heartbeat, events.transactionEnd, 'null', '[]', '[null]'])
    assert.is((await post(url, text)).status, 204);
  assert.equal(told, []);
  const answer = await post(url, events.created(ann));
  assert.equal([answer.status, await answer.text(), await versionOf('order:1')], [204, '', 1]);
  const list = `[${[events.withSchema(events.updated(ann, bob)), 'null', events.altered, events.ofPostgres(ann)]}]`;
  assert.is((await post(url, list)).status, 204);
  assert.equal([await versionOf('order:1'), await versionOf('buyer:bob')], [2, 1]);
  for (const type of ['application/cloudevents+json', 'Application/JSON; charset=utf-8']) {
    const body = events.cloudEvent(ann);
    assert.is((await post(url, body, { ...signed(body), 'content-type': type })).status, 204);
  }
  const whole = { ...place, kind: 'table', before: null, after: null };
  const inserted = { ...place, table: 'public.orders', kind: 'insert', before: null, after: ann };
  assert.equal(told, [
    { ...place, kind: 'insert', before: null, after: ann },
    { ...place, kind: 'update', before: ann, after: bob },
    whole,
    { ...inserted, kind: 'update' },
    ...[inserted, inserted],
  ]);
  assert.equal([errors, epoch()], [[], before]);
});

test('an unknown table tells nothing; a message that cannot be read stops nothing [11.8.10.5]', async () => {
  const { url, errors, epoch, versionOf } = await open({
    keysOf: (change) => (change.table === 'orders' ? rowKeys(change) : []),
  });
  const before = epoch();
  const unknown = events.created(ann).replace('"table":"orders"', '"table":"carts"');
  assert.equal([(await post(url, unknown)).status, await versionOf('order:1'), epoch()], [204, 0, before]);
  const good = events.created(ann);
  for (const [text, message] of [
    ['{"before":', /no JSON/],
    ['', /no JSON/],
    ['\u0000', /no JSON/],
    [`[${good},{"id":1}]`, /no "op"/],
    [`[${good},[${good}]]`, /no "op"/],
    ['7', /no "op"/],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, /no "op"/],
  ] as const) {
    const [epochBefore, { length }] = [epoch(), errors];
    assert.is((await post(url, text)).status, 204);
    assert.is.not(epoch(), epochBefore);
    assert.match(errors[length]?.message ?? '', message);
    assert.match(errors[length]?.message ?? '', /because of a message over HTTP/);
  }
  assert.equal([(await post(url, good)).status, await versionOf('order:1')], [204, 1]);
});

test('functions that fail, and keys that are none, stop nothing [11.8.10.5]', async () => {
  const fail = (): never => {
    throw new Error('fails');
  };
  for (const keysOf of [fail, () => [7], () => 7, () => [Symbol('x')]] as never[]) {
    const { url, epoch } = await open({ keysOf, onError: fail });
    const warned = once(process, 'warning');
    const before = epoch();
    assert.is((await post(url, events.created(ann))).status, 204);
    assert.is.not(epoch(), before);
    assert.match((await warned)[0].message, /fails/);
  }
});

test('requests without a secret are refused, and change nothing [11.8.10.5]', async () => {
  const other = `whsec_${Buffer.alloc(32, 'another').toString('base64')}`;
  const { url, told, versionOf, errors, epoch } = await open({ secrets: [other, secret] });
  const before = epoch();
  const body = events.created(ann);
  const good = signed(body);
  const now = Math.floor(Date.now() / 1000);
  const refused: [Record<string, string>, RegExp][] = [
    [{}, /not signed.*standard-webhooks/],
    [{ 'webhook-id': good['webhook-id'] ?? '', 'webhook-timestamp': `${now}` }, /not signed/],
    [signed(body, `whsec_${Buffer.alloc(32, 'a thief').toString('base64')}`), /none of the secrets/],
    [signed(`${body} `), /none of the secrets/],
    [{ ...good, 'webhook-id': 'msg_other' }, /none of the secrets/],
    [{ ...good, 'webhook-signature': '' }, /none of the secrets/],
    [{ ...good, 'webhook-signature': 'v1, v2,x v1,é' }, /none of the secrets/],
    [signed(body, secret, now - 600), /5 minutes/],
    [signed(body, secret, now + 600), /5 minutes/],
    [{ ...good, 'webhook-timestamp': 'now' }, /5 minutes/],
    [{ authorization: 'Bearer undefined' }, /bearer token/],
    [{ authorization: `Bearer: ${secret}` }, /bearer token/],
    [{ ...good, authorization: 'Basic eDp5' }, /bearer token/],
  ];
  for (const [headers, message] of refused) {
    const answer = await post(url, body, headers);
    const text = await answer.text();
    assert.is(answer.status, 401, JSON.stringify(headers));
    assert.match(text, message);
    assert.not.ok(text.includes(secret.slice(6)));
  }
  assert.equal([told, errors, epoch(), await versionOf('order:1')], [[], [], before, 0]);
  const twice = { ...good, 'webhook-signature': `v1,${'x'.repeat(44)} ${good['webhook-signature']}` };
  for (const headers of [good, twice, signed(body, other), { authorization: `Bearer ${other}` }])
    assert.is((await post(url, body, headers)).status, 204);
  assert.is(told.length, 4);
});

test('other methods, types and paths [11.8.10.5]', async () => {
  const { url, port, handle, told } = await open({ path: '/changes' });
  const own = `http://127.0.0.1:${port}/changes`;
  const body = events.created(ann);
  assert.equal([(await post(url, body)).status, await handle(new Request(url))], [418, null]);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await fetch(own, { method });
    assert.equal([answer.status, answer.headers.get('allow')], [405, 'POST'], method);
  }
  for (const headers of [{ 'content-type': 'avro/bytes' }, { 'content-type': '' }, { 'content-encoding': 'gzip' }])
    assert.is((await post(own, body, { ...signed(body), ...headers })).status, 415);
  assert.equal([(await post(own, body)).status, told.length], [204, 1]);
  const answer = await handle(
    new Request(own, { method: 'POST', body, headers: { ...signed(body), 'content-type': 'application/json' } }),
  );
  assert.equal([answer?.status, told.length], [204, 2]);
});

const raw = (port: number, text: string): Socket => {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  socket.on('error', () => undefined);
  ends.push(() => socket.destroy());
  return socket;
};
const slow = (body: string, bytes: number): string =>
  `POST /debezium HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n${Object.entries(
    signed(body),
  )
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`;

test('bodies that are huge, slow, or break off [11.8.10.5]', async () => {
  const { url, port, told, errors } = await open({ maxBytes: 1000, bodyMs: 200 });
  const body = events.created(ann);
  const long = body + ' '.repeat(1001 - body.length);
  const refused = await post(url, long);
  const message = 'A body has at most 1000 bytes. "maxBytes" of followChanges.debezium.http allows more.';
  assert.equal([refused.status, await refused.json()], [413, { error: message }]);
  assert.is((await post(url, long.slice(0, 1000))).status, 204);
  const [socket, begin] = [raw(port, slow(body, body.length + 1)), Date.now()];
  const [answer] = await once(socket, 'data');
  assert.match(`${answer}`, /^HTTP\/1\.1 408 .*connection: close.*"error"/is);
  await once(socket, 'close');
  assert.ok(Date.now() - begin < 5000);
  raw(port, slow(body, body.length + 1)).end();
  raw(port, slow(body, body.length + 1)).destroySoon();
  await post(url, body);
  assert.equal([told.length, errors], [2, []]);
});

test('many bodies that do not end keep Debezium out no longer than a moment [11.8.10.5]', async () => {
  const { url, port, told } = await open();
  const answers: string[] = [];
  for (let n = 0; n < 50; n++) raw(port, slow('{', 1 << 22)).on('data', (data) => answers.push(`${data}`.slice(9, 12)));
  await until('the oldest are ended', () => answers.length >= 40);
  assert.equal([(await post(url, events.created(ann))).status, told.length], [204, 1]);
  assert.equal(new Set(answers), new Set(['408']));
});

test('options that cannot be right are refused, and no secret is printed', () => {
  const weak = Buffer.alloc(23, 'x').toString('base64');
  const make = (given: object) => () =>
    followChanges.debezium.http(newInvalidator(), { secrets: [secret], keysOf: () => [], ...given } as never);
  for (const secrets of [undefined, null, [], '', secret, [undefined], [''], [secret, weak], ['whsec_'], ['ünsafe']])
    assert.throws(
      make({ secrets }),
      (error: Error) => /"secrets(\[\d\])?".*whsec_/.test(error.message) && !error.message.includes(weak),
    );
  assert.throws(make({ secrets: undefined }), /has none/);
  assert.throws(make({ keysOf: undefined }), /"keysOf" is undefined/);
  assert.throws(make({ path: 'debezium' }), /"path".*must begin with/);
  assert.throws(make({ maxBytes: 0 }), /"maxBytes" is 0/);
  assert.throws(make({ bodyMs: '1' }), /"bodyMs"/);
  assert.throws(make({ secret: 'x' }), /no option "secret".*"secrets"/);
});

test('options are read once: one that cannot be read is named, and one that changes is what was checked', async () => {
  const fail = (): never => {
    throw new Error('no file');
  };
  const make = (given: object) => () =>
    followChanges.debezium.http(newInvalidator(), { secrets: [secret], keysOf: () => [], ...given } as never);
  for (const name of ['secrets', 'keysOf', 'onError', 'path', 'maxBytes', 'bodyMs']) {
    const given = Object.defineProperty({ secrets: [secret], keysOf: () => [] }, name, { enumerable: true, get: fail });
    const named = (error: Error): boolean =>
      error.message === `followChanges.debezium.http: "${name}" cannot be read: no file`;
    assert.throws(() => followChanges.debezium.http(newInvalidator(), given), named);
    assert.throws(() => followChanges.debezium.http(newInvalidator(), Object.create(given)), named);
  }
  const list = Object.defineProperty([secret], 1, { enumerable: true, get: fail });
  assert.throws(make({ secrets: list }), /"secrets" cannot be read: no file/);
  assert.throws(() => followChanges.debezium.http(newInvalidator(), undefined as never), /"keysOf" is undefined/);
  const reads: string[] = [];
  const values = { secrets: [secret], keysOf: rowKeys, path: '/debezium', maxBytes: 1000, bodyMs: 1000 };
  const changing = new Proxy(values, {
    get: (target, name) =>
      reads.includes(String(name)) ? fail() : reads.push(String(name)) && Reflect.get(target, name),
  });
  const { url, versionOf } = await open(changing);
  values.secrets[0] = 'whsec_';
  assert.equal([(await post(url, events.created(ann))).status, await versionOf('order:1')], [204, 1]);
});

const shared = await redisForTests();
const onRedis = needs(suite('changes: Debezium over HTTP, with Redis'), shared);
onRedis.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

onRedis('a version store that is killed: 503 until it is back, and nothing is missed [11.8.10.5]', async () => {
  const own = await startRedis();
  ends.push(() => own.kill());
  const versions = redisVersions({ url: own.url, timeoutMs: 1000, checkMs: 50 });
  ends.push(() => versions.close());
  await versions.ready();
  const { url, versionOf } = await open({}, createInvalidator({ versions, secrets }));
  assert.equal(await send(url, events.created(ann)), []);
  await own.kill();
  const answer = await post(url, events.created(bob));
  assert.equal([answer.status, answer.headers.get('retry-after')], [503, '1']);
  assert.is((await post(url, '{')).status, 503, 'everything cannot be told either');
  const sent = send(url, events.created({ id: 2, buyer: 'cy' }));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await own.start();
  const failures = await sent;
  assert.ok(failures.length > 0 && failures.every((status) => status === 503), `${failures}`);
  assert.ok((await versionOf('order:2')) > 0);
});

onRedis('kill -9 before a change is told, and between that and the answer: nothing is missed [11.8.10.5]', async () => {
  const prefix = shared.newPrefix();
  const versions = redisVersions({ url: shared.url, prefix });
  ends.push(() => versions.close());
  const invalidator = createInvalidator({ versions, secrets });
  const versionOf = async (key: string): Promise<number> =>
    (await versions.read([invalidator.wireKeys.of(`m:${key}` as never)])).states[0]?.version ?? 0;
  const run = async (dies: 'tell' | 'told' | ''): Promise<[ChildProcess, string]> => {
    const given = JSON.stringify({ redis: shared.url, prefix, http: secret, dies });
    const program = fileURLToPath(new URL('dyingFollower.ts', import.meta.url));
    const child = spawn(process.execPath, [...typescript, program, given], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ends.push(() => child.kill('SIGKILL'));
    const [port] = await once(child.stdout, 'data');
    return [child, `http://127.0.0.1:${`${port}`.trim()}/debezium`];
  };
  for (const [id, dies] of (['tell', 'told'] as const).entries()) {
    const [child, url] = await run(dies);
    const over = once(child, 'exit');
    const body = events.created({ id, buyer: 'killed' });
    const status = await post(url, body).then(
      (answer) => answer.status,
      () => 0,
    );
    assert.equal([status, (await over)[1]], [0, 'SIGKILL'], 'it died before the answer');
    assert.is(await versionOf(`order:${id}`), dies === 'tell' ? 0 : 1);
    const [next, again] = await run('');
    assert.equal(await send(again, body), []);
    assert.is(await versionOf(`order:${id}`), dies === 'tell' ? 1 : 2, 'at least once');
    next.kill('SIGKILL');
  }
});

test.run();
onRedis.run();
