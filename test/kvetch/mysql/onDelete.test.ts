import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createKvetch, type Kvetch } from '../../../src/kvetch.ts';
import type { MysqlShardStore } from '../../../src/kvetch-mysql.ts';
import { repositoryRoot, typescript } from '../../support/repository.ts';
import { until } from '../../support/until.ts';
import { idsOf } from '../todo.ts';
import { treeSchema } from './onDeleteVictim.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';

const LISTS = 20;
const ITEMS = 5;

interface Tree {
  readonly user: string;
  /** Of the tree, apart from the user. */
  readonly below: readonly string[];
  /** What the user has written elsewhere. */
  readonly written: readonly string[];
}

mysqlSuite('kvetch mysql: deletes of trees whose process is killed [6.4.3.3]', (test, server) => {
  const names = [server.newDatabase(), server.newDatabase()];
  const open = (): readonly MysqlShardStore[] =>
    mysqlShards(
      names.map((database) => ({ uri: server.uri, database })),
      { createDatabase: true, connectionLimit: 4 },
    );
  const stores = open();
  let kvetch: Kvetch;
  test.before(() => {
    kvetch = createKvetch({ schema: treeSchema, shards: stores, outboxPollMs: 0 });
  });
  test.after(() => kvetch.close());

  async function plant(): Promise<Tree> {
    const [user, other] = [await kvetch.createObject('User', {}), await kvetch.createObject('User', {})];
    const create = async (type: string, all: readonly object[]): Promise<readonly string[]> =>
      idsOf(
        await kvetch.createObjects(
          type,
          all.map((data) => ({ data: { ...data } })),
        ),
      );
    const lists = await create(
      'List',
      Array.from({ length: LISTS }, () => ({ owner: user })),
    );
    const items = await create(
      'Item',
      lists.flatMap((list) => Array.from({ length: ITEMS }, () => ({ list }))),
    );
    const [foreign = ''] = await create('List', [{ owner: other }]);
    const written = await create(
      'Item',
      Array.from({ length: LISTS }, () => ({ list: foreign, author: user })),
    );
    return { user, below: [...lists, ...items], written };
  }

  /** A process that deletes the user dies behind its so-manieth write. */
  async function die({ user }: Tree, times: number): Promise<void> {
    const script = join(repositoryRoot, 'test/kvetch/mysql/onDeleteVictim.ts');
    const uris = names.map((name) => `${server.uri}/${name}`);
    const child = spawn(process.execPath, [...typescript, script, JSON.stringify(uris), String(times), user], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [, signal] = await once(child, 'exit');
    assert.is(signal, 'SIGKILL');
  }

  async function leftOf({ below, written }: Tree): Promise<number> {
    const objects = await kvetch.getObjects([...below, ...written]);
    for (const one of objects) if (one instanceof Error) throw one;
    const authored = objects.slice(below.length).filter((one) => one === null || 'author' in one);
    return objects.slice(0, below.length).filter((one) => one !== null).length + authored.length;
  }

  for (const times of [1, 60]) {
    test(`behind write ${times}: another process goes on`, async () => {
      const tree = await plant();
      await die(tree, times);
      assert.is(await kvetch.getObject(tree.user), null);
      assert.is(await kvetch.countEdges('lists', tree.user), 0);
      assert.ok((await leftOf(tree)) > 0, 'something was left');
      const finisher = createKvetch({ schema: treeSchema, shards: open(), outboxPollMs: 50 });
      await until('the tree is gone', async () => (await leftOf(tree)) === 0);
      await finisher.close();
    });
  }

  test('where nobody looks into outboxes, cleaners do it', async () => {
    const tree = await plant();
    await die(tree, 30);
    await until('cleaners have done it', async () => {
      await kvetch.clean({ mode: 'recent', graceMs: 0 });
      return (await leftOf(tree)) === 0;
    });
    const report = await kvetch.clean({ graceMs: 0 });
    assert.equal([report.cascaded, report.danglingIds, report.orphanEdges, report.errors], [0, 0, 0, 0]);
  });
});
