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

/** Each part is a process of its own, and a test of its own: a runner hears of each. */
function keptOf(part: 'again' | 'once' | 'bounded'): Readonly<Record<string, Kept>> {
  const program = join(repositoryRoot, 'test/memory/caches.program.ts');
  const printed = execFileSync(process.execPath, ['--expose-gc', ...process.execArgv, program, part], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return JSON.parse(printed);
}

for (const part of ['again', 'once'] as const) {
  test(`caches count what they keep, of ordinary and of hostile traffic: documents that come ${part}`, () => {
    for (const [kind, { kept, counted }] of Object.entries(keptOf(part))) {
      // What the process itself keeps, compiled code say, is none of a cache.
      assert.ok(kept < counted * 1.3 + 2 * MB, `${kind}: ${kept} bytes are kept, ${counted} counted`);
    }
  });
}

test('caches keep no more than they may, of all traffic', () => {
  const { kept, counted } = keptOf('bounded')['all traffic'] as Kept;
  assert.ok(counted <= 4 * MB, `${counted} bytes of plans`);
  // Both caches were full before: 4 MB each is their bound, not their growth.
  assert.ok(kept < 4 * MB, `all traffic again keeps ${kept} bytes more`);
});

test.run();
