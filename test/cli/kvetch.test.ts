import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { kvetchProgram } from '../../src/cli/kvetch/kvetchProgram.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import type { FaultPoint } from '../../src/kvetch/KvetchContext.ts';
import type { Finding } from '../../src/kvetch/mysql/diagnose.ts';
import { create } from '../../src/kvetch.ts';
import { type MysqlShardStore, mysqlCluster } from '../../src/kvetch-mysql.ts';
import { mysqlSuite } from '../kvetch/mysql/rows.ts';
import { idsOf, rejection, todoStore } from '../kvetch/todo.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

mysqlSuite('the kvetch program', (test, server) => {
  const folder = join(repositoryRoot, '.tmp', `kvetch-cli-${process.pid}`);
  const databases = { a: server.newDatabase(), b: server.newDatabase() };
  const options = { servers: { a: { database: databases.a }, b: { database: databases.b } }, uri: server.uri };
  const open = () => mysqlCluster({ ...options, createDatabase: true });
  let configs = 0;

  test.before(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'wrong.mjs'), 'export default { shards: [] };');
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  /** Arguments with a configuration of their own, since the program closes the stores of the one it was given. */
  function withConfig(...args: readonly string[]): readonly string[] {
    const source = (name: string): string => JSON.stringify(join(repositoryRoot, name));
    const file = join(folder, `config-${configs++}.ts`);
    writeFileSync(
      file,
      `import { mysqlCluster } from ${source('src/kvetch-mysql.ts')};
import { todoSchema } from ${source('test/kvetch/todo.ts')};
export default { schema: todoSchema, shards: mysqlCluster(${JSON.stringify({ ...options, createDatabase: true })}) };`,
    );
    return [...args, '--config', file];
  }

  async function kvetch(args: readonly string[]): Promise<Ran> {
    let output = '';
    const code = await runCommand(kvetchProgram, args, (line) => {
      output += `${line}\n`;
    });
    return { code, output };
  }

  /** Runs a move in a process that is killed when it comes to a line. By another process it would be a moment later. */
  function killedAt(line: string, args: readonly string[]): Promise<Ran> {
    const preload = join(folder, 'killed.mjs');
    writeFileSync(
      preload,
      `const { log } = console;
console.log = (line) => {
  log(line);
  if (line.startsWith(${JSON.stringify(line)})) process.kill(process.pid, 'SIGKILL');
};`,
    );
    return new Promise((resolve, reject) => {
      const program = join(repositoryRoot, 'src/bin-kvetch.ts');
      const child = spawn(process.execPath, [...typescript, '--import', preload, program, ...args]);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
        });
      }
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  }

  test('init, check, stats, clean', async () => {
    const before = await kvetch(withConfig('check'));
    assert.is(before.code, 1);
    assert.match(before.output, /Shards 0-4095 are open nowhere: divide them with "kvetch init"/);
    for (let time = 0; time < 2; time++) {
      assert.equal(await kvetch(withConfig('init')), { code: 0, output: '0-2047     a\n2048-4095  b\n' });
    }
    assert.equal(await kvetch(withConfig('check')), { code: 0, output: 'All is well.\n' });
    const stats = await kvetch(withConfig('stats', '--json'));
    const { servers, building } = JSON.parse(stats.output) as {
      readonly servers: ReadonlyArray<{ server: string; shards: object }>;
      readonly building: readonly string[];
    };
    assert.equal([servers[0]?.server, servers[0]?.shards, building], ['a', { open: 2048 }, []]);
    const cleaned = await kvetch(withConfig('clean', '--dry-run', '--rate', '1000'));
    assert.equal([cleaned.code, cleaned.output.includes('missingEdges 0')], [0, true]);
  });

  test('views show objects, edges and indexes as tables, each server what it holds', async () => {
    const cluster = open();
    const store = todoStore(cluster);
    try {
      await cluster.init();
      const due = new Date('1960-02-03T04:05:06.789Z');
      const user = await store.createObject('User', { username: 'o\'Ne"il 😀', city: 'Oslo', age: 2n ** 60n });
      const list = await store.createObject('List', { owner: user });
      const item = await store.createObject('Item', { text: 'a\n"b', list, done: true, rank: -3, due });
      const gone = await store.createObject('Item', { text: 'gone', list });
      await store.deleteObject(gone);
      await store.insertEdge('friends', { fromId: user, toId: user, data: { since: 1 } });
      const printed = await kvetch(withConfig('views'));
      assert.match(printed.output, /CREATE OR REPLACE VIEW `kv_user` AS SELECT/);
      const applied = await kvetch(withConfig('views', '--apply'));
      assert.equal([applied.code, applied.output.split('\n').length], [0, 3], applied.output);
      const select = async (sql: string): Promise<readonly unknown[]> => {
        const found: unknown[] = [];
        for (const one of cluster.stores) {
          found.push(...(await (await one.database()).read((session) => session.rows(sql))));
        }
        return found;
      };
      assert.equal(
        await select('SELECT id, username, city, CAST(age AS CHAR) FROM kv_user WHERE username IS NOT NULL'),
        [[user, 'o\'Ne"il 😀', 'Oslo', String(2n ** 60n)]],
      );
      const columns = 'id, text, list, done, rank, CAST(due AS CHAR), version';
      assert.equal(await select(`SELECT ${columns} FROM kv_item`), [
        [item, 'a\n"b', list, 1, '-3', '1960-02-03 04:05:06.789000', 1],
      ]);
      assert.equal(await select('SELECT from_id, to_id, data FROM kv_edge_friends'), [[user, user, '{"since":1}']]);
      assert.equal(await select("SELECT target_id FROM kv_index_city WHERE value = 'Oslo'"), [[user]]);
    } finally {
      await store.close();
    }
  });

  test('doctor says what is wrong, how sure it is and what to run; top shows rates and what is hot', async () => {
    const cluster = open();
    const store = todoStore(cluster);
    try {
      await cluster.init();
      const ids = idsOf(
        await store.createObjects(
          'User',
          Array.from({ length: 40 }, () => ({ data: {} })), // ids of one moment lie near each other: ten may all be on one server
        ),
      );
      const [user = '', friend = ''] = ids;
      const findings = async (): Promise<readonly Finding[]> =>
        JSON.parse((await kvetch(withConfig('doctor', '--json'))).output) as readonly Finding[];
      const about = (text: string, all: readonly Finding[]) => all.filter(({ problem }) => problem.includes(text));
      assert.equal(
        about('No cleaner has ever', await findings()).map(({ server: name, certainty }) => [name, certainty]),
        ['a', 'b'].map((name) => [name, 'certain']),
      );
      await store.clean({ mode: 'recent', graceMs: 0 });
      assert.equal(about('cleaner', await findings()), []);
      const database = await (cluster.stores[0] as MysqlShardStore).database();
      await database.write((session) =>
        session.write('UPDATE kvetch_cleaner SET watermark_us = watermark_us - 18000000000 WHERE watermark_us > 0'),
      );
      assert.match(about('cleaner', await findings())[0]?.problem ?? '', /was here 5 hours ago/);
      await database.write((session) => session.write('UPDATE kvetch_shards SET state = 3 WHERE shard = 7'));
      const told = await kvetch(withConfig('doctor'));
      assert.is(told.code, 1);
      assert.match(told.output, /error \(certain\) a: Shards 7-7 are frozen on "a": a move is under way/);
      const placesOf = async (text: string) =>
        about(text, await findings()).map(({ server: name, shards }) => ({ server: name, shards }));
      assert.equal(await placesOf('are frozen'), [{ server: 'a', shards: [7, 7] }]);
      await database.write((session) => session.write('UPDATE kvetch_shards SET state = 1 WHERE shard = 7'));
      const other = await cluster.store('b').database();
      await other.write((session) => session.write('UPDATE kvetch_shards SET state = 1, epoch = 2 WHERE shard = 8'));
      assert.equal(await placesOf('are open on'), [
        { server: 'a', shards: [8, 8] },
        { server: 'b', shards: [8, 8] },
      ]);
      await other.write((session) => session.write('UPDATE kvetch_shards SET state = 0, epoch = 1 WHERE shard = 8'));
      await database.write((session) => session.write('UPDATE kvetch_shards SET state = 0 WHERE shard = 9'));
      assert.equal(await placesOf('are open nowhere'), [{ server: null, shards: [9, 9] }]);
      await database.write((session) => session.write('UPDATE kvetch_shards SET state = 1 WHERE shard = 9'));

      const looking = kvetch(withConfig('top', '--json', '--times', '1', '--every', '1'));
      for (let n = 0; n < 30; n++) {
        await store.updateObject(user, { n });
        await store.insertEdge('friends', { fromId: user, toId: ids[n % 10] ?? friend });
      }
      const seen = JSON.parse((await looking).output) as {
        servers: Array<{ queriesPerSecond: number; hot: Array<{ key: string; writes: number }> }>;
      };
      assert.is(seen.servers.length, 2);
      assert.ok(seen.servers.every(({ queriesPerSecond }) => queriesPerSecond > 0));
      const hot = seen.servers.flatMap((one) => one.hot.map(({ key }) => key));
      assert.ok(hot.includes(`o:${user}`) && hot.includes(`e:10002:${user}`), hot.join());
    } finally {
      await store.close();
    }
  });

  test('doctor tells of objects that a unit has prepared, and clean takes the change back', async () => {
    const cluster = open();
    const store = todoStore(cluster);
    await cluster.init();
    const dying = todoStore(open(), {
      clock: () => Date.now() - 90_000, // the unit was prepared a while ago
      faults(point: FaultPoint) {
        if (point === 'afterPrepare') throw new Error('the process has died');
      },
    });
    const told = async (): Promise<string> => (await kvetch(withConfig('doctor'))).output;
    try {
      const ids = ['', ''].map((_, at) => {
        for (;;) {
          const id = store.newId('User');
          if (shardOfId(id) < 2048 === (at === 0)) return id;
        }
      });
      await rejection(dying.write(ids.map((id) => create('User', { n: 1 }, { id }))));
      assert.match(
        await told(),
        /2 object\(s\) have a change of a unit that is not finished, the oldest for 9\d s: other writes of them wait\.\n.*run "kvetch clean"/,
      );
      assert.equal(JSON.parse((await kvetch(withConfig('stats', '--json'))).output).open.prepared, 2);
      await store.clean({ graceMs: 0 });
      assert.not.match(await told(), /of a unit/);
    } finally {
      await dying.close();
      await store.close();
    }
  });

  test('a move that is killed is told of, resumed, and aborted', async () => {
    const cluster = open();
    const store = todoStore(cluster);
    try {
      await cluster.init();
      const users = await store.createObjects(
        'User',
        Array.from({ length: 40 }, (_, n) => ({ data: { n } })),
      );
      const start = ['move', '--from', 'a', '--to', 'b', '--range', '0-1023', '--chunk', '256'];
      const killed = await killedAt('close   256-511 ', withConfig(...start));
      assert.is(killed.code, null, killed.output);
      const told = await kvetch(withConfig('check'));
      assert.is(told.code, 1);
      const again = await kvetch(withConfig(...start));
      assert.equal([again.code, /at "b" already|resume it \(--resume\)/.test(again.output)], [1, true]);
      const aborted = await kvetch(withConfig(...start, '--abort'));
      assert.is(aborted.code, 0, aborted.output);
      assert.equal(await kvetch(withConfig('check')), { code: 0, output: 'All is well.\n' });
      const resumed = await kvetch(withConfig(...start, '--resume'));
      assert.is(resumed.code, 0, resumed.output);
      assert.match(resumed.output, /shards moved, \d+ rows; writes waited \d+ ms at most/);
      assert.equal(await kvetch(withConfig('check')), { code: 0, output: 'All is well.\n' });
      const read = await store.getObjects(users as readonly string[]);
      assert.equal(
        read.map((user) => (user as { n?: unknown } | null)?.n),
        users.map((_, n) => n),
      );
    } finally {
      await store.close();
    }
  });

  test('mistakes name what is wrong, and the exit code is 2', async () => {
    const cases: ReadonlyArray<readonly [args: readonly string[], message: RegExp]> = [
      [['fly'], /Usage:/],
      [['check', '--config', 'nowhere.mjs'], /The configuration "nowhere\.mjs" does not exist/],
      [['check', '--config', join(folder, 'wrong.mjs')], /must be the options of createKvetch/],
      [withConfig('move', '--from', 'a'), /--from and --to name two servers/],
      [withConfig('move', '--from', 'a', '--to', 'b'), /--range is missing and must look like 0-511/],
      [withConfig('move', '--from', 'a', '--to', 'b', '--range', '7'), /--range is "7" and must look like 0-511/],
      [withConfig('clean', '--rate', 'fast'), /--rate is "fast"/],
      [withConfig('clean', '--speed', '1'), /--speed/],
    ];
    for (const [args, message] of cases) {
      const { code, output } = await kvetch(args);
      assert.is(code, 2, `${args.join(' ')}: ${output}`);
      assert.match(output, message);
    }
    const unknown = await kvetch(withConfig('move', '--from', 'a', '--to', 'x', '--range', '0-1'));
    assert.equal([unknown.code, unknown.output], [1, 'The cluster has no server "x"; it has "a", "b".\n']);
  });
});
