import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { exportData } from '../../../src/cli/kvetch/export.ts';
import { importData } from '../../../src/cli/kvetch/import.ts';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import { type Kvetch, type KvetchObject, memoryShards } from '../../../src/kvetch.ts';
import { type MysqlCluster, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { sqliteShards } from '../../../src/kvetch-sqlite.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { type OwnMariadb, startMariadbs } from '../../support/servers.ts';
import { idsOf, rejection, todoSchema, todoStore } from '../todo.ts';
import { mysqlSuite } from './rows.ts';

const redis = await redisForTests();
const everything = [0, 4095] as const;

mysqlSuite('kvetch: data out and in', (test, server) => {
  const endings: Array<() => unknown> = [];
  test.after.each(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  function newCluster(names: readonly string[], places: Readonly<Record<string, string>> = {}): MysqlCluster {
    const servers = Object.fromEntries(
      names.map((name) => [name, { uri: places[name] ?? server.uri, database: server.newDatabase() }] as const),
    );
    const cluster = mysqlCluster({ servers, createDatabase: true, connectionLimit: 4, connectTimeoutMs: 1000 });
    endings.push(() => cluster.close());
    return cluster;
  }

  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'planql-export-'));
    endings.push(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  /** Values of all kinds that are hard to write down, rows of all kinds, and tombstones. */
  async function fill(kvetch: Kvetch): Promise<readonly string[]> {
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 60 }, (_, n) => ({
          data: {
            ...{ username: `u${n}`, city: `\u2028"ü\n😀${n % 3}`, age: n },
            ...(n % 5 === 0 && { at: new Date(n), big: 2n ** 70n, bytes: new Uint8Array([n]), 1: 'x' }),
          },
        })),
      ),
    );
    for (const [n, fromId] of users.entries()) {
      const toId = users[(n + 1) % users.length] ?? '';
      await kvetch.insertEdge('friends', { fromId, toId, ...(n % 2 === 0 && { data: { since: n } }) });
      await kvetch.insertIndexEntry('tags', { value: `tag ${n % 4}`, targetId: fromId });
    }
    await kvetch.createObjects(
      'List',
      users.map((owner) => ({ data: { owner } })),
    );
    const [first = '', second = '', third = '', fourth = ''] = users;
    await kvetch.deleteObject(first);
    await kvetch.updateObject(second, { username: 'other', city: null });
    await kvetch.deleteEdge('friends', { fromId: third, toId: fourth });
    return users;
  }

  async function allLines(kvetch: Kvetch): Promise<readonly string[]> {
    const lines: string[] = [];
    await kvetch.exportShards(everything, async (some) => void lines.push(...some));
    return lines.sort();
  }

  /** What a program sees of a store. */
  async function seen(kvetch: Kvetch, users: readonly string[]): Promise<unknown> {
    return [
      await kvetch.getObjects(users),
      await kvetch.getEdgeLists(
        users.flatMap((fromId) => ['friends', 'user_to_list'].map((edge) => ({ edge, fromId }))),
      ),
      await kvetch.queryIndexes(users.map((_, n) => ({ index: 'username', value: `u${n}` }))),
      await kvetch.queryIndex('tags', 'tag 1'),
      await kvetch.queryIndex('username', 'other'),
      (await kvetch.browse('List')).objects,
    ];
  }

  test('from two servers to three, to SQLite, to memory and back: the same rows, and the same to read', async () => {
    const source = newCluster(['a', 'b']);
    await source.init();
    const kvetch = todoStore(source);
    const users = await fill(kvetch);
    const lines = await allLines(kvetch);
    const three = newCluster(['a', 'b', 'c']);
    await three.init();
    const sqlite = sqliteShards({ directory: folder(), count: 2 });
    endings.push(() => sqlite.forEach((store) => void store.close()));
    for (const shards of [three, sqlite, memoryShards(3)]) {
      const target = todoStore(shards);
      const counters = await target.importLines(lines);
      assert.equal([counters.conflicts, counters.newer, counters.same], [0, 0, 0]);
      assert.equal(await seen(target, users), await seen(kvetch, users));
      const gone = lines.filter((line) => /"state":0/.test(line) && /"index":"username"/.test(line));
      assert.equal(
        await allLines(target),
        lines.filter((line) => !gone.includes(line)),
      );
      const again = await target.importLines(lines);
      assert.equal([again.written, again.conflicts, again.same], [0, 0, again.rows]);
      assert.equal((await target.clean({ graceMs: 0, dryRun: true })).missingEdges, 0);
    }
  });

  test('each shard is exported as it was at one moment, also while it is written', async () => {
    const cluster = newCluster(['a', 'b']);
    await cluster.init();
    const kvetch = todoStore(cluster);
    const user = await kvetch.createObject('User', {});
    let isOver = false;
    let made = 0;
    const writing = (async () => {
      for (; !isOver; made++) await kvetch.createObject('List', { owner: user, made }, { near: user });
    })();
    for (let round = 0; round < 15; round++) {
      const objects = new Set<string>();
      const edges: string[] = [];
      const atBegin = made;
      await kvetch.exportShards([shardOfId(user), shardOfId(user)], async (lines) => {
        for (const line of lines) {
          const row = JSON.parse(line) as { kind: string; id: string; toId: string; type: string };
          if (row.kind === 'object' && row.type === 'List') objects.add(row.id);
          if (row.kind === 'edge') edges.push(row.toId);
        }
        const before = made; // writes go on between two pages
        while (made < before + 3) await new Promise((resolve) => setTimeout(resolve, 1));
      });
      assert.ok(objects.size >= atBegin - 1);
      // an object and an edge on its own shard are one transaction: neither is there without the other
      assert.equal(edges.sort(), [...objects].sort());
    }
    isOver = true;
    await writing;
  });

  test('6.11: what is updated and deleted while it is exported is put right by a full run after the import', async () => {
    const source = newCluster(['a', 'b']);
    await source.init();
    const kvetch = todoStore(source);
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 12 }, (_, age) => ({ data: { age, username: `u${age}` } })),
      ),
    );
    const anyUser = (): string => users[Math.floor(Math.random() * users.length)] ?? '';
    const lists: string[] = [];
    let isOver = false;
    const write = async (): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        lists.push(await kvetch.createObject('List', { owner: anyUser() }));
        const [list = ''] = lists.splice(Math.floor(Math.random() * lists.length), 1);
        if (n % 4 === 0) await kvetch.deleteObject(list);
        else await kvetch.updateObject(list, { owner: anyUser() }).then(({ id }) => lists.push(id));
        await kvetch.updateObject(anyUser(), { age: n % 9, username: null });
      }
    };
    const writing = Promise.all([write(), write(), write()]);
    endings.push(
      () => writing,
      () => {
        isOver = true;
      },
    );
    for (let round = 0; round < 4; round++) {
      const lines: string[] = [];
      for (let from = 0; from < 4096; from += 256) {
        await kvetch.exportShards([from, from + 255], async (some) => void lines.push(...some));
      }
      const target = todoStore(memoryShards(2));
      const imported = await target.importLines(lines);
      assert.equal([imported.conflicts, imported.newer], [0, 0]);
      assert.ok((await target.clean({ graceMs: 0 })).complete);
      const alive = (await target.browse('List', { first: 1000 })).objects.flatMap((list) =>
        list instanceof Error ? [] : [list],
      );
      for (const user of users) {
        const owned = alive.filter(({ owner }) => owner === user).map(({ id }) => id);
        const { edges } = await target.getEdges('user_to_list', user, { first: 1000 });
        assert.equal(edges.map(({ toId }) => toId).sort(), owned);
        assert.equal((await target.queryIndex('list_owner', user, { first: 1000 })).ids, owned);
      }
      const again = await target.clean({ graceMs: 0 });
      const { missingEdges, orphanEdges, missingIndex, staleIndex, conflicts } = again;
      assert.equal([missingEdges, orphanEdges, missingIndex, staleIndex, conflicts], [0, 0, 0, 0, 0]);
    }
  });

  test('what is newer in the store, or in the place of a row, is left alone and told', async () => {
    const [from, to] = [todoStore(memoryShards(1)), todoStore(memoryShards(1))];
    const jane = await from.createObject('User', { username: 'jane', n: 1 });
    const lines = await allLines(from);
    await to.importLines(lines);
    await to.updateObject(jane, { n: 2 });
    const newer = await to.importLines(lines);
    assert.equal([newer.newer, newer.same, (await to.getObject(jane))?.n], [1, 1, 2]);
    await from.updateObject(jane, { n: 3 });
    await from.updateObject(jane, { n: 4 });
    await to.importLines(await allLines(from));
    assert.equal([(await to.getObject(jane))?.n, (await to.getObject(jane))?.version], [4, 3]);
    const other = todoStore(memoryShards(1));
    await other.createObject('User', { username: 'jane' });
    assert.is((await other.importLines(lines)).conflicts, 1, 'somebody else has the name');
    for (const bad of [
      '{',
      '{}',
      '{"kind":"object","id":"x"}',
      '{"kind":"entry","index":"nope","value":"s","targetId":"x","shard":1,"state":1,"createdUs":1,"updatedUs":1}',
    ])
      assert.instance(await rejection(other.importLines([bad])), Error, bad);
  });

  needs(test, redis)('behind Redis what is imported is seen at once', async () => {
    const cache = redisCache({ url: redis.url, prefix: redis.newPrefix(), timeoutMs: 2000 });
    await cache.ready();
    endings.push(() => cache.close());
    const [from, to] = [todoStore(memoryShards(1)), todoStore(memoryShards(1), { cache })];
    const user = await from.createObject('User', { n: 1 });
    assert.is(await to.getObject(user), null);
    assert.equal((await to.getEdges('user_to_list', user)).edges, []);
    await from.createObject('List', { owner: user });
    await to.importLines(await allLines(from));
    assert.is(((await to.getObject(user)) as KvetchObject).n, 1);
    assert.is((await to.getEdges('user_to_list', user)).edges.length, 1);
  });

  needs(test, 'mariadbd')(
    'the program: files with checksums; damage is found before a row is written; interrupted, it goes on',
    async () => {
      const own = (await startMariadbs(1))[0] as OwnMariadb;
      endings.push(() => own.remove());
      const source = newCluster(['a', 'b'], { b: own.uri });
      await source.init();
      const kvetch = todoStore(source);
      const users = await fill(kvetch);
      const [target, to] = [newCluster(['x']), folder()];
      await target.init();
      const ran = async (action: typeof exportData, shards: MysqlCluster, values: Record<string, string | boolean>) => {
        const lines: string[] = [];
        const code = await action
          .run({ schema: todoSchema, shards }, values, (line) => lines.push(line))
          .catch((error: Error & { code: string }) => error.code);
        return { code, lines };
      };
      await own.kill();
      const broken = await ran(exportData, source, { to, part: '512' });
      assert.is(broken.code, 'SHARD_UNAVAILABLE');
      assert.equal(readdirSync(to).filter((name) => name.endsWith('.ndjson')).length, 4, 'what server a has');
      const early = await ran(importData, target, { from: to });
      assert.equal([early.code, early.lines.length], [1, 4]);
      assert.match(early.lines[0] ?? '', /^shards-2048-2559\.ndjson: it is missing/);
      await own.start();
      let done = await ran(exportData, source, { to });
      for (const end = Date.now() + 10_000; done.code !== 0 && Date.now() < end; )
        done = await ran(exportData, source, { to });
      assert.equal(
        [done.code, /4 of 8 files were there already, and are whole/.test(done.lines.at(-1) ?? '')],
        [0, true],
      );

      const [name = '', other = ''] = readdirSync(to)
        .filter((one) => one.startsWith('shards-'))
        .sort();
      const whole = readFileSync(join(to, name));
      for (const damage of [
        () => truncateSync(join(to, name), whole.length - 20),
        () => truncateSync(join(to, name), 0),
        () => writeFileSync(join(to, name), whole.toString().replace('"state":1', '"state":0')),
        () => writeFileSync(join(to, name), whole.toString().split('\n').slice(1).join('\n')),
        () => copyFileSync(join(to, other), join(to, name)), // whole, but of other shards
      ]) {
        damage();
        const refused = await ran(importData, target, { from: to });
        assert.equal([refused.code, refused.lines.length], [1, 1], refused.lines.join());
        assert.equal((await todoStore(target).browse('User')).objects, [], 'nothing was written');
      }
      assert.is((await ran(exportData, source, { to })).code, 0, 'a damaged file is written again');
      assert.match(
        (await ran(importData, target, { from: to, check: true })).lines[0] ?? '',
        /^The export is whole: \d+ rows\.$/,
      );
      copyFileSync(join(to, other), join(to, 'shards-0000-0063.ndjson')); // left of another export: not one of this one's files
      const imported = await ran(importData, target, { from: to, json: true });
      assert.equal([imported.code, JSON.parse(imported.lines[0] ?? '{}').conflicts], [0, 0]);
      const again = JSON.parse((await ran(importData, target, { from: to, json: true })).lines[0] ?? '{}');
      assert.equal([again.written, again.same], [0, again.rows]);
      assert.equal(await seen(todoStore(target), users), await seen(kvetch, users));
    },
  );
});
