import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('what requests leave behind [R26]');

/** Bytes of a request: it reads some 90 KB. Before these were found, all of them stayed until the old generation was collected. */
const MOST = 16_000;

/** V8 may guess that objects will live long, in any process: what a defect keeps is there in all of them. */
const PROCESSES = 4;

/** By way of executing, the bytes that a request leaves behind. */
function leftBehind(): Record<string, number> {
  const program = join(repositoryRoot, 'test/memory/answered.program.ts');
  const printed = execFileSync(process.execPath, ['--expose-gc', ...process.execArgv, program], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return JSON.parse(printed.trim().split('\n').pop() as string);
}

test('what a request has read is gone with the next collection of the young generation', () => {
  const least = new Map<string, number>();
  for (let left = PROCESSES; left > 0; left--) {
    for (const [name, bytes] of Object.entries(leftBehind()))
      least.set(name, Math.min(bytes, least.get(name) ?? bytes));
    if ([...least.values()].every((bytes) => bytes < MOST)) return;
  }
  for (const [name, bytes] of least) assert.ok(bytes < MOST, `${name}: ${Math.round(bytes)} bytes`);
});

test.run();
