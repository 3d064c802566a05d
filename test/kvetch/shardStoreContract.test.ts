import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId, shardOfValue } from '../../src/kvetch/ids/routing.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../../src/kvetch/shards/rows.ts';
import type { ShardStore } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { backends, lateBackend, storeOf } from './backends.ts';

/** The contract of one physical store. Rows come back as they went in; `record` is the reader's. */
const id = (n: number): string => `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`;
const object = (n: number, more: Partial<ObjectRow> = {}): ObjectRow => ({
  ...{
    id: id(n),
    shard: shardOfId(id(n)),
    typeId: 1,
    version: 1,
    state: 1,
    codec: 1,
    createdUs: n,
    updatedUs: n,
    body: '\n{}',
    record: null,
  },
  ...more,
});
const edge = (from: number, to: number, more: Partial<EdgeRow> = {}): EdgeRow => ({
  ...{ edgeId: 5, fromId: id(from), toId: id(to), shard: shardOfId(id(from)), pos: to, srcVersion: 1, state: 1 },
  ...{ createdUs: to, updatedUs: to, codec: 1, body: null, record: null },
  ...more,
});
const entry = (value: string, to: number, more: Partial<EntryRow> = {}): EntryRow => ({
  ...{
    index: 'name',
    value,
    targetId: id(to),
    shard: shardOfValue(value),
    srcVersion: 1,
    state: 1,
    createdUs: to,
    updatedUs: to,
  },
  ...more,
});
const page = (from: number, limit: number, more = {}) => ({
  edgeId: 5,
  fromId: id(from),
  afterPos: null,
  afterId: null,
  limit,
  ...more,
});
const put = (row: EdgeRow, keepPosition = false) => ({ row, keepPosition });
const everything = {
  order: 'time' as const,
  fromShard: 0,
  toShard: 4095,
  fromUs: 0,
  toUs: 1e15,
  after: null,
  limit: 2,
};

