import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  absent,
  append,
  between,
  type ConditionFailedError,
  type Conditions,
  increment,
  type Kvetch,
  max,
  memoryShards,
  min,
  remove,
} from '../../src/kvetch.ts';
import { needs, type SharedServer } from '../support/needs.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';
import { mysqlForTests } from '../support/servers.ts';
import { fewBackends } from './backends.ts';
import { openTodo, rejection, todoStore } from './todo.ts';

const mysql: SharedServer & Awaited<ReturnType<typeof mysqlForTests>> = await mysqlForTests();

for (const backend of fewBackends) {
  const test = needs(suite(`conditions and changes: ${backend.name}`), ...backend.servers);
  let kvetch: Kvetch;

  test.before(() => {
    kvetch = openTodo(backend);
  });

  test.after(() => kvetch.close());

  test('an update happens only where every condition holds, and the error names the attribute', async () => {
    const id = await kvetch.createObject('User', { city: 'Oslo', age: 30, born: new Date(5), tags: ['a'] });
    const holding: readonly Conditions[] = [
      { city: 'Oslo', age: 30, born: new Date(5) },
      { city: ['Bergen', 'Oslo'], gone: absent, away: null, left: undefined },
      { age: between(30, 31), city: between('O', 'P'), born: between(new Date(0), new Date(5)) },
      { age: [absent, between(1, 2), 30n], tags: [['a']] },
    ];
    for (const [n, condition] of holding.entries()) {
      assert.equal((await kvetch.updateObject(id, { n }, { if: condition })).n, n);
    }
    const failing: ReadonlyArray<readonly [Conditions, string]> = [
      [{ city: 'oslo' }, 'city'],
      [{ city: 'Oslo', age: between(31, 40) }, 'age'],
      [{ city: ['Bergen'] }, 'city'],
      [{ city: absent }, 'city'],
      [{ gone: 'x' }, 'gone'],
      [{ tags: ['a'] }, 'tags'],
      [{ constructor: 1 }, 'constructor'],
      [{ age: '30' }, 'age'],
    ];
    for (const [condition, attribute] of failing) {
      const error = (await rejection(kvetch.updateObject(id, { n: 9 }, { if: condition }))) as ConditionFailedError;
      assert.equal(
        [error.code, error.attribute, error.id, error.effect],
        ['CONDITION_FAILED', attribute, id, 'not-applied'],
      );
    }
    assert.is((await kvetch.getObject(id))?.version, holding.length + 1);
  });

  test('a condition on a field of the schema is checked as the field is', async () => {
    const list = await kvetch.createObject('List', {});
    const id = await kvetch.createObject('Item', { text: 'a', list, rank: 1 });
    assert.is((await kvetch.updateObject(id, { rank: 2 }, { if: { list: list.toUpperCase() } })).rank, 2);
    for (const condition of [{ lisd: list }, { rank: '2' }, { rank: between('a', 'b') }, { due: 5 }, 5]) {
      const error = await rejection(kvetch.updateObject(id, { rank: 3 }, { if: condition as Conditions }));
      assert.is(error.code, 'BAD_VALUE', JSON.stringify(condition));
    }
    assert.match((await rejection(kvetch.updateObject(id, {}, { if: { rnk: 2 } }))).message, 'Did you mean "rank"?');
  });

  test('a delete happens only where its condition holds; ifVersion and if may stand together', async () => {
    const id = await kvetch.createObject('User', { city: 'Oslo' });
    assert.is((await rejection(kvetch.deleteObject(id, { if: { city: 'Bergen' } }))).code, 'CONDITION_FAILED');
    assert.is((await rejection(kvetch.updateObject(id, {}, { ifVersion: 2, if: { city: 'x' } }))).code, 'CONFLICT');
    const both = await rejection(kvetch.updateObject(id, {}, { ifVersion: 1, if: { city: 'x' } }));
    assert.is(both.code, 'CONDITION_FAILED');
    assert.is(await kvetch.deleteObject(id, { ifVersion: 1, if: { city: 'Oslo' } }), true);
    assert.is(await kvetch.deleteObject(id, { if: { city: 'Oslo' } }), false);
  });

  test('of 20 that want what only one can have, one gets it', async () => {
    const id = await kvetch.createObject('User', { status: 'OPEN' });
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        kvetch.updateObject(id, { status: 'SOLD', buyer: n }, { if: { status: 'OPEN' } }),
      ),
    );
    const won = answers.flatMap((answer, n) => (answer.status === 'fulfilled' ? [n] : []));
    assert.is(won.length, 1);
    assert.equal([(await kvetch.getObject(id))?.buyer, (await kvetch.getObject(id))?.version], [won[0], 2]);
  });

  test('changes count on the stored value: 20 writers of one counter lose nothing, and none fails', async () => {
    const id = await kvetch.createObject('User', { name: 'Jo' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        kvetch.updateObject(id, {
          ...{ unread: increment(), most: max(n), least: min(n), last: max(new Date(n)) },
          recent: append(n, { limit: 3 }),
        }),
      ),
    );
    assert.equal(
      answers.map(({ unread }) => unread).sort((a, b) => Number(a) - Number(b)),
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    const { unread, most, least, last, recent } = await kvetch.updateObject(id, {});
    assert.equal([unread, most, least, last], [20, 19, 0, new Date(19)]);
    assert.equal(recent, [17, 18, 19]);
    assert.equal((await kvetch.updateObject(id, { recent: remove(18), none: remove(1) })).recent, [17, 19]);
    assert.equal((await kvetch.updateObject(id, { unread: increment(-20), most: max(3) })).unread, 0);
  });

  test('an index follows a changed value', async () => {
    const id = await kvetch.createObject('User', { age: 7000 });
    await Promise.all([1, 2, 3].map((n) => kvetch.updateObject(id, { age: increment(n) })));
    assert.equal((await kvetch.queryIndex('age', 7006)).ids, [id]);
    assert.equal((await kvetch.queryIndex('age', 7000)).ids, []);
  });

  test('a change that a stored value does not take is refused for its own write alone', async () => {
    const id = await kvetch.createObject('User', { city: 'Oslo', n: 1, list: 'no list' });
    const [text, good, list, ordered] = await Promise.allSettled([
      kvetch.updateObject(id, { city: increment() }),
      kvetch.updateObject(id, { n: increment(2) }),
      kvetch.updateObject(id, { list: append(1) }),
      kvetch.updateObject(id, { city: max(5) }),
    ]);
    assert.is(good.status === 'fulfilled' && good.value.n, 3);
    for (const [refused, attribute] of [
      [text, 'User.city'],
      [list, 'User.list'],
      [ordered, 'User.city'],
    ] as const) {
      assert.is(refused.status === 'rejected' && (refused.reason as { code: string }).code, 'BAD_VALUE');
      assert.ok(refused.status === 'rejected' && String(refused.reason).includes(attribute));
    }
  });

  test.run();
}

