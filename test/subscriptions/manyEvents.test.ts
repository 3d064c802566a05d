import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('subscriptions that go on');

test('100,000 events: all answered, in order, none taken ahead of its consumer, and nothing is kept', () => {
  const program = join(repositoryRoot, 'test/subscriptions/manyEvents.mjs');
  const printed = execFileSync(process.execPath, ['--expose-gc', ...process.execArgv, program], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  const { seen, wrong, closed, ahead, grew } = JSON.parse(printed);
  assert.equal({ seen, wrong, closed, ahead }, { seen: 100_000, wrong: 0, closed: 1, ahead: 0 });
  // 10 bytes an event would be 500,000.
  assert.ok(grew < 300_000, `the heap grew by ${grew} bytes over the last 50,000 events`);
});

test.run();
