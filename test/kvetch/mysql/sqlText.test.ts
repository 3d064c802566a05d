import { createConnection, type RowDataPacket } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { Session } from '../../../src/kvetch/mysql/Session.ts';
import { createTable, tables } from '../../../src/kvetch/mysql/tables.ts';
import { idsOf, todoStore } from '../todo.ts';
import { edgeRow, idOf, mysqlShards, mysqlSuite, newStore, objectRow } from './rows.ts';

/** What not all of MariaDB 10.2, MySQL 5.7 and MySQL 8 understand, or do not use an index for. */
const forbidden: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ['window functions', /\bOVER\s*\(/i],
  ['LATERAL', /\bLATERAL\b/i],
  ['common table expressions', /\bWITH\b/i],
  ['RETURNING', /\bRETURNING\b/i],
  ['row aliases in upserts', /\bVALUES\s*\([^)]*\)\s*AS\s+\w+\s+ON\b/i],
  ['comparison of rows', /\(\s*\w+\s*,[^()]*\)\s*(=|<|>|<=|>=|IN)\s*\(/i],
  ['JSON', /\bJSON/i],
  ['generated columns', /\bGENERATED\b|\bVIRTUAL\b|\bSTORED\b/i],
  ['0900 collations', /_0900_/],
  ['SKIP LOCKED, NOWAIT', /SKIP LOCKED|NOWAIT/i],
  ['several statements', /;/],
  ['texts', /needle|['"]/i],
];

interface Sent {
  readonly text: string;
  readonly prepared: boolean;
}

/** Writes down every statement that sessions send while `run` runs. */
async function recorded(run: () => Promise<void>): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const methods = { rows: false, write: false, preparedRows: true, preparedWrite: true } as const;
  const originals = new Map<string, unknown>();
  const prototype = Session.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [method, prepared] of Object.entries(methods)) {
    const original = prototype[method] as (...args: unknown[]) => unknown;
    originals.set(method, original);
    prototype[method] = function (this: unknown, ...args: unknown[]) {
      sent.push({ text: String(args[0]), prepared });
      return original.apply(this, args);
    };
  }
  try {
    await run();
  } finally {
    for (const [method, original] of originals) prototype[method] = original as (...args: unknown[]) => unknown;
  }
  return sent;
}

