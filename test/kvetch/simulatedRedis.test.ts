import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Entries } from '../../bench/kvetch/simulate/redis/Entries.ts';
import { type RedisLife, RedisSession } from '../../bench/kvetch/simulate/redis/RedisSession.ts';
import { scriptBodies } from '../../bench/kvetch/simulate/redis/scriptBodies.ts';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import { COMPLETE, FULL, listText, PREFIX } from '../../src/kvetch/redis/rowText.ts';
import type { Script } from '../../src/kvetch/redis/scripts.ts';
import * as scripts from '../../src/kvetch/redis/scripts.ts';
import type { EdgeRow } from '../../src/kvetch/shards/rows.ts';
import { needs } from '../support/needs.ts';
import { startRedis } from '../support/redisServer.ts';

const test = needs(suite('kvetch: the simulated Redis answers as the real one'), 'redis-server');

type Words = ReadonlyArray<string | number>;
/** A command, or a while in which what lives shortly ends. */
type Step = Words | 'wait';

const SHORT_MS = 60;
const LONG_MS = 600_000;
const KEYS = ['kv:{001}:a', 'kv:{001}:b', 'kv:{001}:c'];
const ids = Array.from({ length: 4 }, (_, at) => `00000000-0000-8000-8000-00000000000${at}`);
const [owner = ''] = ids;
const orderKeys = ['7f', '80', '8000', 'a1ff'];

function edgeOf(toId: string, key: string): EdgeRow {
  return {
    ...{ edgeId: 7, fromId: owner, toId, shard: shardOfId(owner), pos: 0, key, srcVersion: 3, state: 1 },
    ...{ createdUs: 5, updatedUs: 6, codec: 1, body: null, record: null },
  };
}

const key = fc.constantFrom(...KEYS);
const lease = fc.constantFrom('?p.1', '?p.2', '?');
const ms = fc.constantFrom<string | number>(LONG_MS, 2 * LONG_MS, LONG_MS, 'no number', 0, -3, '1.5');
const id = fc.constantFrom(...ids);
const order = fc.constantFrom(...orderKeys);
const list = fc
  .record({
    edges: fc.array(fc.tuple(id, order), { maxLength: 4 }),
    end: fc.constantFrom(COMPLETE, PREFIX, FULL),
    isFromEnd: fc.boolean(),
  })
  .map(({ edges, end, isFromEnd }) => {
    const rows = edges.map(([toId, at]) => edgeOf(toId, at));
    return `epoch-01${listText(rows, end, 10_000, isFromEnd)}\n\u0004`;
  });
const text = fc.oneof(
  { weight: 3, arbitrary: list },
  lease,
  fc.constantFrom('', '\n', 'P', '\r\n$3\r\n', 'é😀\u0000', `P\nx=${'g'} \n\u0004`),
  fc.string({ maxLength: 8 }),
);
const touched = fc
  .tuple(
    id,
    fc.oneof(
      fc.constant(''),
      order.map((at) => `k${at}`),
    ),
    fc.constantFrom(0, 1),
  )
  .map((own): Words => own);

/** What the cache sends: one script for some entries, as `RedisLink` writes it. */
function call({ sha, source }: Script, shared: fc.Arbitrary<Words>, own: fc.Arbitrary<Words>): fc.Arbitrary<Words> {
  const isKnown = fc.boolean();
  return fc
    .tuple(isKnown, shared, fc.array(fc.tuple(key, own), { minLength: 1, maxLength: 3 }))
    .map(([byHash, some, entries]) => {
      const words = [...some, ...entries.flatMap(([, args]) => args)];
      const name = byHash ? ['evalsha', sha] : ['eval', source];
      return [...name, entries.length, ...entries.map(([entry]) => entry), ...words];
    });
}

const none = fc.constant<Words>([]);
const leased = fc.tuple(lease, ms).map((words): Words => words);
const filled = fc.tuple(text, ms).map((words): Words => words);
const server = fc.constantFrom('one', 'two', 'on', '').map((name): Words => [name, `${name}-fresh`]);
const calls: Readonly<Record<string, fc.Arbitrary<Words>>> = {
  takeLease: call(scripts.takeLease, leased, none),
  replaceByLease: call(scripts.replaceByLease, leased, none),
  fillEntry: call(
    scripts.fillEntry,
    lease.map((one) => [one]),
    filled,
  ),
  endLease: call(scripts.endLease, none, none),
  removeTouched: call(scripts.removeTouched, none, touched),
  noteEpoch: call(scripts.noteEpoch, server, none),
};

const plain: ReadonlyArray<fc.Arbitrary<Words>> = [
  fc.tuple(fc.constant('get'), key),
  fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => ['mget', ...keys]),
  fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => ['del', ...keys]),
  fc.tuple(fc.constant('set'), key, text),
  fc.tuple(fc.constant('set'), key, text, fc.constant('PX'), ms),
  fc.tuple(fc.constant('set'), key, text, fc.constantFrom('NX', 'nx'), fc.constant('px'), ms),
  fc.tuple(fc.constant('lpush'), key, fc.constant('another type')),
];
const step: fc.Arbitrary<Step> = fc.oneof(...Object.values(calls), ...plain);

/** A list and a write to it. */
const written = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: list }, fc.constant('epoch-01P\nx=zz 1\n\u0004')),
    touched,
    fc.constantFrom(...KEYS),
  )
  .map(([kept, args, entry]): Step[] => [
    ['set', entry, kept],
    ['eval', scripts.removeTouched.source, 1, entry, ...args],
  ]);
