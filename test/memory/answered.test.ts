import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('what requests leave behind [R26]');

/** Bytes of a request: it reads some 90 KB. Before these were found, all of them stayed until the old generation was collected. */
const MOST = 16_000;

test('what a request has read is gone with the next collection of the young generation', () => {
  const program = join(repositoryRoot, 'test/memory/answered.program.ts');
  const printed = execFileSync(process.execPath, ['--expose-gc', ...process.execArgv, program], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  const left: Record<string, number> = JSON.parse(printed);
  for (const [name, bytes] of Object.entries(left)) assert.ok(bytes < MOST, `${name}: ${Math.round(bytes)} bytes`);
});

test.run();
