import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { FaultPoint } from '../../../src/kvetch/KvetchContext.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import { repositoryRoot, typescript } from '../../support/repository.ts';
import { todoStore, work } from '../todo.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';

/** Every place where a process may die is in `kvetch/repeats.test.ts`; here processes are killed. */
mysqlSuite('kvetch mysql: creates whose process is killed, and their repeats', (test, server) => {
  const names = [server.newDatabase(), server.newDatabase()];
  const uris = JSON.stringify(names.map((name) => `${server.uri}/${name}`));
  let kvetch: Kvetch;
  test.before(async () => {
    const places = names.map((database) => ({ uri: server.uri, database }));
    kvetch = todoStore(mysqlShards(places, { createDatabase: true }), { outboxPollMs: 0 });
    await Promise.all(kvetch.stores.map((store) => store.readObjects([])));
  });
  test.after(() => kvetch.close());

  async function die(point: FaultPoint, owner: string, key: string): Promise<void> {
    const script = join(repositoryRoot, 'test/kvetch/mysql/createVictim.ts');
    const args = [...typescript, script, uris, point, owner, key];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const [, signal] = await once(child, 'exit');
    assert.is(signal, 'SIGKILL');
  }

  for (const point of ['afterObject', 'beforeEdge', 'beforeIndex'] as const) {
    test(`[6.8] killed at ${point}: the acknowledged repeat is in its list`, async () => {
      const owner = await kvetch.createObject('User', {});
      await die(point, owner, point);
      const id = await kvetch.createObject('List', { owner }, { idempotencyKey: point });
      const { edges } = await kvetch.getEdges('user_to_list', owner);
      assert.equal(
        edges.map(({ toId }) => toId),
        [id],
      );
      assert.is(await kvetch.countEdges('user_to_list', owner), 1);
      assert.equal((await kvetch.queryIndex('list_owner', owner)).ids, [id]);
      assert.equal(work(await kvetch.clean({ graceMs: 0, dryRun: true })), {});
    });
  }
});
