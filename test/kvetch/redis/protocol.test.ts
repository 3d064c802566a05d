import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endLease, fillEntry, replaceByLease, type Script, takeLease } from '../../../src/kvetch/redis/scripts.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { explore, type Protocol, protocol } from './protocolModel.ts';

/** Rule 2 of spec 9.1, and what it was before: an apply that puts the written version where it finds an older one, or nothing. */
const applyIfNewer = `
local there = redis.call('GET', KEYS[1])
if there and string.sub(there, 1, 1) ~= '?' and there > ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const redis = await redisForTests();
const test = suite('redis: every order of writers, readers, eviction and expiry');
/** How long a tombstone lives in Redis when it may expire. */
const TTL = 60_000;

const onRedis = needs(test, redis);
let client: Redis;
onRedis.before(() => {
  client = new Redis(redis.url);
});
onRedis.after(() => client.disconnect());

type Command = readonly [name: string, ...words: Array<string | number>];
const run = ({ source }: Pick<Script, 'source'>, key: string, ...args: Array<string | number>): Command => [
  'eval',
  source,
  1,
  key,
  ...args,
];

/** One run of all actors in one order, on a key of its own. */
class World {
  readonly key: string;
  /** Versions as texts: what the store has. */
  row = 1;
  /** The newest version whose write has returned. */
  returned = 1;
  readonly wrong: string[] = [];
  readonly #pending: Record<string, { lease: boolean; loaded: number; asked: number }> = {};

  constructor(key: string) {
    this.key = key;
  }

  /** What an actor does next, as one command of Redis (`null`: it does something else), and what becomes of the reply. */
  step(
    actor: string,
    at: number,
    removal: (version: number) => Command,
  ): readonly [Command | null, (reply: unknown) => void] {
    const none = (): void => undefined;
    if (actor === 'evict') return [['del', this.key], none];
    if (actor.startsWith('w')) {
      const own = Number(actor[1]);
      if (at === 0) {
        this.#pending[actor] = { lease: false, loaded: ++this.row, asked: 0 };
        return [null, none];
      }
      const version = this.#pending[actor]?.loaded ?? own;
      return [
        removal(version),
        () => {
          this.returned = Math.max(this.returned, version);
        },
      ];
    }
    if (at === 0) {
      const asked = this.returned;
      return [
        ['get', this.key],
        (reply) => {
          const isLease = String(reply).startsWith('?');
          if (reply !== null && !isLease && Number(reply) < asked)
            this.wrong.push(`${actor} read ${reply} after ${asked} had returned`);
          this.#pending[actor] = { lease: reply === null, loaded: 0, asked };
        },
      ];
    }
    const reader = this.#pending[actor];
    if (reader === undefined) return [null, none];
    if (at === 1) {
      if (!reader.lease) return [null, none];
      return [
        run(takeLease, this.key, `?${actor}`, TTL),
        (reply) => {
          reader.lease = (reply as readonly number[])[0] === 1;
        },
      ];
    }
    if (at === 2) {
      reader.loaded = this.row;
      return [null, none];
    }
    return [reader.lease ? run(fillEntry, this.key, `?${actor}`, String(reader.loaded), TTL) : null, none];
  }
}

const actors: Readonly<Record<string, number>> = { w1: 2, w2: 2, r1: 4, evict: 2 };

/** All orders of the actors' steps. */
function ordersOf(left: Readonly<Record<string, number>>): string[][] {
  const open = Object.keys(left).filter((actor) => (left[actor] ?? 0) > 0);
  if (open.length === 0) return [[]];
  return open.flatMap((actor) =>
    ordersOf({ ...left, [actor]: (left[actor] ?? 0) - 1 }).map((rest) => [actor, ...rest]),
  );
}

/** Runs all orders side by side, the first steps of all in one pipeline, and so on; then everybody looks again. */
async function runAll(orders: ReadonlyArray<readonly string[]>, removal: (key: string, version: number) => Command) {
  const prefix = redis.newPrefix();
  const worlds = orders.map((_, at) => new World(`${prefix}${at}`));
  const send = async (commands: ReadonlyArray<Command | null>): Promise<readonly unknown[]> => {
    const pipeline = client.pipeline();
    for (const command of commands) if (command !== null) pipeline.call(...(command as [string, ...string[]]));
    const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
      if (error !== null) throw error;
      return reply;
    });
    let next = 0;
    return commands.map((command) => (command === null ? null : replies[next++]));
  };
  // the entry is there at first: both writers replace something
  await send(worlds.map(({ key }) => ['set', key, '1', 'PX', TTL]));
  const done = orders.map(() => new Map<string, number>());
  for (let turn = 0; turn < (orders[0] as readonly string[]).length; turn++) {
    const steps = worlds.map((world, at) => {
      const actor = orders[at]?.[turn] as string;
      const count = done[at]?.get(actor) ?? 0;
      done[at]?.set(actor, count + 1);
      return world.step(actor, count, (version) => removal(world.key, version));
    });
    const replies = await send(steps.map(([command]) => command));
    for (const [at, [, then]] of steps.entries()) then(replies[at]);
  }
  const last = await send(worlds.map(({ key }) => ['get', key]));
  const wrong = worlds.flatMap((world, at) => {
    const text = last[at];
    const stale = text !== null && !String(text).startsWith('?') && Number(text) < world.row ? [`${text} stays`] : [];
    return [...world.wrong, ...stale].map((what) => `${orders[at]?.join(' ')}: ${what}`);
  });
  await send(worlds.map(({ key }) => ['del', key]));
  return wrong;
}

onRedis(
  'two writers, a reader that fills, eviction and expiry: no order of 18,900 leaves an older version',
  async () => {
    const orders = ordersOf(actors);
    assert.is(orders.length, 18_900);
    assert.equal(await runAll(orders, (key) => ['del', key]), []);
  },
);

onRedis('two readers that fill, one write: no order', async () => {
  const orders = ordersOf({ w1: 2, r1: 4, r2: 4, evict: 1 });
  assert.is(orders.length, 34_650);
  assert.equal(await runAll(orders, (key) => ['del', key]), []);
});

onRedis('the same orders show what an apply that fills would do', async () => {
  const wrong = await runAll(ordersOf(actors), (key, version) =>
    run({ source: applyIfNewer }, key, String(version), TTL),
  );
  assert.ok(wrong.length > 1000, `${wrong.length} orders leave an older version`);
  assert.ok(wrong.some((text) => text.includes('w1 w2 w2') && text.includes('evict') && text.endsWith('stays')));
});

onRedis('a lease in the place of what does not answer gives no other right', async () => {
  const key = `${redis.newPrefix()}x`;
  const call = (command: Command): Promise<unknown> => client.call(...(command as [string, ...string[]]));
  await call(['set', key, 'another epoch']);
  assert.equal(await call(run(replaceByLease, key, '?a', TTL)), [1]);
  assert.equal(await call(run(replaceByLease, key, '?b', TTL)), [0]);
  await call(['del', key]); // a write
  assert.equal(await call(run(takeLease, key, '?b', TTL)), [1]);
  assert.equal(await call(run(fillEntry, key, '?a', 'old', TTL)), [0]);
  assert.equal(await call(run(endLease, key)), [1]);
  assert.equal(await call(run(fillEntry, key, '?b', 'old', TTL)), [0]);
  assert.is(await client.get(key), null);
});

/** The protocol without one of its rules. */
const broken: ReadonlyArray<readonly [rule: string, protocol: Protocol]> = [
  ['writes fill', { ...protocol, writesFill: true }],
  ['fills need no lease', { ...protocol, fillsNeedLease: false }],
  ['leases outlive removals', { ...protocol, removalEndsLease: false }],
  ['writes leave no notes', { ...protocol, writesLeaveNotes: false }],
  ['a note is settled before Redis is told', { ...protocol, settlesAfterRemoval: false }],
  ['a restored Redis goes on in its epoch', { ...protocol, restoreBeginsEpoch: false }],
  ['reads join older ones', { ...protocol, joinsOlderReads: true }],
];

test('a model: two writers that crash, are not heard or heard late, two readers, eviction, expiry, a relay, a restored snapshot', () => {
  const { states, wrong } = explore(protocol, { writers: 2, readers: 2 });
  assert.equal(wrong, []);
  assert.ok(states > 100_000, `${states} states`);
});

for (const [rule, without] of broken) {
  test(`the model shows why: ${rule}`, () => {
    assert.ok(explore(without, { writers: 2, readers: 2 }).wrong.length > 0);
  });
}

test.run();
