import { createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { diagnose } from '../../../src/kvetch/mysql/diagnose.ts';
import { needs } from '../../support/needs.ts';
import { startMariadb } from '../../support/servers.ts';
import { todoStore } from '../todo.ts';
import { mysqlShard, mysqlSuite, newStore } from './rows.ts';

mysqlSuite('kvetch mysql: when cleaners were here last', (test, server) => {
  test('an old full run is told, and a new one ends that; one that was stopped in its survey does not', async () => {
    const store = newStore(server);
    const kvetch = todoStore([store]);
    await kvetch.createObjects('User', [{ data: {} }, { data: { username: 'ann' } }]);
    const told = async (): Promise<readonly string[]> =>
      (await diagnose([store], Date.now())).flatMap(({ problem }) =>
        problem.includes('full cleaning') ? [problem] : [],
      );
    assert.ok((await kvetch.clean({ graceMs: 0 })).complete);
    assert.equal(await told(), []);
    // all tasks of three days ago, one of them of a program that went by time
    const before = 72 * 3600 * 1e6;
    await (await store.database()).write(async (session) => {
      await session.write(`UPDATE kvetch_cleaner SET watermark_us = watermark_us - ${before} WHERE watermark_us > 0`);
      await session.write(`INSERT INTO kvetch_cleaner (task, watermark_us) SELECT 'full:forward:0-4095', watermark_us
  FROM kvetch_cleaner WHERE watermark_us > 0 LIMIT 1`);
    });
    assert.equal(await told(), ['The last full cleaning was 72 hours ago: tombstones stay.']);
    const stopping = new AbortController();
    const onProgress = ({ pass }: { readonly pass: string }): void => {
      if (pass === 'survey') stopping.abort();
    };
    const stopped = await kvetch.clean({ graceMs: 0, signal: stopping.signal, onProgress });
    assert.equal([stopped.complete, (await told()).length], [false, 1]);
    assert.ok((await kvetch.clean({ graceMs: 0 })).complete);
    assert.equal(await told(), []);
    await kvetch.close();
  });

  needs(test, 'mariadbd')('rights that the user of the store lacks are told', async () => {
    const own = await startMariadb();
    const made = mysqlShard({ uri: `${own.uri}/k`, createDatabase: true });
    await made.init();
    const root = await createConnection({ uri: own.uri });
    const store = mysqlShard({ uri: `mysql://op@127.0.0.1:${own.port}/k` });
    const errors = async (): Promise<readonly string[]> =>
      (await diagnose([store], Date.now())).flatMap(({ severity, problem }) => (severity === 'error' ? [problem] : []));
    await root.query("CREATE USER op@'%'");
    await root.query("GRANT SELECT, INSERT, UPDATE, DELETE ON k.* TO op@'%'");
    assert.equal(await errors(), []);
    await store.close();
    await root.query("REVOKE INSERT, UPDATE, DELETE ON k.* FROM op@'%'");
    await root.query("GRANT INSERT, UPDATE, DELETE ON k.kvetch_objects TO op@'%'");
    const later = mysqlShard({ uri: `mysql://op@127.0.0.1:${own.port}/k` });
    const [problem, ...others] = (await diagnose([later], Date.now())).filter(({ severity }) => severity === 'error');
    assert.equal(others, []);
    assert.match(problem?.problem ?? '', /^The user of the store may not write to .*kvetch_edges.*: .*denied/);
    assert.not.match(problem?.problem ?? '', /kvetch_objects/);
    await Promise.all([made.close(), later.close()]);
    root.destroy();
    await own.remove();
  });

  needs(test, 'mariadbd')(
    'a server whose writes wait for a backup is no server that forbids them; what was found before is told, too',
    async () => {
      const own = await startMariadb();
      const store = mysqlShard({ uri: `${own.uri}/k`, createDatabase: true, queryTimeoutMs: 1000 });
      await store.init();
      const root = await createConnection({ uri: own.uri });
      await root.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
      await root.query('FLUSH TABLES WITH READ LOCK');
      const begunAt = performance.now();
      const findings = await diagnose([store], Date.now());
      assert.ok(performance.now() - begunAt < 5000, 'not once for each table');
      const texts = findings.map(({ problem, remedy }) => `${problem} ${remedy}`).join('\n');
      assert.match(texts, /innodb_flush_log_at_trx_commit is 2/);
      assert.match(texts, /A write got no answer: .*SHOW PROCESSLIST/);
      assert.not.match(texts, /GRANT/);
      await root.query('UNLOCK TABLES');
      await store.close();
      root.destroy();
      await own.remove();
    },
  );
});
