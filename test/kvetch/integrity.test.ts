/** Stored ids of `mustExist` edges: writes look for the objects that they name. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  create,
  createKvetch,
  defineKvetchSchema,
  deleteObject,
  insertEdge,
  type Kvetch,
  type KvetchSchema,
  max,
  NotFoundError,
  update,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends } from './backends.ts';
import { rejection } from './todo.ts';

const schema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List', fields: { owner: 'uuid', title: 'string', parent: 'uuid' } },
    { typeId: 3, name: 'Tag', fields: { owner: 'uuid' } },
  ],
  edges: [
    { edgeId: 11, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner', mustExist: true },
    { edgeId: 12, name: 'lists_inside', from: 'List', storedOn: 'List', storedIdAttr: 'parent', mustExist: true },
    { edgeId: 13, name: 'user_tags', from: 'User', storedOn: 'Tag', storedIdAttr: 'owner' },
    { edgeId: 14, name: 'likes', from: 'User', to: 'List' },
  ],
  indexes: [{ name: 'title', type: 'List', attr: 'title', kind: 'string', unique: true }],
});

const NOBODY = '018f3c5a-7b00-8abc-8000-000000000000';

for (const backend of fewBackends) {
  const test = needs(suite(`stored ids that must exist: ${backend.name}`), ...backend.servers);
  let kvetch: Kvetch;
  let user: string;

  test.before(async () => {
    const { shards, ...cache } = backend.open();
    kvetch = createKvetch({ schema, shards, ...cache });
    user = await kvetch.createObject('User', {});
  });
  test.after(() => kvetch.close());

  test('a create whose stored id names nobody, a deleted object or another type is refused, and claims nothing', async () => {
    const list = await kvetch.createObject('List', { owner: user });
    const gone = await kvetch.createObject('User', {});
    await kvetch.getObject(gone); // a cache may know it
    await kvetch.deleteObject(gone);
    for (const owner of [NOBODY, gone]) {
      const error = await rejection(kvetch.createObject('List', { owner, title: 'first' }));
      assert.instance(error, NotFoundError);
      assert.is(error.message, `There is no object "${owner}", which "List.owner" names.`);
    }
    const wrong = await rejection(kvetch.createObject('List', { owner: list, title: 'first' }));
    assert.is(wrong.code, 'WRONG_TYPE');
    assert.is(
      wrong.message,
      `Type "List": owner must be the id of an object of type "User", and "${list}" is of type "List".`,
    );
    assert.ok(await kvetch.createObject('List', { owner: user, title: 'first' }));
  });

  test('of many creates each is judged for itself; an id is refused that is none', async () => {
    const answers = await kvetch.createObjects('List', [
      { data: { owner: user } },
      { data: { owner: NOBODY } },
      { data: { owner: user, parent: NOBODY } },
      { data: {} },
    ]);
    assert.equal(
      answers.map((answer) => answer instanceof Error),
      [false, true, true, false],
    );
  });

  test('an update is refused that names nobody, also by a computed change; an id that was there before is kept', async () => {
    const list = await kvetch.createObject('List', { owner: user, title: 'kept' });
    const error = await rejection(kvetch.updateObject(list, { owner: NOBODY }));
    assert.is(error.code, 'NOT_FOUND');
    assert.is((await rejection(kvetch.updateObject(list, { owner: max(NOBODY) }))).code, 'BAD_ID');
    assert.is((await rejection(kvetch.updateObject(list, { parent: user }))).code, 'WRONG_TYPE');
    assert.is((await kvetch.getObject(list))?.owner, user);
    const doomed = await kvetch.createObject('User', {});
    await kvetch.updateObject(list, { owner: doomed });
    await kvetch.deleteObject(doomed);
    await kvetch.updateObject(list, { owner: doomed.toUpperCase(), title: 'still' });
    await kvetch.updateObject(list, { owner: null });
    assert.is((await kvetch.getObject(list))?.owner, undefined);
    assert.is(
      (await rejection(kvetch.updateObject(NOBODY, { owner: user }))).message,
      `There is no object "${NOBODY}".`,
    );
  });

  test('an attribute of the same name without a checked edge is not looked at', async () => {
    const tag = await kvetch.createObject('Tag', { owner: NOBODY });
    await kvetch.updateObject(tag, { owner: user });
    assert.is((await kvetch.updateObject(tag, { owner: NOBODY })).owner, NOBODY);
  });

  test('the object itself, and one that the same unit creates, are there', async () => {
    const id = kvetch.newId('List', {});
    await kvetch.createObject('List', { parent: id }, { id });
    const [owner, list] = [kvetch.newId('User', {}, { near: id }), kvetch.newId('List', {}, { near: id })];
    await kvetch.write([
      create('List', { owner }, { id: list }),
      update(list, { parent: list }),
      create('User', {}, { id: owner }),
    ]);
    assert.is((await kvetch.getObject(list))?.parent, list);
  });

  test('a unit whose create or update names nobody, or an object that it deletes, writes nothing', async () => {
    const owner = await kvetch.createObject('User', {});
    const list = await kvetch.createObject('List', { owner: user }, { near: owner });
    const id = kvetch.newId('List', {}, { near: owner });
    const cases = [
      [create('List', { owner: NOBODY }, { id })],
      [update(list, { owner: NOBODY })],
      [create('List', {}, { id }), update(id, { owner: NOBODY })],
      [create('List', { owner }, { id }), deleteObject(owner)],
      [update(list, { owner }), deleteObject(owner)],
      [deleteObject(owner), insertEdge('likes', { fromId: owner, toId: list })],
    ];
    for (const members of cases) assert.is((await rejection(kvetch.write(members))).code, 'NOT_FOUND');
    assert.is(await kvetch.getObject(id), null);
    assert.is((await kvetch.getObject(list))?.owner, user);
    assert.ok(await kvetch.getObject(owner));
  });

  test('the repeat of a create is answered, also when its parent is gone', async () => {
    const owner = await kvetch.createObject('User', {});
    const idempotencyKey = `key ${owner}`;
    const id = await kvetch.createObject('List', { owner }, { idempotencyKey });
    await kvetch.deleteObject(owner);
    assert.is(await kvetch.createObject('List', { owner }, { idempotencyKey }), id);
  });

  test('a bulk load goes unchecked; cleaners count and name dangling ids, and leave them', async () => {
    const bulk = kvetch.with({ unchecked: true });
    const id = await bulk.createObject('List', { owner: NOBODY });
    await bulk.updateObject(id, { parent: user });
    await sleep(5); // cleaners leave rows of the present millisecond alone
    for (const mode of ['full', 'recent'] as const) {
      const named: Array<{ edge: string; id: string; storedId: string }> = [];
      const report = await kvetch.clean({ mode, graceMs: 0, onDangling: (one) => void named.push(one) });
      const own = named.filter((one) => one.id === id).sort((a, b) => (a.edge < b.edge ? -1 : 1));
      assert.equal(own, [
        { edge: 'lists', id, storedId: NOBODY },
        { edge: 'lists_inside', id, storedId: user },
      ]);
      assert.is(report.danglingIds, named.length);
      assert.is(report.errors, 0);
    }
    assert.is((await kvetch.getObject(id))?.owner, NOBODY);
  });

  test.run();
}

const test = suite('stored ids that must exist: definitions');

test('"mustExist" is a boolean of edges that follow from an attribute', () => {
  const objects = [{ typeId: 1, name: 'User' }];
  const edges = [
    { edgeId: 1, name: 'a', from: 'User', storedOn: 'User', storedIdAttr: 'boss', mustExist: 'yes' },
    { edgeId: 2, name: 'b', from: 'User', to: 'User', mustExist: true },
  ];
  assert.throws(
    () => defineKvetchSchema({ objects, edges: edges as never }),
    /2 problem\(s\):\n- The edge "a" has the "mustExist" "yes", which is neither true nor false\.\n- The edge "b" has a "mustExist" but no "storedOn"\.$/,
  );
});

test.run();
