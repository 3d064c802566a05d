import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import type { Kvetch } from '../../src/kvetch.ts';
import { mysqlCluster } from '../../src/kvetch-mysql.ts';
import { mysqlSuite } from '../kvetch/mysql/rows.ts';
import { idsOf, rejection, todoStore } from '../kvetch/todo.ts';
import { reported } from '../support/reported.ts';
import { until } from '../support/until.ts';
import { install } from './built.ts';

interface Running {
  readonly child: ChildProcess;
  output(): string;
  readonly code: Promise<number | null>;
}

/** As its user has it: built, packed, installed in an empty folder, with a configuration beside it. */
mysqlSuite('the kvetch program, installed from its tarball', (test, server) => {
  const databases = { a: server.newDatabase(), b: server.newDatabase() };
  const options = {
    servers: { a: { database: databases.a }, b: { database: databases.b } },
    ...{ uri: server.uri, createDatabase: true },
  };
  let folder = '';

  test.before(
    reported(async () => {
      ({ folder } = await install());
      const config = `import { defineKvetchSchema } from 'planql/kvetch';
import { mysqlCluster } from 'planql/kvetch/mysql';
const schema = defineKvetchSchema({
  objects: [{ typeId: 100000, name: 'User' }, { typeId: 100002, name: 'List' }],
  edges: [{ edgeId: 10000, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
  indexes: [{ name: 'list_owner', type: 'List', attr: 'owner', kind: 'uuid' }],
});
export default { schema, shards: mysqlCluster(${JSON.stringify(options)}) };
`;
      writeFileSync(join(folder, 'kvetch.config.mjs'), config);
      writeFileSync(join(folder, 'typed.config.ts'), `const schema: unknown = {};\n${config.replace('schema,', '')}`);
    }),
  );

  function start(...args: readonly string[]): Running {
    const child = spawn(join(folder, 'node_modules/.bin/kvetch'), args, { cwd: folder });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const code = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { child, output: () => output, code };
  }

  async function kvetch(...args: readonly string[]): Promise<readonly [code: number | null, output: string]> {
    const { code, output } = start(...args);
    return [await code, output()];
  }

  /** A store on the same databases, whose writes die before their edges are written when `isCrash`. */
  function open(clock: () => number): { readonly store: Kvetch; crash(owner: string): Promise<void> } {
    let isCrash = false;
    const faults = (point: string): void => {
      if (isCrash && point === 'afterObject') throw new Error('crash');
    };
    const store = todoStore(mysqlCluster(options), { clock, faults });
    return {
      store,
      crash: async (owner) => {
        isCrash = true;
        const lists = Array.from({ length: 3 }, () => ({ data: { owner } }));
        assert.is((await rejection(store.createObjects('List', lists))).message, 'crash');
        isCrash = false;
      },
    };
  }

  test('says what it can do, and what is wrong with a command', async () => {
    const [code, usage] = await kvetch();
    assert.is(code, 0);
    for (const name of ['init', 'check', 'clean', 'move', 'stats']) assert.match(usage, `kvetch ${name} `);
    assert.is((await kvetch('fly'))[0], 2);
    const [, help] = await kvetch('clean', '--help');
    assert.match(help, /--watch +goes on until it is interrupted/);
  });

  test('init, check and stats, as text', async () => {
    assert.equal(await kvetch('init'), [0, '0-2047     a\n2048-4095  b\n']);
    assert.equal(await kvetch('check'), [0, 'All is well.\n']);
    const [code, stats] = await kvetch('stats');
    const counts = 'open 2048, edges \\d+, entries \\d+, objects \\d+, ordered edges \\d+';
    assert.equal([code, new RegExp(`^a {12}${counts}\nb {12}${counts}\n$`).test(stats)], [0, true], stats);
  });

  test('a database of another number of logical shards is refused', async () => {
    const connection = await createConnection({ uri: `${server.uri}/${databases.b}` });
    const setCount = (count: string) =>
      connection.query('UPDATE kvetch_meta SET v = ? WHERE k = ?', [Buffer.from(count), Buffer.from('logical_shards')]);
    const refused = /The database of "b" was made with logical_shards "64" and cannot be opened with "4096"\./;
    try {
      await setCount('64');
      for (const command of ['init', 'check', 'stats', 'clean']) {
        const [code, output] = await kvetch(command);
        assert.is(code, 1, command);
        assert.match(output, refused);
      }
    } finally {
      await setCount('4096');
      await connection.end();
    }
    assert.equal(await kvetch('check'), [0, 'All is well.\n']);
  });

  test('clean --watch repairs what was wrong before, and what goes wrong meanwhile, until it is interrupted', async () => {
    // older than the grace, younger than what a recent pass overlaps with the one before
    const { store, crash } = open(() => Date.now() - 15_000);
    const owners = idsOf(await store.createObjects('User', [{ data: {} }, { data: {} }]));
    const lists = (owner: string | undefined): Promise<number> => store.countEdges('user_to_list', owner ?? '');
    await crash(owners[0] ?? '');
    const watching = start('clean', '--watch', '--every', '0.2');
    try {
      await until('all is cleaned', async () => (await lists(owners[0])) === 3 && watching.output().includes('full: '));
      await crash(owners[1] ?? '');
      await until('what is recent is cleaned', async () => (await lists(owners[1])) === 3);
      await until('that is told', () => /T\S+Z recent: .*missingIndex 3/.test(watching.output()));
      watching.child.kill('SIGINT');
      assert.is(await watching.code, 0);
      assert.match(watching.output(), /^\d{4}-\S+Z full: scanned \d+, missingEdges \d/);
      const [code, after] = await kvetch('clean');
      assert.equal([code, /missingEdges 0, orphanEdges 0, missingIndex 0, staleIndex 0/.test(after)], [0, true], after);
    } finally {
      watching.child.kill('SIGKILL');
      await store.close();
    }
  });

  test('a clean that is interrupted between two pages is followed by another at once', async () => {
    const { store } = open(() => Date.now() - 15_000);
    const connection = await createConnection({ uri: `${server.uri}/${databases.a}` });
    await store.createObjects(
      'User',
      Array.from({ length: 3_000 }, () => ({ data: {} })),
    );
    const { child, output, code } = start('clean', '--rate', '100'); // ten seconds and more behind each page
    try {
      await until('a pass has begun', async () => {
        const [rows] = await connection.query('SELECT 1 FROM kvetch_cleaner WHERE lease_owner IS NOT NULL');
        return (rows as readonly unknown[]).length > 0;
      });
      await sleep(1_000); // a page takes some milliseconds, and the pause behind it ten seconds
      child.kill('SIGINT');
      assert.is(await code, 1);
      assert.match(output(), /; not complete: the next run goes on from here\n$/);
      const [next, after] = await kvetch('clean');
      assert.equal([next, after.includes('not complete')], [0, false], after);
    } finally {
      child.kill('SIGKILL');
      await connection.end();
      await store.close();
    }
  });

  test('move tells each stage, and where the shards are is known at once', async () => {
    const [code, output] = await kvetch('move', '--from', 'a', '--to', 'b', '--range', '0-99');
    assert.is(code, 0, output);
    const stages = output.split('\n').map((line) => line.split(' ')[0]);
    assert.equal([...new Set(stages)].slice(0, 7), ['copy', 'tail', 'freeze', 'verify', 'close', 'open', 'purge']);
    assert.match(output, /\n100 shards moved, \d+ rows; writes waited \d+ ms at most\.\n$/);
    assert.equal(await kvetch('init'), [0, '0-99       b\n100-2047   a\n2048-4095  b\n']);
  });

  test('a configuration that Node cannot read is told with what to do', async () => {
    const [code, output] = await kvetch('check', '--config', 'typed.config.ts');
    const isRun = 'typescript' in process.features && process.features.typescript !== false;
    const told = isRun
      ? /must be the options of createKvetch/
      : /"typed\.config\.ts" is or imports TypeScript that Node v\S+ does not run/;
    assert.equal([code, told.test(output)], [2, true], output);
  });

  test('a server that does not answer is named', async () => {
    const config = `import { mysqlCluster } from 'planql/kvetch/mysql';
import { defineKvetchSchema } from 'planql/kvetch';
const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }], edges: [] });
export default { schema, shards: mysqlCluster({ servers: { one: 'mysql://root@127.0.0.1:9/kvetch' } }) };
`;
    writeFileSync(join(folder, 'down.config.mjs'), config);
    for (const command of ['init', 'check', 'stats', 'clean']) {
      const [code, output] = await kvetch(command, '--config', 'down.config.mjs');
      assert.equal([code, /\bone\b.*ECONNREFUSED/s.test(output)], [1, true], `${command}: ${output}`);
    }
  });
});