for (const backend of [...backends.filter(({ name }) => name.endsWith('x 1')), lateBackend]) {
  const test = needs(suite<{ store: ShardStore }>(`shard store contract: ${backend.name}`), ...backend.servers);
  test.before.each((context) => {
    context.store = storeOf(backend.open());
  });
  test.after.each(({ store }) => void store.close());

  test('objects: insert once, read aligned with repeats and gaps', async ({ store }) => {
    const inserts = [object(1), object(2)].map((row) => ({ row, edges: [] }));
    assert.equal(await store.insertObjects(inserts), [null, null]);
    assert.equal(await store.insertObjects([{ row: object(1, { body: '\n{"x":1}' }), edges: [put(edge(1, 9))] }]), [
      object(1),
    ]);
    assert.equal(await store.readEdgePages([page(1, 9)]), [[]], 'what was not inserted brings no edges');
    assert.equal(await store.readObjects([id(2), id(3), id(1), id(2)]), [object(2), null, object(1), object(2)]);
    assert.equal(await store.readObjects([]), []);
  });

  test('several kinds of reads together answer as each alone', async ({ store }) => {
    const inserts = [1, 2].map((n) => ({ row: object(n), edges: [put(edge(n, 9))] }));
    await store.insertObjects(inserts);
    await store.putEntries([{ row: entry('a', 1), unique: false }]);
    const reads = {
      objects: [id(2), id(3)],
      pages: [page(1, 9), page(2, 0)],
      counts: [{ edgeId: 5, fromId: id(2) }],
      entries: [{ index: 'name', value: 'a', afterId: null, limit: 9 }],
    };
    const answer = await store.read(reads);
    const undecoded = answer.objects.map((row) => row && { ...row, record: null }); // Redis decodes what it found
    assert.equal(
      { ...answer, objects: undecoded },
      {
        objects: [object(2), null],
        pages: await store.readEdgePages(reads.pages),
        counts: await store.countEdges(reads.counts),
        entries: await store.readEntryPages(reads.entries),
      },
    );
    const none = { objects: [], pages: [], counts: [], entries: [] };
    assert.equal(await store.read(none), none);
    assert.equal(await store.read({ ...none, counts: reads.counts }), { ...none, counts: [1] });
  });

  test('objects: a row is rewritten as it is then, whatever version its writer knew; tombstones are not', async ({
    store,
  }) => {
    await store.insertObjects([1, 2, 3].map((n) => ({ row: object(n), edges: [] })));
    const next = (row: ObjectRow, more: Partial<ObjectRow> = {}) => ({
      row: { ...row, version: row.version + 1, record: null, ...more },
      expectedVersion: row.version,
    });
    const seen: number[] = [];
    const rewrite = (row: ObjectRow) => {
      seen.push(row.version);
      return next(row);
    };
    assert.equal(
      await store.rewriteObjects([
        { id: id(1), rewrite },
        { id: id(9), rewrite },
        { id: id(2), rewrite: () => null },
      ]),
      [object(1, { version: 2 }), null, null],
    );
    assert.equal(await store.rewriteObjects([{ id: id(1), rewrite }]), [object(1, { version: 3 })]);
    assert.equal(seen, [1, 2]);
    const dead = { state: 0, body: '{"s":{}}' } as const;
    const [gone] = await store.rewriteObjects([{ id: id(3), rewrite: (row) => next(row, dead) }]);
    assert.equal(gone, object(3, { version: 2, ...dead }));
    assert.equal(await store.rewriteObjects([{ id: id(3), rewrite }]), [null]);
    assert.equal(await store.readObjects([1, 2, 3].map(id)), [object(1, { version: 3 }), object(2), gone]);
  });

  test('objects: compare-and-set, tombstones stay readable and leave browse', async ({ store }) => {
    await store.insertObjects([1, 2, 3].map((n) => ({ row: object(n), edges: [] })));
    const second = object(1, { version: 2, body: '\n{"x":2}' });
    assert.equal(
      await store.replaceObjects([
        { row: second, expectedVersion: 1 },
        { row: second, expectedVersion: 1 },
        { row: object(9, { version: 2 }), expectedVersion: 1 },
      ]),
      [true, false, false],
    );
    const dead = object(2, { version: 2, state: 0, body: '{"s":{}}' });
    assert.equal(await store.replaceObjects([{ row: dead, expectedVersion: 1 }]), [true]);
    assert.equal(await store.replaceObjects([{ row: object(2, { version: 3 }), expectedVersion: 2 }]), [false]);
    assert.equal(await store.readObjects([id(2)]), [dead]);
    const request = { typeId: 1, shards: [[0, 4095]] as const, afterId: null, limit: 10 };
    const browsed = await store.browse([
      request,
      { ...request, limit: 1 },
      { ...request, afterId: id(1) },
      { ...request, typeId: 2 },
      { ...request, limit: 0 },
    ]);
    assert.equal(browsed, [[second, object(3)], [second], [object(3)], [], []]);
  });

  test('objects: more than one chunk', async ({ store }) => {
    const numbers = Array.from({ length: 1201 }, (_, n) => n);
    await store.insertObjects(numbers.map((n) => ({ row: object(n), edges: [] })));
    const rows = await store.readObjects(numbers.map(id).reverse());
    assert.equal(
      rows.map((row) => (row as ObjectRow).createdUs),
      numbers.reverse(),
    );
  });

  test('edges: order by position then target, pages from every kind of start', async ({ store }) => {
    const rows = [
      edge(1, 4, { pos: 10 }),
      edge(1, 3, { pos: 20 }),
      edge(1, 2, { pos: 20 }),
      edge(1, 5, { pos: 30 }),
      edge(2, 5),
    ];
    await store.putEdges(rows.map((row) => put(row)));
    const pages = await store.readEdgePages([
      page(1, 10),
      page(1, 2),
      page(1, 0),
      page(1, 2, { afterPos: 20, afterId: id(2) }),
      page(1, 2, { afterId: id(4) }),
      page(1, 2, { afterId: id(99) }),
      page(1, 2, { afterPos: 15, afterId: id(99) }),
      page(7, 2),
      page(1, 9, { edgeId: 6 }),
    ]);
    const targets = (pages as EdgeRow[][]).map((list) => list.map((row) => Number(row.toId.slice(-3))));
    assert.equal(targets, [[4, 2, 3, 5], [4, 2], [], [3, 5], [2, 3], [], [2, 3], [], []]);
    assert.equal(await store.countEdges([1, 2, 3].map((from) => ({ edgeId: 5, fromId: id(from) }))), [4, 1, 0]);
  });

  test('edges: pages from the end, in that order', async ({ store }) => {
    const rows = [
      edge(1, 4, { pos: 10 }),
      edge(1, 3, { pos: 20 }),
      edge(1, 2, { pos: 20 }),
      edge(1, 5, { pos: 30 }),
      edge(2, 5),
    ];
    await store.putEdges(rows.map((row) => put(row)));
    const reverse = true;
    const pages = await store.readEdgePages([
      page(1, 10, { reverse }),
      page(1, 2),
      page(1, 2, { reverse }),
      page(1, 0, { reverse }),
      page(1, 2, { afterPos: 20, afterId: id(3), reverse }),
      page(1, 2, { afterPos: 20, afterId: id(2), reverse }),
      page(1, 2, { afterId: id(5), reverse }),
      page(1, 2, { afterId: id(99), reverse }),
      page(1, 2, { afterPos: 15, afterId: id(99), reverse }),
      page(7, 2, { reverse }),
      page(1, 10),
    ]);
    const targets = (pages as EdgeRow[][]).map((list) => list.map((row) => Number(row.toId.slice(-3))));
    assert.equal(targets, [[5, 3, 2, 4], [4, 2], [5, 3], [], [2, 4], [4], [3, 2], [], [4], [], [4, 2, 3, 5]]);
  });

  test('edges: many pages in one batch, each its own', async ({ store }) => {
    const sources = Array.from({ length: 150 }, (_, n) => n);
    await store.putEdges(sources.flatMap((from) => [1, 2, 3].map((to) => put(edge(from, to)))));
    const pages = await store.readEdgePages(sources.map((from) => page(from, (from % 3) + 1)));
    assert.equal(
      pages.map((list) => (list as EdgeRow[]).length),
      sources.map((from) => (from % 3) + 1),
    );
    assert.ok(pages.every((list, from) => (list as EdgeRow[]).every((row) => row.fromId === id(from))));
  });

  test('edges: the higher source version wins in any order', async ({ store }) => {
    const live = (srcVersion: number, pos: number) => put(edge(1, 2, { srcVersion, pos, createdUs: pos }));
    const dead = (srcVersion: number) => put(edge(1, 2, { srcVersion, state: 0, pos: 99 }));
    const read = async () => ((await store.readEdges([edge(1, 2)]))[0] as EdgeRow | null) ?? null;
    await store.putEdges([live(3, 30)]);
    await store.putEdges([live(2, 20), dead(1)]);
    assert.is((await read())?.pos, 30);
    await store.putEdges([dead(3)]);
    assert.is((await read())?.state, 0);
    assert.is((await read())?.pos, 30, 'a tombstone keeps its place');
    assert.equal(await store.readEdgePages([page(1, 5)]), [[]]);
    await store.putEdges([put(edge(1, 7, { pos: 40 }))]);
    assert.is(((await store.readEdgePages([page(1, 5, { afterId: id(2) })]))[0] as EdgeRow[]).length, 1);
    await store.putEdges([live(2, 20)]);
    assert.is((await read())?.state, 0, 'a late insert stays dead');
    await store.putEdges([live(4, 50)]);
    assert.equal([(await read())?.state, (await read())?.pos], [1, 50]);
  });

  test('edges: a plain edge keeps its place and takes new data', async ({ store }) => {
    await store.putEdges([put(edge(1, 2, { pos: 10, createdUs: 10, body: '1' }), true)]);
    await store.putEdges([put(edge(1, 2, { pos: 20, createdUs: 20, srcVersion: 2, body: '2' }), true)]);
    const [row] = (await store.readEdges([edge(1, 2)])) as EdgeRow[];
    assert.equal([row?.pos, row?.createdUs, row?.body, row?.srcVersion], [10, 10, '2', 2]);
    assert.equal(await store.readEdges([edge(1, 3)]), [null]);
  });

  test('entries: exact values, pages by target', async ({ store }) => {
    const values = ['sa', 'sa ', 'sA', 's', 's😀', 's\u0000', 's\u0000x', "s' OR 1=1 --"];
    const puts = values.flatMap((value, n) => [
      { row: entry(value, n + 20), unique: false },
      { row: entry(value, n + 10), unique: false },
    ]);
    await store.putEntries(puts);
    const read = await store.readEntryPages(values.map((value) => ({ index: 'name', value, afterId: null, limit: 5 })));
    assert.equal(
      read,
      values.map((value, n) => [entry(value, n + 10), entry(value, n + 20)]),
    );
    const one = { index: 'name', value: 'sa', afterId: id(10), limit: 5 };
    assert.equal(await store.readEntryPages([one, { ...one, index: 'other' }, { ...one, limit: 0 }]), [
      [entry('sa', 20)],
      [],
      [],
    ]);
    assert.equal(await store.readEntries([entry('s\u0000', 15), entry('s\u0000', 99)]), [entry('s\u0000', 15), null]);
    await store.putEntries([
      { row: entry('sa', 10, { state: 0, srcVersion: 2 }), unique: false },
      { row: entry('sa', 10), unique: false },
    ]);
    assert.equal(await store.readEntryPages([{ ...one, afterId: null }]), [[entry('sa', 20)]]);
  });

  test('claims: one holder, taken over only as seen', async ({ store }) => {
    const claim = (n: number, replaces: EntryRow | null = null, srcVersion = 1) => ({
      row: entry('sx', n, { srcVersion }),
      replaces,
    });
    assert.equal(await store.claimEntries([claim(1), claim(2)]), [null, entry('sx', 1)]);
    assert.equal(await store.claimEntries([claim(1, null, 3)]), [null], 'its own again');
    assert.equal(
      await store.claimEntries([claim(2, entry('sx', 1))]),
      [entry('sx', 1, { srcVersion: 3 })],
      'not as seen',
    );
    assert.equal(await store.claimEntries([claim(2, entry('sx', 1, { srcVersion: 3 }))]), [null]);
    assert.equal(
      await store.readHolders([
        { index: 'name', value: 'sx' },
        { index: 'name', value: 'sy' },
      ]),
      [entry('sx', 2), null],
    );
    await store.putEntries([{ row: entry('sx', 1, { state: 0, srcVersion: 9 }), unique: true }]);
    assert.equal(await store.claimEntries([claim(3)]), [entry('sx', 2)], 'who does not hold cannot let go');
    await store.putEntries([{ row: entry('sx', 2, { state: 0 }), unique: true }]);
    assert.equal(await store.claimEntries([claim(3)]), [null]);
    const rows = await store.readEntryPages([{ index: 'name', value: 'sx', afterId: null, limit: 5 }]);
    assert.equal(rows, [[entry('sx', 3)]]);
  });

  test('scans go through a window page by page, each row once', async ({ store }) => {
    await store.insertObjects(
      [5, 1, 4, 2, 3].map((n) => ({ row: object(n, { updatedUs: n === 4 ? 2 : n }), edges: [] })),
    );
    await store.putEdges([1, 2, 3].map((n) => put(edge(n, n))));
    await store.putEntries([1, 2, 3].map((n) => ({ row: entry('sv', n), unique: false })));
    const claims = ['s\0', 's\x01', 'sé😀', "s'"].map((value, n) => entry(value, 9 - n, { index: 'only' }));
    assert.equal(
      await store.claimEntries(claims.map((row) => ({ row, replaces: null }))),
      claims.map(() => null),
    );
    const all = async <T>(scan: (after: string | null) => unknown) => {
      const rows: T[] = [];
      let after: string | null = null;
      do {
        const got = (await scan(after)) as { rows: T[]; next: string | null };
        rows.push(...got.rows);
        after = got.next;
      } while (after !== null);
      return rows;
    };
    const objects = await all<ObjectRow>((after) => store.scanObjects({ ...everything, fromUs: 2, toUs: 4, after }));
    assert.equal(
      objects.map((row) => row.createdUs),
      [2, 4, 3],
    );
    const byKey = { ...everything, order: 'key' as const };
    const window = { ...byKey, fromUs: 2, toUs: 4 };
    assert.equal(
      (await all<ObjectRow>((after) => store.scanObjects({ ...window, after }))).map((row) => row.id),
      [2, 3, 4].map((n) => id(n)),
    );
    for (const whole of [everything, byKey]) {
      assert.is((await all<EdgeRow>((after) => store.scanEdges({ ...whole, after }))).length, 3);
      const entries = await all<EntryRow>((after) => store.scanEntries({ ...whole, after, limit: 1 }));
      assert.is(new Set(entries.map((row) => `${row.index} ${row.value} ${row.targetId}`)).size, 7);
      assert.is(entries.length, 7);
    }
    const none = { ...everything, fromShard: 4095 };
    assert.equal((await store.scanObjects(none)).rows, []);
  });

  test('purge removes only the tombstones that were seen', async ({ store }) => {
    const dead = object(1, { version: 2, state: 0 });
    await store.insertObjects([1, 2].map((n) => ({ row: object(n), edges: [] })));
    await store.replaceObjects([{ row: dead, expectedVersion: 1 }]);
    await store.putEdges([put(edge(1, 2, { state: 0 })), put(edge(1, 3))]);
    await store.putEntries([{ row: entry('sv', 1, { state: 0 }), unique: false }]);
    const [deadRow] = (await store.readObjects([id(1)])) as ObjectRow[];
    const [deadEdge] = (await store.readEdges([edge(1, 2)])) as EdgeRow[];
    const [deadEntry] = (await store.readEntries([entry('sv', 1)])) as EntryRow[];
    await store.putEdges([put(edge(1, 2, { srcVersion: 2 }))]);
    const request = {
      objects: [deadRow as ObjectRow, object(2)],
      edges: [deadEdge as EdgeRow],
      entries: [deadEntry as EntryRow],
    };
    assert.is(await store.purge(request), 2, 'the edge has come back to life since');
    assert.equal(await store.readObjects([id(1), id(2)]), [null, object(2)]);
    assert.is(await store.purge(request), 0);
  });

  test('outbox: a note comes with its write or not at all, and is due when it is hastened', async ({ store }) => {
    const note = (n: number) => ({
      id: id(n),
      shard: 7,
      keys: [`o:${id(n)}`, 'i:name:s\u0000 é😀'],
      needsCache: n % 2 === 0,
      needsListener: n % 3 === 0,
    });
    const due = async () => {
      await store.postponeNotes([1, 2, 3, 4, 5, 6].map(id), 0);
      const notes = await store.readNotes(null, 10);
      return notes.map(({ dueUs: _dueUs, ...rest }) => rest).sort((a, b) => (a.id < b.id ? -1 : 1));
    };
    await store.insertObjects([{ row: object(1), edges: [], note: note(1) }]);
    assert.equal(await store.readNotes(null, 10), [], 'its writer has a second');
    assert.equal(await due(), [note(1)]);
    await store.insertObjects([{ row: object(1), edges: [], note: note(2) }]);
    const second = { row: object(1, { version: 2 }), notes: [note(3), note(6)] };
    assert.equal(await store.replaceObjects([{ ...second, expectedVersion: 9 }]), [false]);
    assert.equal(await due(), [note(1)], 'neither the object that was there nor the lost race left one');
    assert.equal(await store.replaceObjects([{ ...second, expectedVersion: 1 }]), [true]);
    await store.putEdges([{ ...put(edge(1, 2)), note: note(4) }, put(edge(1, 3))]);
    await store.putEntries([{ row: entry('a', 1), unique: false, note: note(5) }]);
    assert.equal(await due(), [1, 3, 4, 5, 6].map(note));
    const [first, ...rest] = await store.readNotes(null, 10);
    assert.equal(await store.readNotes(first ?? null, 2), rest.slice(0, 2));
    await store.settleNotes([3, 5, 6].map(id));
    await store.postponeNotes([id(4)], 60_000);
    assert.equal(
      (await store.readNotes(null, 10)).map((left) => left.id),
      [id(1)],
    );
    assert.equal(
      (await store.readNotes(null, 10, 3_600_000)).map((left) => left.id),
      [id(1), id(4)],
    );
    await store.settleNotes([]);
  });

  test('stamped rows: the later put wins, whatever version it came with', async ({ store }) => {
    const stamped = (row: EdgeRow) => ({ ...put(row, true), stamped: true });
    const far = 4e15; // a clock of the year 2096
    await store.putEdges([put(edge(1, 2, { srcVersion: far }))]);
    const [stamp] = await store.putEdges([stamped(edge(1, 2, { state: 0 }))]);
    assert.ok(stamp && !(stamp instanceof Error) && stamp.srcVersion > far && stamp.pos === 2);
    assert.equal(await store.readEdgePages([page(1, 9)]), [[]]);
    const [again] = await store.putEdges([stamped(edge(1, 2, { body: '1' }))]);
    assert.ok(again && !(again instanceof Error) && again.srcVersion > stamp.srcVersion);
    const [rows] = (await store.readEdgePages([page(1, 9)])) as [readonly EdgeRow[]];
    assert.equal([rows[0]?.body, rows[0]?.srcVersion, rows[0]?.pos], ['1', again.srcVersion, again.pos]);
    await store.putEntries([{ row: entry('a', 1, { srcVersion: far }), unique: false }]);
    const dead = { row: entry('a', 1, { state: 0 }), unique: false, stamped: true };
    const [gone] = await store.putEntries([dead]);
    assert.ok(gone && !(gone instanceof Error) && gone.srcVersion > far);
    const [found] = (await store.readEntryPages([{ index: 'name', value: 'a', afterId: null, limit: 9 }])) as [
      unknown[],
    ];
    assert.equal(found, []);
  });

  test('claims are confirmed by the write of their object, and a lost one undoes it', async ({ store }) => {
    const value = { index: 'name', value: 'a' };
    const claim = entry('a', 1);
    assert.equal(await store.claimEntries([{ row: claim, replaces: null }]), [null]);
    assert.equal(await store.insertObjects([{ row: object(1), edges: [], claims: [claim] }]), [null]);
    const [holder] = await store.readHolders([value]);
    assert.ok(holder && !(holder instanceof Error) && holder.srcVersion === 2, 'who saw it before cannot take it over');
    const other = entry('a', 2);
    assert.equal(
      (await store.claimEntries([{ row: other, replaces: claim }])).map((one) => (one as EntryRow).targetId),
      [id(1)],
    );
    const codes = async (answers: PromiseLike<readonly unknown[]> | readonly unknown[]) =>
      (await answers).map((answer) => (answer instanceof Error ? (answer as { code?: string }).code : answer));
    const insert = { row: object(2), edges: [put(edge(2, 9))], claims: [other] };
    assert.equal(await codes(store.insertObjects([insert, { row: object(3), edges: [] }])), ['CLAIM_LOST', null]);
    assert.equal(await store.readObjects([id(2), id(3)]), [null, object(3)]);
    assert.equal(await store.readEdgePages([page(2, 9)]), [[]]);
    const change = { row: object(3, { version: 2 }), expectedVersion: 1, claims: [entry('a', 3)] };
    assert.equal(await codes(store.replaceObjects([change])), ['CLAIM_LOST']);
    assert.equal(await store.readObjects([id(3)]), [object(3)]);
    await store.putEntries([{ row: { ...holder, state: 0 }, unique: true }]);
    assert.equal(await codes(store.replaceObjects([change])), ['CLAIM_LOST'], 'one that was given up is lost, too');
  });

  test('leases: one owner until it expires, progress belongs to the owner', async ({ store }) => {
    const lease = (owner: string, nowUs: number) => store.acquireLease({ task: 't', owner, nowUs, leaseUs: 10 });
    assert.equal(await lease('a', 0), { watermarkUs: 0, cursor: null, nowUs: 0 });
    assert.is(await lease('b', 5), null);
    assert.is(await store.saveCleanerState('t', 'a', { watermarkUs: 7, cursor: 'c' }, { nowUs: 5, leaseUs: 10 }), true);
    assert.is(
      await store.saveCleanerState('t', 'b', { watermarkUs: 8, cursor: null }, { nowUs: 5, leaseUs: 94 }),
      false,
    );
    assert.is(await lease('b', 14), null, 'progress renews the lease');
    assert.equal(await lease('b', 20), { watermarkUs: 7, cursor: 'c', nowUs: 20 });
    await store.releaseLease('t', 'a');
    assert.is(await lease('a', 21), null);
    await store.releaseLease('t', 'b');
    assert.equal(await lease('a', 21), { watermarkUs: 7, cursor: 'c', nowUs: 21 });
  });

  test('leases: without a time they go by the clock of the store', async ({ store }) => {
    const request = { task: 'u', nowUs: null, leaseUs: 60_000_000 };
    const taken = await store.acquireLease({ ...request, owner: 'a' });
    assert.ok(taken !== null && Math.abs(taken.nowUs / 1000 - Date.now()) < 60_000, `${taken?.nowUs}`);
    assert.is(await store.acquireLease({ ...request, owner: 'b' }), null);
    const state = { watermarkUs: 1, cursor: null };
    assert.is(await store.saveCleanerState('u', 'a', state, { nowUs: null, leaseUs: 0 }), true);
    const next = await store.acquireLease({ ...request, owner: 'b' });
    assert.is(next?.watermarkUs, 1);
    await store.releaseLease('u', 'b');
  });

  test.run();
}
