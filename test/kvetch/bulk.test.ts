/** Many writes at once: each for itself, as the single ones. What they cost MySQL: mysql/writeRounds.test.ts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { increment, type Kvetch, type KvetchError, type KvetchObject } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends } from './backends.ts';
import { idsOf, openTodo, rejection } from './todo.ts';

const codes = (entries: ReadonlyArray<unknown>): readonly unknown[] =>
  entries.map((entry) => (entry instanceof Error ? (entry as KvetchError).code : 'written'));

for (const backend of fewBackends) {
  const test = needs(suite(`many writes: ${backend.name}`), ...backend.servers);
  let kvetch: Kvetch;
  test.before(() => {
    kvetch = openTodo(backend);
  });
  test.after(() => kvetch.close());

  test('updates: each has its record or its error, the same object may come twice', async () => {
    const [a, b, c] = idsOf(
      await kvetch.createObjects('User', [
        { data: { n: 1 } },
        { data: { username: 'taken' } },
        { data: { city: 'x' } },
      ]),
    ) as [string, string, string];
    const absentId = kvetch.newId('User');
    const answers = await kvetch.updateObjects([
      { id: a, data: { n: increment() } },
      { id: a, data: { n: increment(), city: 'Bergen' } },
      { id: absentId, data: { n: 1 } },
      { id: 'no id', data: { n: 1 } },
      { id: c, data: { username: 'taken' } },
      { id: b, data: { city: 'y' }, if: { username: 'other' } },
      { id: b, data: { city: 'z' }, ifVersion: 1 },
      { id: c, data: { city: 'Bergen' } },
    ]);
    assert.equal(codes(answers), [
      ...['written', 'written', 'NOT_FOUND', 'BAD_ID', 'UNIQUE_VIOLATION', 'CONDITION_FAILED', 'written', 'written'],
    ]);
    assert.equal([(answers[0] as KvetchObject).n, (answers[1] as KvetchObject).n], [2, 3]);
    assert.equal(await kvetch.getObject(a), answers[1]);
    assert.equal((await kvetch.queryIndex('city', 'Bergen')).ids.toSorted(), [a, c].toSorted());
    assert.equal((await kvetch.queryIndex('city', 'x')).ids, []);
  });

  test('deletes and edges, likewise', async () => {
    const [owner = '', other = ''] = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }]));
    const lists = idsOf(
      await kvetch.createObjects(
        'List',
        Array.from({ length: 40 }, () => ({ data: { owner } })),
      ),
    );
    const [kept = '', ...gone] = lists;
    const answers = await kvetch.deleteObjects([
      ...[...gone, ...gone.slice(0, 2)].map((id) => ({ id })),
      { id: kept, ifVersion: 7 },
      { id: kvetch.newId('List', { owner }) },
    ]);
    assert.is(answers.filter((answer) => answer === true).length, gone.length);
    assert.equal(codes(answers.slice(-2)), ['CONFLICT', 'written']);
    assert.is(answers.at(-1), false);
    assert.equal(
      (await kvetch.getEdges('user_to_list', owner)).edges.map(({ toId }) => toId),
      [kept],
    );
    const put = await kvetch.insertEdges('friends', [
      { fromId: owner, toId: other, data: 1 },
      { fromId: owner, toId: kept },
      { fromId: other, toId: owner },
      { fromId: owner, toId: kvetch.newId('User') },
    ]);
    assert.equal(codes(put), ['written', 'WRONG_TYPE', 'written', 'NOT_FOUND']);
    assert.equal(
      [await kvetch.hasEdge('friends', owner, other), await kvetch.hasEdge('friends', other, owner)],
      [true, true],
    );
  });

  test('nothing at all is nothing; unknown options are refused before anything is written', async () => {
    assert.equal([await kvetch.updateObjects([]), await kvetch.deleteObjects([])], [[], []]);
    const id = await kvetch.createObject('User', { n: 1 });
    const requests = [
      { id, data: { n: 2 } },
      { id, date: { n: 3 } },
    ] as unknown as Parameters<Kvetch['updateObjects']>[0];
    assert.match((await rejection(kvetch.updateObjects(requests))).message, /"date".*Did you mean "data"/);
    assert.is((await kvetch.getObject(id))?.n, 1);
  });

  test.run();
}
