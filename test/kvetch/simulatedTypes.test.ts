import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../support/needs.ts';
import { typescript } from '../support/repository.ts';
import { mysqlForTests } from '../support/servers.ts';

const server = await mysqlForTests();
const test = needs(suite('kvetch: the simulated servers give what the driver gives'), server);
const program = fileURLToPath(new URL('../../bench/kvetch/simulate/sql/compareTypes.ts', import.meta.url));

test('each column of each answer has the same type: of reads, writes, cleaners and a move', () => {
  const databases = [server.newDatabase(), server.newDatabase()];
  // a process of its own: the driver is exchanged in it
  const { status, stdout, stderr } = spawnSync(process.execPath, [...typescript, program, server.uri, ...databases], {
    encoding: 'utf8',
  });
  assert.is(status, 0, stdout + stderr);
  const [, same = 0] = /^(\d+) columns are the same$/m.exec(stdout) ?? [];
  assert.ok(Number(same) > 150, stdout);
});

test.run();
