import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { mysqlCluster } from '../../src/kvetch-mysql.ts';
import { mysqlSuite } from '../kvetch/mysql/rows.ts';
import { todoStore } from '../kvetch/todo.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';

mysqlSuite('the kvetch program as a process', (test, server) => {
  const folder = join(repositoryRoot, '.tmp', `kvetch-output-${process.pid}`);
  const config = join(folder, 'config.ts');
  const preload = join(folder, 'forbidden.mjs');
  const options = {
    ...{ uri: server.uri, createDatabase: true },
    servers: { a: { database: server.newDatabase() }, b: { database: server.newDatabase() } },
  };
  const open = () => mysqlCluster(options);
  const source = (name: string): string => JSON.stringify(join(repositoryRoot, name));

  test.before(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      config,
      `import { mysqlCluster } from ${source('src/kvetch-mysql.ts')};
import { todoSchema } from ${source('test/kvetch/todo.ts')};
export default { schema: todoSchema, shards: mysqlCluster(${JSON.stringify(options)}) };`,
    );
    writeFileSync(
      preload,
      `import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
os.getPriority = os.setPriority = () => { throw new Error('operation not permitted'); };
syncBuiltinESMExports();`,
    );
    const cluster = open();
    await cluster.init();
    const store = todoStore(cluster);
    await store.createObject('User', {});
    await store.close();
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  function start(args: readonly string[], imports: readonly string[] = []): ChildProcess {
    const preloads = imports.flatMap((name) => ['--import', name]);
    return spawn(process.execPath, [...typescript, ...preloads, join(repositoryRoot, 'src/bin-kvetch.ts'), ...args]);
  }

  /** Runs it to its end; `onOutput` is called when it has printed something. */
  async function end(child: ChildProcess, onOutput = (): void => {}) {
    const ran = { code: null as number | null, out: '', err: '' };
    child.stdout?.once('data', onOutput).on('data', (chunk) => {
      ran.out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      ran.err += chunk;
    });
    const [code] = await once(child, 'close');
    return { ...ran, code };
  }

  for (const leave of ['closes the pipe', 'SIGTERM', 'SIGHUP', 'SIGINT for both sides of the pipe'] as const) {
    test(`${leave}: top ends, and a move ends between two parts`, async () => {
      const goAway = (child: ChildProcess) => (): void => {
        if (leave.includes('pipe')) child.stdout?.destroy(); // by Ctrl-C a terminal ends "tee", too
        if (leave !== 'closes the pipe') child.kill(leave.split(' ')[0] as NodeJS.Signals);
      };
      const top = start(['top', '--every', '0.1', '--config', config]);
      const { code, err } = await end(top, goAway(top));
      assert.equal([code, err], [leave.includes('pipe') ? 1 : 0, '']);
      const args = ['move', '--from', 'a', '--to', 'b', '--range', '0-2047', '--chunk', '16', '--config', config];
      const moving = start(args);
      const moved = await end(moving, goAway(moving));
      assert.is(moved.code, 1, moved.err);
      assert.match(moved.err, /^The move from "a" to "b" was stopped before shard \d+, .*resume it \(--resume\)\.\n$/);
      const cluster = open();
      const stats = await cluster.stats();
      assert.not.ok(
        stats.some(({ shards }) => 'frozen' in shards),
        JSON.stringify(stats),
      );
      await cluster.move({ from: 'a', to: 'b', shards: [0, 2047], mode: 'resume' });
      await cluster.move({ from: 'b', to: 'a', shards: [0, 2047] });
      await cluster.close();
    });
  }

  test('what is wrong goes to standard error, and a command that is not there is named', async () => {
    const missing = await end(start(['stats', '--json', '--config', 'nowhere.mjs']));
    assert.equal([missing.code, missing.out], [2, '']);
    assert.match(missing.err, /^The configuration "nowhere\.mjs" does not exist\.\n/);
    const failed = await end(start(['move', '--from', 'a', '--to', 'x', '--range', '0-1', '--config', config]));
    assert.equal([failed.code, failed.out, failed.err], [1, '', 'The cluster has no server "x"; it has "a", "b".\n']);
    const unknown = await end(start(['clena']));
    assert.equal([unknown.code, unknown.out], [2, '']);
    assert.match(unknown.err, /^kvetch has no command "clena"\. Did you mean "clean"/);
  });

  test('a sandbox that forbids priorities does not keep the cleaners from their work', async () => {
    const cleaned = await end(start(['clean', '--config', config], [preload]));
    assert.equal([cleaned.code, cleaned.err], [0, '']);
  });
});
