/** The change feed: `kvetch.changes`. Spec 6.13. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoredChange } from '../../src/kvetch/changes/StoredChange.ts';
import {
  create,
  createKvetch,
  defineKvetchSchema,
  insertEdge,
  type Kvetch,
  type KvetchOptions,
  update,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { backends, fewBackends, type OpenBackend } from './backends.ts';
import { idsOf, rejection, todoStore } from './todo.ts';

const changeFeed = { retentionMs: 3_600_000 };

/** All changes from a position to the end. */
async function changesOf(kvetch: Kvetch, from?: string): Promise<StoredChange[]> {
  const found: StoredChange[] = [];
  const options = from === undefined ? { follow: false } : { from, follow: false };
  for await (const change of kvetch.changes(options)) found.push(change);
  return found;
}

/** What a change shows, in short. */
function brief(change: StoredChange): string {
  if (change.kind === 'edge') return `${change.edge} ${change.isThere} ${JSON.stringify(change.data)}`;
  const { type, object } = change;
  if (object instanceof Error) throw object;
  return `${type} ${object === null ? 'deleted' : (object.username ?? object.name ?? object.text)}`;
}

const all = [...fewBackends, ...backends.filter(({ name }) => /^(mysql|sqlite) x 1$/.test(name))];

for (const backend of all) {
  const test = needs(suite(`changes: ${backend.name}`), ...backend.servers);
  let opened: OpenBackend;
  let kvetch: Kvetch;
  const open = (options: Partial<KvetchOptions> = {}): Kvetch => todoStore(opened.shards, { ...opened, ...options });

  test.before.each(() => {
    opened = backend.open();
    kvetch = open({ changeFeed });
  });
  test.after.each(() => kvetch.close());

  test('creates, updates, deletes, units and plain edges come, as they are now; what follows from them does not [6.13.1, 6.13.2]', async () => {
    const ann = await kvetch.createObject('User', { username: 'ann' });
    const bob = await kvetch.createObject('User', { username: 'bob' });
    const list = await kvetch.createObject('List', { name: 'one', owner: ann });
    const start = await changesOf(kvetch);
    assert.equal(start.map(brief).sort(), ['List one', 'User ann', 'User bob']);
    let from = start.at(-1)?.position;

    await kvetch.updateObject(list, { name: 'two' });
    await kvetch.insertEdge('friends', { fromId: ann, toId: bob, data: { since: 1 } });
    const changed = await changesOf(kvetch, from);
    assert.equal(changed.map(brief).sort(), ['List two', 'friends true {"since":1}']);
    from = changed.at(-1)?.position;

    await kvetch.deleteEdge('friends', { fromId: ann, toId: bob });
    await kvetch.deleteObject(list);
    await kvetch.write([
      create('User', { username: 'cyd' }),
      update(bob, { username: 'bobby' }),
      insertEdge('friends', { fromId: bob, toId: ann }),
    ]);
    const last = await changesOf(kvetch, from);
    assert.equal([...new Set(last.map(brief))].sort(), [
      'List deleted',
      'User bobby',
      'User cyd',
      'friends false null',
      'friends true null',
    ]);
    assert.equal(await changesOf(kvetch, last.at(-1)?.position), []);
  });

  test('each position resumes behind its change, in another process, too: nothing is left out [6.13.3, 6.13.4]', async () => {
    const requests = Array.from({ length: 30 }, (_, at) => ({ data: { username: `user ${at}` } }));
    const ids = idsOf(await kvetch.createObjects('User', requests));
    for (const id of ids.slice(0, 5)) await kvetch.updateObject(id, { city: 'Rome' });
    const changes = await changesOf(kvetch);
    const other = open(); // it obeys what the stores remember
    for (let at = 0; at < changes.length; at += 7) {
      const rest = await changesOf(other, changes[at]?.position);
      const seen = new Set([...changes.slice(0, at + 1), ...rest].map((change) => brief(change)));
      assert.is(seen.size, ids.length, `from ${at}`);
    }
    assert.equal(await changesOf(other, changes.at(-1)?.position), []);
  });

  test('followers get what is written later; an abort and a close end them [6.13.5]', async () => {
    const seen: string[] = [];
    const controller = new AbortController();
    const from = await kvetch.changePosition();
    const follow = async (signal?: AbortSignal): Promise<void> => {
      for await (const change of kvetch.changes({ from, pollMs: 5, ...(signal === undefined ? {} : { signal }) }))
        seen.push(brief(change));
    };
    const aborted = follow(controller.signal);
    const closed = follow();
    await kvetch.createObject('User', { username: 'later' });
    while (seen.length < 2) await sleep(5);
    controller.abort();
    await aborted;
    await kvetch.close();
    await closed;
    assert.equal(seen, ['User later', 'User later']);
  });

  test('a reader that is slow holds up nobody, and gets each object as it is when its page is read [6.13.2]', async () => {
    const id = await kvetch.createObject('User', { username: 'v1' });
    const versions: unknown[] = [];
    let at = 1;
    for await (const change of kvetch.changes({ follow: false })) {
      if (change.kind === 'object' && change.object !== null && !(change.object instanceof Error))
        versions.push(change.object.version);
      if (at < 5) await kvetch.updateObject(id, { city: `${at++}` });
    }
    assert.equal(versions, [1, 2, 3, 4, 5]);
  });

  test('a position that is too old, of another store, or none is refused with the remedy [6.13.6]', async () => {
    await kvetch.createObject('User', { username: 'old' });
    const [first] = await changesOf(kvetch);
    for (let n = 0; n < 3; n++) await kvetch.createObject('User', { username: `${n}` });
    for (const store of opened.shards) {
      store.changes?.keep(1);
    }
    await sleep(20);
    await kvetch.createObject('User', { username: 'young' });
    let dropped = 0;
    for (const store of opened.shards) dropped += (await store.changes?.drop()) ?? 0;
    assert.ok(dropped > 0, 'some are dropped');
    await kvetch.createObject('User', { username: 'youngest' });
    assert.ok(
      (await changesOf(kvetch)).map(brief).includes('User youngest'),
      'without a position it begins with what is kept',
    );
    const gone = await rejection(changesOf(kvetch, first?.position));
    if (opened.shards.length === 1) {
      assert.is(gone.code, 'CHANGES_GONE');
      assert.match(gone.message, /browsePages/);
    }
    const elsewhere = todoStore(backends[0]?.open().shards ?? [], { changeFeed });
    assert.is((await rejection(changesOf(elsewhere, first?.position))).code, 'CHANGES_GONE');
    for (const from of ['', 'x', 'W10', 'WzIsIngiXQ', Buffer.from('[1,["a",-1]]').toString('base64url')])
      assert.is((await rejection(changesOf(kvetch, from))).code, 'BAD_CURSOR', from);
    await elsewhere.close();
  });

  test('an import leaves the changes of what it wrote, plain edges among them, and no more when it is repeated [6.13.1]', async () => {
    const [ann, bob] = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }]));
    await kvetch.insertEdge('friends', { fromId: ann ?? '', toId: bob ?? '', data: { since: 1 } });
    const lines: string[] = [];
    await kvetch.exportShards([0, 4095], async (some) => void lines.push(...some));
    const other = todoStore(backend.open().shards, { changeFeed });
    const from = await other.changePosition();
    await other.importLines(lines);
    const changes = await changesOf(other, from);
    assert.equal([...new Set(changes.map(brief))].sort(), ['User undefined', 'friends true {"since":1}']);
    await other.importLines(lines);
    assert.equal(await changesOf(other, changes.at(-1)?.position), []);
    await other.close();
  });

  test('a feed that was switched off and on again refuses positions of before, as changes are missing [6.13.8]', async () => {
    const ann = await kvetch.createObject('User', { username: 'ann' });
    const from = await kvetch.changePosition();
    const off = open({ changeFeed: { retentionMs: 0 } });
    await off.updateObject(ann, { username: 'anna' });
    assert.is((await rejection(changesOf(off, from))).code, 'BAD_CALL');
    const on = open({ changeFeed });
    const again = await on.changePosition();
    await on.updateObject(ann, { city: 'Rome' });
    for (const store of [on, kvetch]) {
      assert.is((await rejection(changesOf(store, from))).code, 'CHANGES_GONE');
      assert.equal((await changesOf(store, again)).map(brief), ['User anna']);
    }
  });

  test('a plain edge that gets an order is there all the time, whatever is read of the rows without [6.13.2]', async () => {
    const { shards, ...cache } = backend.open();
    const withOrder = (order: { fields?: { since: 'int' }; orderBy?: readonly string[] }): Kvetch => {
      const friends = { edgeId: 1, name: 'friends', from: 'User', to: 'User', ...order };
      const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }], edges: [friends] });
      return createKvetch({ schema, shards, ...cache, changeFeed }) as unknown as Kvetch;
    };
    const plain = withOrder({});
    const [ann = '', bob = ''] = idsOf(await plain.createObjects('User', [{ data: {} }, { data: {} }]));
    const from = await plain.changePosition();
    await plain.insertEdge('friends', { fromId: ann, toId: bob, data: { since: 1 } });
    await plain.insertEdge('friends', { fromId: bob, toId: ann, data: { since: 2 } });
    const ordered = withOrder({ fields: { since: 'int' }, orderBy: ['since'] });
    const shown = async (behind: string) => [...new Set((await changesOf(ordered, behind)).map(brief))].sort();
    const there = (sinces: readonly number[]) => sinces.map((since) => `friends true {"since":${since}}`);
    assert.equal(await shown(from), there([1, 2]), 'nobody has put them in order yet');
    await sleep(5);
    await ordered.clean({ graceMs: 1 });
    assert.equal((await ordered.getEdges('friends', ann)).edges.length, 1);
    assert.equal(await shown(from), there([1, 2]));
    const position = await ordered.changePosition();
    await ordered.deleteEdge('friends', { fromId: ann, toId: bob });
    assert.equal(await shown(position), ['friends false null']);
    assert.equal(await shown(from), ['friends false null', ...there([2])]);
    await ordered.close();
  });

  test('a store that keeps none says how to have it keep some, and leaves nothing [6.13.1]', async () => {
    const plain = todoStore(backend.open().shards);
    await plain.createObject('User', { username: 'ann' });
    const error = await rejection(changesOf(plain));
    assert.is(error.code, 'BAD_CALL');
    assert.match(error.message, /changeFeed/);
    await plain.close();
  });

  test.run();
}