const steps = fc
  .array(fc.oneof({ weight: 2, arbitrary: step.map((one): Step[] => [one]) }, written), { minLength: 1, maxLength: 25 })
  .map((all) => all.flat());

/** Some of what ends soon, and a while. */
const shortLived = fc
  .tuple(key, text, fc.boolean())
  .map(([entry, value, isLease]): Step[] => [
    isLease ? ['eval', scripts.takeLease.source, 1, entry, '?short', SHORT_MS] : ['set', entry, value, 'PX', SHORT_MS],
    'wait',
  ]);

function bytesOf(words: Words): Buffer {
  const parts = words.map((word) => {
    const bytes = Buffer.from(String(word));
    return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
  });
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}

/** Of errors the code alone: behind it Redis says where in which script. */
const comparable = (replies: string): string => replies.replaceAll(/^-(\w+)[^\r]*/gm, '-$1');

/** The same bytes for both. */
class Pair {
  readonly #socket: Socket;
  readonly #session: RedisSession;
  #nowMs = 0;
  #read = '';
  #marks = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const life: RedisLife = {
      entries: new Entries(() => this.#nowMs),
      runId: 'x',
      bodies: scriptBodies,
      known: new Set(),
    };
    this.#session = new RedisSession(life);
    socket.on('data', (chunk: Buffer) => {
      this.#read += chunk.toString('latin1');
      socket.emit('more');
    });
  }

  /** Sends commands, cut into chunks of so many bytes, and returns both's replies. */
  async send(all: readonly Words[], size: number): Promise<readonly [real: string, simulated: string]> {
    const mark = `mark-${this.#marks++}`;
    const bytes = Buffer.concat([...all, ['set', 'last', mark], ['get', 'last']].map(bytesOf));
    const end = `$${mark.length}\r\n${mark}\r\n`;
    let simulated = '';
    for (let at = 0; at < bytes.length; at += size) {
      simulated += this.#session.take(bytes.subarray(at, at + size)).toString('latin1');
    }
    this.#read = '';
    this.#socket.write(bytes);
    while (!this.#read.endsWith(end)) await once(this.#socket, 'more');
    return [this.#read, simulated];
  }

  async wait(): Promise<void> {
    this.#nowMs += 2 * SHORT_MS;
    await sleep(2 * SHORT_MS);
  }
}

async function compare(pair: Pair, steps: readonly Step[], size: number): Promise<void> {
  await pair.send([['del', ...KEYS]], size);
  for (const [at, one] of steps.entries()) {
    if (one === 'wait') {
      await pair.wait();
      continue;
    }
    const [real, simulated] = await pair.send([one, ['mget', ...KEYS]], size);
    assert.is(comparable(simulated), comparable(real), `step ${at}: ${one.join(' ')}`);
  }
  const times = KEYS.map((entry) => ['pttl', entry]);
  const [real, simulated] = (await pair.send(times, size)).map((replies) =>
    [...replies.matchAll(/^:(-?\d+)/gm)].map(([, number]) => Number(number)),
  );
  for (const [at, left] of (real ?? []).entries()) {
    const other = simulated?.[at] ?? Number.NaN;
    assert.ok(left < 0 ? left === other : Math.abs(left - other) < LONG_MS / 2, `${KEYS[at]}: ${left}, ${other}`);
  }
}

async function onBoth(work: (pair: Pair) => Promise<void>): Promise<void> {
  const own = await startRedis();
  const socket = createConnection(own.port);
  try {
    await once(socket, 'connect');
    await work(new Pair(socket));
  } finally {
    socket.destroy();
    await own.kill();
  }
}

test('every script of the cache is simulated, and tried here', () => {
  const all = Object.values(scripts).filter((one): one is Script => typeof one === 'object' && 'sha' in one);
  assert.equal([...scriptBodies.keys()].sort(), all.map(({ sha }) => sha).sort());
  assert.equal(Object.keys(calls).length, all.length);
});

test('random commands and scripts have the same replies, and leave the same entries', () =>
  onBoth(async (pair) => {
    const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 200 }), (all, size) => compare(pair, all, size));
    await fc.assert(property, { numRuns: 800 });
  }));

test('what has expired is gone for both', () =>
  onBoth(async (pair) => {
    const property = fc.asyncProperty(fc.tuple(steps, shortLived, steps), ([before, short, behind]) =>
      compare(pair, [...before, ...short, ...behind], 50),
    );
    await fc.assert(property, { numRuns: 20, endOnFailure: true });
  }));

test('both protocols: greetings, absent values and reports have the same form', () =>
  onBoth(async (pair) => {
    const form = (replies: string): string =>
      comparable(replies)
        .replaceAll(/:\d+/g, ':0')
        .replaceAll(/\$\d+\r\n\d+\.\d+\.\d+/g, 'version');
    for (const protocol of [3, 2]) {
      const [real, simulated] = await pair.send(
        [
          ['hello', protocol],
          ['get', 'none'],
          ['mget', 'none', 'last'],
        ],
        7,
      );
      assert.is(form(simulated), form(real));
      const sections = [['info', 'server'], ['info', 'replication'], ['info']];
      for (const replies of await pair.send(sections, 7)) {
        assert.match(replies, protocol === 3 ? /^=\d+\r\ntxt:# Server\r\n/ : /^\$\d+\r\n# Server\r\n/);
        for (const field of ['run_id:\\S', 'role:master', 'master_replid:\\S', 'loading:0'])
          assert.match(replies, new RegExp(`^${field}`, 'm'));
      }
    }
  }));

test.run();
