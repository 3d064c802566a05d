import { createConnection, type RowDataPacket } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import type { ObjectRow } from '../../../src/kvetch/shards/rows.ts';
import type { MysqlShardStore } from '../../../src/kvetch-mysql.ts';
import { errorOf } from '../todo.ts';
import { edgeRow, entryRow, idOf, mysqlSuite, newStore, objectRow } from './rows.ts';

const texts = {
  sql: `' OR 1=1 --"; DROP TABLE kvetch_objects; /*`,
  backslashes: "\\' \\\\ \\0 \\",
  nul: 'a\u0000b\u0000',
  emoji: '😀😁 \u{1F468}\u200D\u{1F469}',
  trailing: 'a  \t\n ',
  folded: 'ÉéÈ ß ẞ ﬁ',
  empty: '',
  controls: '\u0001\u001a\u007f\u2028\ufffd',
};

mysqlSuite('kvetch mysql: input', (test, server) => {
  let store: MysqlShardStore;
  test.before(() => {
    store = newStore(server);
  });

  for (const [at, [name, text]] of Object.entries(texts).entries()) {
    test(`stored and found literally: ${name}`, async () => {
      const row = objectRow(1000 + at, { body: JSON.stringify({ a: { text } }) });
      const raw = objectRow(2000 + at, { body: text });
      const edge = edgeRow(1000 + at, 1, { body: text });
      const key = `s${text}`;
      assert.equal(await store.insertObjects([row, raw].map((each) => ({ row: each, edges: [] }))), [null, null]);
      assert.equal(await store.putEdges([{ row: edge, keepPosition: true }]), [null]);
      const puts = [
        entryRow(key, 1),
        entryRow(`${key} `, 2),
        entryRow(key, 3, { index: `i${at}${text}`.slice(0, 16) }),
      ];
      assert.equal(await store.putEntries(puts.map((each) => ({ row: each, unique: false }))), [null, null, null]);
      assert.equal(await store.claimEntries([{ row: entryRow(key, 4, { index: 'unique' }), replaces: null }]), [null]);
      assert.equal(await store.readObjects([row.id, raw.id]), [row, raw]);
      assert.equal(await store.readEdges([edge]), [edge]);
      const page = { index: 'name', value: key, afterId: null, limit: 9 };
      const index = puts[2]?.index ?? '';
      assert.equal(await store.readEntryPages([page, { ...page, value: `${key} ` }, { ...page, index }]), [
        [puts[0]],
        [puts[1]],
        [puts[2]],
      ]);
      assert.equal(await store.readHolders([{ index: 'unique', value: key }]), [entryRow(key, 4, { index: 'unique' })]);
    });
  }

  test('bodies of 1 MiB pass, alone and among others; what no packet can hold is refused alone', async () => {
    const body = (size: number): string => JSON.stringify('é'.repeat(size / 2));
    const connection = await createConnection({ uri: server.uri });
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS packet');
    await connection.end();
    const tooMuch = body(Math.min(1 << 24, Number(row?.packet) / 4));
    const rows = [1, 2, 3, 4, 5].map((n) => objectRow(3000 + n, { body: n === 3 ? tooMuch : body(1 << 20) }));
    const codes = (await store.insertObjects(rows.map((row) => ({ row, edges: [] })))).map(codeOf);
    assert.equal(codes, [null, null, 'BODY_TOO_LARGE', null, null]);
    const read = (await store.readObjects(rows.map(({ id }) => id))) as ObjectRow[];
    assert.equal(
      read.map((row) => row?.body.length ?? null),
      rows.map((row, at) => (at === 2 ? null : row.body.length)),
    );
    const edges = [edgeRow(1, 1, { body: body(1 << 20) }), edgeRow(1, 2, { body: tooMuch }), edgeRow(1, 3)];
    const put = await store.putEdges(edges.map((row) => ({ row, keepPosition: true })));
    assert.equal(put.map(codeOf), [null, 'BODY_TOO_LARGE', null]);
    const big = { ...(rows[0] as ObjectRow), version: 2, body: tooMuch };
    const small = { ...(rows[1] as ObjectRow), version: 2 };
    const replaced = await store.replaceObjects([big, small].map((row) => ({ row, expectedVersion: 1 })));
    assert.equal([codeOf(replaced[0]), replaced[1]], ['BODY_TOO_LARGE', true]);
  });

  test('an entry that cannot be asked for is an error for itself alone, in every position', async () => {
    await store.insertObjects([{ row: objectRow(1), edges: [] }]);
    const ids = [
      '',
      'x',
      `${idOf(1)} `,
      "' OR 1=1",
      idOf(1).toUpperCase().replace('8000', 'ABCD'),
      7,
      null,
      {},
    ] as string[];
    for (const bad of ids) {
      const read = await store.readObjects([idOf(1), bad, idOf(1)]);
      assert.equal(read.map(codeOf), [null, 'BAD_ID', null]);
      const page = { edgeId: 5, fromId: idOf(1), afterPos: null, afterId: null, limit: 1 };
      const pages = await store.readEdgePages([page, { ...page, fromId: bad }, { ...page, afterId: bad }]);
      assert.equal(pages.map(codeOf), [null, 'BAD_ID', bad === null ? null : 'BAD_ID']);
      assert.equal((await store.putEdges([{ row: edgeRow(1, 2, { toId: bad }), keepPosition: false }])).map(codeOf), [
        'BAD_ID',
      ]);
      assert.equal(
        (await store.putEntries([{ row: entryRow('sv', 1, { targetId: bad }), unique: true }])).map(codeOf),
        ['BAD_ID'],
      );
    }
    for (const limit of [-1, 1.5, Number.NaN, Infinity, '1; DROP TABLE x' as unknown as number]) {
      const page = { edgeId: 5, fromId: idOf(1), afterPos: null, afterId: null, limit: 1 };
      assert.equal((await store.readEdgePages([page, { ...page, limit }])).map(codeOf), [null, 'BAD_PAGE']);
      const entries = { index: 'name', value: 'sv', afterId: null, limit: 1 };
      assert.equal((await store.readEntryPages([{ ...entries, limit }, entries])).map(codeOf), ['BAD_PAGE', null]);
      const browse = { typeId: 1, shards: [[0, 4095]] as const, afterId: null, limit: 1 };
      assert.equal((await store.browse([{ ...browse, limit }, browse])).map(codeOf), ['BAD_PAGE', null]);
    }
    assert.is(
      ((await store.browse([{ typeId: 1, shards: [[0, 4095]], afterId: null, limit: 1e9 }]))[0] as ObjectRow[]).length >
        0,
      true,
    );
    for (const number of [-1, 1.5, 2 ** 60, Number.NaN, '1 OR 1=1' as unknown as number]) {
      const inserted = await store.insertObjects([
        { row: objectRow(50, { version: number }), edges: [] },
        { row: objectRow(51), edges: [] },
      ]);
      assert.is(codeOf(inserted[0]), 'BAD_VALUE');
      assert.not.instance(inserted[1], Error);
      assert.equal((await store.countEdges([{ edgeId: number, fromId: idOf(1) }])).map(codeOf), ['BAD_VALUE']);
    }
    const values = ['s'.repeat(1041), 'é'.repeat(600), 7 as unknown as string];
    for (const value of values) {
      const page = { index: 'name', value, afterId: null, limit: 1 };
      assert.equal((await store.readEntryPages([page])).map(codeOf), ['BAD_VALUE']);
    }
    assert.equal((await store.readHolders([{ index: 'n'.repeat(65), value: 's' }])).map(codeOf), ['BAD_VALUE']);
  });

  test('errors say nothing of hosts, SQL or stacks', async () => {
    const [error] = await store.insertObjects([{ row: objectRow(1, { state: 300 as 1 }), edges: [] }]);
    assert.is(errorOf(error).message, 'The node did not do its work.');
  });
});

function codeOf(entry: unknown): string | null {
  return entry instanceof Error ? ((entry as { code?: string }).code ?? entry.message) : null;
}
