import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { kvetchProgram } from '../../src/cli/kvetch/kvetchProgram.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import type { Finding } from '../../src/kvetch/mysql/diagnose.ts';
import { tables } from '../../src/kvetch/mysql/tables.ts';
import { mysqlCluster } from '../../src/kvetch-mysql.ts';
import { mysqlSuite } from '../kvetch/mysql/rows.ts';
import { todoStore } from '../kvetch/todo.ts';
import { repositoryRoot } from '../support/repository.ts';

mysqlSuite('the kvetch program, with a table gone', (test, server) => {
  const folder = join(repositoryRoot, '.tmp', `kvetch-gone-${process.pid}`);
  const databases = { a: server.newDatabase(), b: server.newDatabase() };
  const options = {
    servers: { a: { database: databases.a }, b: { database: databases.b } },
    ...{ uri: server.uri, createDatabase: true },
  };
  let configs = 0;

  test.before(async () => {
    mkdirSync(folder, { recursive: true });
    const cluster = mysqlCluster(options);
    const kvetch = todoStore(cluster);
    await cluster.init();
    await kvetch.createObjects(
      'User',
      Array.from({ length: 40 }, () => ({ data: {} })),
    );
    await kvetch.clean({ mode: 'recent', graceMs: 0 });
    await kvetch.close();
    // doctor tells of the most connections at once, and a shared server may have had many
    const connection = await createConnection({ uri: server.uri });
    await connection.query('FLUSH STATUS');
    await connection.end();
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  /** Each run has a configuration of its own, since the program closes its stores. */
  async function run(...args: readonly string[]): Promise<readonly [code: number, output: string]> {
    const source = (name: string): string => JSON.stringify(join(repositoryRoot, name));
    const file = join(folder, `config-${configs++}.ts`);
    writeFileSync(
      file,
      `import { mysqlCluster } from ${source('src/kvetch-mysql.ts')};
import { todoSchema } from ${source('test/kvetch/todo.ts')};
export default { schema: todoSchema, shards: mysqlCluster(${JSON.stringify(options)}) };`,
    );
    let output = '';
    const code = await runCommand(kvetchProgram, [...args, '--config', file], (line) => {
      output += `${line}\n`;
    });
    return [code, output];
  }

  for (const { name } of tables) {
    test(`${name}: check tells it, doctor says the same and nothing else, clean fails`, async () => {
      const connection = await createConnection({ uri: `${server.uri}/${databases.a}` });
      await connection.query(`RENAME TABLE ${name} TO kept`);
      try {
        const [checked, problems] = await run('check');
        const [problem = '', ...others] = problems.trimEnd().split('\n');
        assert.equal([checked, others], [1, ['1 problem(s).']], problems);
        assert.match(problem, new RegExp(`^(Server|The database of) .*"a".* ${name}.*"kvetch init"`));
        const [, findings] = await run('doctor', '--json');
        assert.equal(
          (JSON.parse(findings) as readonly Finding[]).map((finding) => [finding.server, finding.problem]),
          [['a', problem]],
        );
        const [cleaned, report] = await run('clean');
        assert.is(cleaned, 1, report);
      } finally {
        await connection.query(`RENAME TABLE kept TO ${name}`);
        await connection.end();
      }
    });
  }

  test('nothing is wrong when all are back', async () => {
    assert.equal(await run('doctor'), [0, 'Nothing is wrong.\n']);
  });
});
