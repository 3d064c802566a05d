import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('what caches keep [R26]');
const MB = 1024 * 1024;

interface Kept {
  readonly kept: number;
  readonly counted: number;
}

test('caches count what they keep, of ordinary and of hostile traffic, and keep no more than they may', () => {
  const program = join(repositoryRoot, 'test/memory/caches.program.ts');
  const printed = execFileSync(process.execPath, ['--expose-gc', ...process.execArgv, program], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  const { plans, bounded }: { plans: Record<string, Kept>; bounded: Kept } = JSON.parse(printed);
  for (const [kind, { kept, counted }] of Object.entries(plans)) {
    // What the process itself keeps, compiled code say, is none of a cache.
    assert.ok(kept < counted * 1.3 + 2 * MB, `${kind}: ${kept} bytes are kept, ${counted} counted`);
  }
  assert.ok(bounded.counted <= 4 * MB, `${bounded.counted} bytes of plans`);
  // Both caches were full before: 4 MB each is their bound, not their growth.
  assert.ok(bounded.kept < 4 * MB, `all traffic again keeps ${bounded.kept} bytes more`);
});

test.run();
