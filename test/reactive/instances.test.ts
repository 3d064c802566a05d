/** Row 15: stateless servers, as processes, behind a load balancer that knows nothing of them. */
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { createInvalidator, SUBPROTOCOL } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { roundRobin } from '../support/roundRobin.ts';
import { until } from '../support/until.ts';
import { type ClientSet, post, SERVICE, secrets } from './invalidationServer.ts';
import { type Standalone, startStandalone } from './standalone.ts';

const test = suite('row 15: instances of the invalidation server');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A client that comes again whenever it is disconnected, with what it holds. */
class Returning {
  readonly #url: string;
  readonly #set: ClientSet;
  #socket: WebSocket | null = null;
  isClosed = false;
  isSubscribed = false;
  comings = 0;
  version = 0;

  constructor(url: string, set: ClientSet) {
    this.#url = url;
    this.#set = set;
    this.#come();
  }

  #come(): void {
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    socket.on('open', () => socket.send('{"type":"init","token":"ann"}'));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const { type, keys } = JSON.parse(String(data));
      if (type === 'ready') socket.send(JSON.stringify({ type: 'sub', id: '1', ...this.#set }));
      if (type === 'ok') {
        this.isSubscribed = true;
        this.comings++;
      }
      if (type === 'inv') this.version = Math.max(this.version, keys[this.#set.keys] ?? 0);
    });
    socket.on('close', () => {
      this.isSubscribed = false;
      if (!this.isClosed) setTimeout(() => this.#come(), 20 + Math.random() * 200);
    });
  }

  close(): void {
    this.isClosed = true;
    this.#socket?.terminate();
  }
}

const redis = await redisForTests();
const onRedis = needs(test, redis);
const CLIENTS = 2000;

onRedis('2,000 sockets at three processes; one is killed, one goes: every client hears of every change', async () => {
  const prefix = redis.newPrefix();
  const versions = redisVersions({ url: redis.url, prefix, timeoutMs: 30_000 });
  ends.push(() => versions.close());
  await versions.ready();
  const start = (): Promise<Standalone> =>
    startStandalone(
      process.execPath,
      [...typescript, file('../../src/bin-planql.ts'), 'invalidation-server', '--config', file('standaloneConfig.ts')],
      { env: { TEST_REDIS_URL: redis.url, TEST_PREFIX: prefix } },
    );
  const servers = await Promise.all([start(), start(), start()]);
  for (const { child } of servers) ends.push(() => child.kill('SIGKILL'));
  for (const { port, output } of servers) assert.ok(port > 0, output());
  const [killed, leaving] = servers;
  const balancer = await roundRobin(servers.map(({ port }) => port));
  ends.push(balancer.close);

  const invalidator = createInvalidator({ versions, secrets });
  const keys = Array.from({ length: CLIENTS }, (_, n) => `key ${n}`);
  const { epoch, seq } = await versions.read([]);
  const clients = keys.map((key) => {
    const name = invalidator.wireKeys.of(`m:${key}`);
    const set = invalidator.sets.sealHeld('ann', { epoch, seq, keys: [name], versions: [0] });
    return new Returning(`ws://127.0.0.1:${balancer.port}/deps/socket`, set);
  });
  for (const client of clients) ends.push(() => client.close());
  const allKnown = async (): Promise<void> => {
    await until('all are subscribed', () => clients.every(({ isSubscribed }) => isSubscribed));
  };
  /** Each half of the keys once, by HTTP, at whichever instance: tried again where that one is gone. */
  const changeAll = async (): Promise<void> => {
    for (const half of [keys.slice(0, CLIENTS / 2), keys.slice(CLIENTS / 2)]) {
      const send = () => post(balancer.port, '/deps/invalidate', SERVICE, { keys: half });
      const answer = await send().catch(send).catch(send);
      assert.is(answer.status, 200);
      await answer.text(); // else its connection stays open
    }
  };
  const allHave = async (version: number): Promise<void> => {
    await until(`all have version ${version}`, () => clients.every((client) => client.version >= version));
  };

  await allKnown();
  await changeAll();
  await allHave(1);
  killed.child.kill('SIGKILL');
  await changeAll();
  await allHave(2);
  await allKnown();
  const comings = clients.reduce((sum, client) => sum + client.comings, 0);
  assert.ok(comings >= CLIENTS + CLIENTS / 4, `${comings} comings: a third were at the one that was killed`);
  leaving.child.kill('SIGTERM');
  await changeAll();
  await allHave(3);
  assert.is(await leaving.end, 0);
  await allKnown();
});

test.run();
