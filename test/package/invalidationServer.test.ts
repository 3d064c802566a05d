/** `planql invalidation-server` as its user has it: built, packed, installed, with a configuration beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createInvalidator } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { openSocket, post, SERVICE, secrets } from '../reactive/invalidationServer.ts';
import { type Standalone, startStandalone } from '../reactive/standalone.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { reported } from '../support/reported.ts';
import { until } from '../support/until.ts';
import { install } from './built.ts';

const redis = await redisForTests();
const test = needs(suite('planql invalidation-server, installed from its tarball'), redis);

const place = { url: redis.url, prefix: redis.newPrefix(), timeoutMs: 30_000 };
let folder = '';
const ends: (() => unknown)[] = [];
test.before(
  reported(async () => {
    ({ folder } = await install());
    const config = (drainMs: number): string => `import { redisVersions } from 'planql/reactive/redis';
export default {
versions: redisVersions(${JSON.stringify(place)}),
secrets: JSON.parse(process.env.SECRETS),
authenticate: (request, token) => request.headers.get('authorization')?.replace('Bearer ', '') ?? token,
serviceTokens: [process.env.SERVICE_TOKEN],
limits: { maxSets: 5 },
drainMs: ${drainMs},
};
`;
    writeFileSync(join(folder, 'invalidations.mjs'), config(400));
    writeFileSync(join(folder, 'slowly.mjs'), config(600_000));
    writeFileSync(join(folder, 'wrong.mjs'), 'export default { secrets: [] };');
    writeFileSync(join(folder, 'open.mjs'), config(0).replace('authenticate', 'authorize'));
  }),
);
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const start = async (...args: readonly string[]): Promise<Standalone> => {
  const env = { SECRETS: JSON.stringify(secrets), SERVICE_TOKEN: SERVICE };
  const program = join(folder, 'node_modules/.bin/planql');
  const running = await startStandalone(program, ['invalidation-server', ...args], { cwd: folder, env });
  ends.push(() => running.child.kill('SIGKILL'));
  return running;
};

test('it serves HTTP and WebSockets, and ends its connections when it is told to go', async () => {
  const { port, child, output, end } = await start('--config', 'invalidations.mjs', '--port', '0');
  assert.ok(port > 0, output());
  const get = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  await until('it is ready', async () => (await get('/readyz')) === 200);
  assert.equal([await get('/healthz'), await get('/metrics'), await get('/')], [200, 200, 404]);
  const versions = redisVersions(place);
  ends.push(() => versions.close());
  await versions.ready();
  const { wireKeys, sets } = createInvalidator({ versions, secrets });
  const { epoch, seq } = await versions.read([]);
  const set = sets.sealHeld('ann', { epoch, seq, keys: [wireKeys.of('m:prices')], versions: [0] });
  const opened = await Promise.all(Array.from({ length: 5 }, () => openSocket(port, 'ann')));
  for (const { socket } of opened) socket.send(JSON.stringify({ type: 'sub', id: '1', ...set }));
  for (const { messages } of opened) await until('ok', () => messages.some(({ type }) => type === 'ok'));
  assert.is((await post(port, '/deps/invalidate', 'ann', { keys: ['prices'] })).status, 401);
  assert.is((await post(port, '/deps/invalidate', SERVICE, { keys: ['prices'] })).status, 200);
  for (const { messages } of opened) {
    await until('told', () => messages.some(({ type }) => type === 'inv'));
    assert.equal(messages.find(({ type }) => type === 'inv')?.keys, { [set.keys]: Number(set.versions[0]) + 1 });
  }
  const poll = await post(port, '/deps/poll', 'ann', { v: 1, sets: [set] });
  assert.equal((await poll.json()).stale, { [set.keys]: Number(set.versions[0]) + 1 });
  const tooMany = await post(port, '/deps/poll', 'ann', { v: 1, sets: Array.from({ length: 6 }, () => set) });
  assert.is(tooMany.status, 413, 'its limits are those of the configuration');
  const waiting = post(port, '/deps/poll', 'ann', { v: 1, sets: [{ ...set, versions: [1] }], waitMs: 20_000 });
  const idle = await openSocket(port, 'ann');
  child.kill('SIGTERM');
  assert.is((await waiting).status, 200);
  const codes = await Promise.all([...opened, idle].map(({ closed }) => closed));
  assert.equal(codes, [1001, 1001, 1001, 1001, 1001, 1001]);
  assert.is(await end, 0, output());
  assert.not.match(output(), /secret|Error/);
});

test('a second signal ends it at once', async () => {
  const { port, child, output, end } = await start('--config', 'slowly.mjs', '--port', '0');
  await Promise.all([openSocket(port, 'ann'), openSocket(port, 'ann')]);
  child.kill('SIGTERM');
  await until('it drains', () => output().includes('ends its connections'));
  child.kill('SIGTERM');
  assert.is(await end, 'SIGTERM');
});

test('a port that is taken is told, without a stack', async () => {
  const { port } = await start('--config', 'invalidations.mjs', '--port', '0', '--host', '127.0.0.1');
  const second = await start('--config', 'invalidations.mjs', '--port', String(port), '--host', '127.0.0.1');
  assert.is(await second.end, 1);
  assert.match(second.output(), `address already in use 127.0.0.1:${port}`);
  assert.not.match(second.output(), / at |Unhandled/);
});

test('a configuration that is none is told', async () => {
  const wrong = await start('--config', 'wrong.mjs');
  assert.is(await wrong.end, 2);
  assert.match(wrong.output(), /needs "versions": redisVersions/);
  const open = await start('--config', 'open.mjs');
  assert.is(await open.end, 2, 'its connections to Redis are closed');
  assert.match(open.output(), /needs "authenticate"/);
  const port = await start('--config', 'invalidations.mjs', '--port', 'http');
  assert.is(await port.end, 2);
  assert.match(port.output(), /A port is a number from 0 to 65535, not "http"/);
});

test.run();
