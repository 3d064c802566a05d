import * as assert from 'uvu/assert';
import { diagnose } from '../../../src/kvetch/mysql/diagnose.ts';
import { todoStore } from '../todo.ts';
import { mysqlSuite, newStore } from './rows.ts';

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
});