mysqlSuite('kvetch mysql: SQL text', (test, server) => {
  test('everything that the store sends is in the common subset', async () => {
    const sent = await recorded(async () => {
      const places = [1, 2].map(() => ({ uri: server.uri, database: server.newDatabase() }));
      const kvetch = todoStore(mysqlShards(places, { createDatabase: true }));
      const users = idsOf(
        await kvetch.createObjects(
          'User',
          Array.from({ length: 40 }, (_, n) => ({ data: { username: `needle ${n}`, city: 'needle', age: n } })),
        ),
      );
      const lists = idsOf(
        await kvetch.createObjects(
          'List',
          users.map((owner) => ({ data: { name: 'needle', owner } })),
        ),
      );
      await kvetch.updateObject(lists[0] as string, { owner: users[1] });
      await kvetch.deleteObject(lists[1] as string);
      await kvetch.insertEdge('friends', { fromId: users[0] as string, toId: users[1] as string, data: 'needle' });
      await kvetch.insertIndexEntry('tags', { value: 'needle', targetId: users[0] as string });
      await kvetch.reads.edgeObjects(users.map((fromId) => ({ edge: 'user_to_list', fromId, first: 3 })));
      await kvetch.getEdges('user_to_list', users[0] as string, { after: lists[0] as string });
      await kvetch.queryIndexes([{ index: 'city', value: 'needle', after: users[0] as string }]);
      await kvetch.countEdgeLists(users.map((fromId) => ({ edge: 'user_to_list', fromId })));
      await kvetch.browse('User', { first: 5, after: users[3] as string });
      await kvetch.clean({ mode: 'full', pageSize: 10, graceMs: 0 });
      await kvetch.close();
    });
    assert.ok(sent.length > 100);
    for (const { text } of [...sent, ...tables.map((table) => ({ text: createTable(table) }))]) {
      for (const [what, pattern] of forbidden) {
        const bare = text.replace(/x'[0-9a-f]*'/g, '0');
        assert.not.match(bare, pattern, `${what}: ${bare.slice(0, 400)}`);
      }
    }
  });

  test('batches of every size need few prepared statements, and one round each', async () => {
    const store = newStore(server);
    await store.insertObjects(Array.from({ length: 700 }, (_, n) => ({ row: objectRow(n), edges: [] })));
    const sent = await recorded(async () => {
      for (let size = 1; size <= 700; size += 13) {
        const rows = await store.readObjects(Array.from({ length: size }, (_, n) => idOf(n)));
        assert.is(rows.filter((row) => row !== null).length, size);
      }
    });
    assert.ok(new Set(sent.map(({ text }) => text)).size <= 10);
    const pages = await recorded(async () => {
      const page = { edgeId: 5, afterPos: null, afterId: null, limit: 5 };
      await store.readEdgePages(Array.from({ length: 200 }, (_, n) => ({ ...page, fromId: idOf(n) })));
    });
    assert.equal([pages.length, pages.some(({ prepared }) => prepared)], [4, false]);
    await store.close();
  });

  test('a page of targets reads only the index of its list', async () => {
    const database = server.newDatabase();
    const store = newStore(server, { database });
    const lists = [{ edgeId: 5 }, { edgeId: 2 ** 31 + 5, afterKey: '01', afterPos: 0, afterId: idOf(0) }];
    const from = { fromId: idOf(1), afterPos: null, afterId: null, limit: 5 };
    await store.readObjects([idOf(0)]);
    const connection = await createConnection({ uri: `${server.uri}/${database}` });
    for (const list of lists) {
      const textOf = async (isBrief: boolean): Promise<string> => {
        const [sent] = await recorded(async () => void (await store.readEdgePages([{ ...from, ...list, isBrief }])));
        return String(sent?.text);
      };
      const planOf = async (text: string): Promise<string> => {
        const [[plan]] = (await connection.query(`EXPLAIN FORMAT=TRADITIONAL ${text}`)) as unknown as [RowDataPacket[]];
        return String(plan?.Extra);
      };
      assert.match(await planOf(await textOf(true)), /Using index(?! condition)/);
      assert.not.match(await planOf(await textOf(false)), /Using index(?! condition)/);
    }
    await connection.end();
    await store.close();
  });

  test('a page deep in a long list reads its own rows only', async () => {
    const database = server.newDatabase();
    const store = newStore(server, { database });
    const rows = Array.from({ length: 5000 }, (_, n) => edgeRow(1, n, { pos: n }));
    assert.ok((await store.putEdges(rows.map((row) => ({ row, keepPosition: true })))).every((one) => one === null));
    const [sent] = await recorded(async () => {
      const page = { edgeId: 5, fromId: idOf(1), afterPos: 4000, afterId: idOf(4000), limit: 5 };
      const [found] = await store.readEdgePages([page]);
      assert.equal(
        (found as readonly { pos: number }[]).map(({ pos }) => pos),
        [4001, 4002, 4003, 4004, 4005],
      );
    });
    const connection = await createConnection({ uri: `${server.uri}/${database}` });
    const [[plan]] = (await connection.query(`EXPLAIN FORMAT=TRADITIONAL ${sent?.text}`)) as unknown as [
      RowDataPacket[],
    ];
    assert.equal([plan?.key, plan?.type], ['kvetch_edges_list', 'range']);
    assert.not.match(String(plan?.Extra), /filesort/);
    await connection.query('FLUSH STATUS');
    await connection.query(String(sent?.text));
    const [status] = await connection.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
    const read = status.reduce((sum, { Value }) => sum + Number(Value), 0);
    assert.ok(read < 20, `${read} rows were touched`);
    await connection.end();
    await store.close();
  });
});