const memory = suite('changes of attributes');

memory('numbers beyond what a number holds become bigints; a create takes values alone', async () => {
  const kvetch = todoStore(memoryShards(1));
  const list = await kvetch.createObject('List', {});
  const id = await kvetch.createObject('Item', { text: 'a', list, rank: Number.MAX_SAFE_INTEGER });
  assert.is((await kvetch.updateObject(id, { rank: increment(2) })).rank, BigInt(Number.MAX_SAFE_INTEGER) + 2n);
  assert.is((await rejection(kvetch.updateObject(id, { rank: increment(0.5) }))).code, 'BAD_VALUE');
  assert.is((await rejection(kvetch.createObject('User', { n: increment() }))).code, 'BAD_VALUE');
  assert.is((await rejection(kvetch.createObject('Item', { text: 'a', rank: increment() }))).code, 'BAD_VALUE');
  const user = await kvetch.createObject('User', { n: 1, big: 5n });
  assert.is((await kvetch.updateObject(user, { n: increment(1e300) })).n, 1e300);
  assert.is((await rejection(kvetch.updateObject(user, { n: max(1), big: increment(1e300) }))).code, 'BAD_VALUE');
  await kvetch.updateObject(user, { n: 1.7e308 });
  assert.is((await rejection(kvetch.updateObject(user, { n: increment(1.7e308) }))).code, 'BAD_VALUE');
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, new Map(), Symbol('x'), [[Number.NaN]]]) {
    assert.is((await rejection(kvetch.updateObject(user, { m: 1 }, { if: { n: value } }))).code, 'BAD_VALUE');
  }
  assert.throws(() => between(Number.NaN, Number.NaN), 'needs two numbers');
  for (const call of [
    () => increment(Number.NaN),
    () => increment('1' as unknown as number),
    () => max({} as unknown as number),
    () => min(Number.NaN),
    () => between(1, 'a' as unknown as number),
    () => append(1, { limit: 0 }),
  ]) {
    assert.throws(call, (error: { code?: string }) => error.code === 'BAD_VALUE');
  }
  await kvetch.close();
});

memory.run();

const shared = needs(suite('one counter, several processes (MySQL)'), mysql);

shared('20 writers in four processes add up, and none fails', async () => {
  const { uri } = mysql;
  const database = mysql.newDatabase();
  const { mysqlShards } = await import('../../src/kvetch-mysql.ts');
  const kvetch: Kvetch = todoStore(mysqlShards([{ uri, database }], { createDatabase: true }));
  const id = await kvetch.createObject('User', {});
  const processes = Array.from({ length: 4 }, () => startCounter([uri, database, id, '5', '20']));
  await Promise.all(processes.map(({ isReady }) => isReady));
  for (const { child } of processes) child.stdin?.write('go\n');
  const failures = await Promise.all(processes.map(({ answer }) => answer));
  assert.equal(failures, ['[]', '[]', '[]', '[]']);
  assert.is((await kvetch.getObject(id))?.unread, 400);
  await kvetch.close();
});

shared.run();

function startCounter(args: readonly string[]): {
  readonly child: ChildProcess;
  readonly isReady: Promise<string>;
  readonly answer: Promise<string>;
} {
  const script = join(repositoryRoot, 'test/kvetch/mysql/counter.ts');
  const child = spawn(process.execPath, [...typescript, script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const isReady = next();
  return { child, isReady, answer: isReady.then(next) };
}
