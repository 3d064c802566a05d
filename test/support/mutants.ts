/**
 * Breaks one line after the other in a copy of the repository, and sees whether a test finds it.
 *
 *   npm run mutants -- [--only TEXT]                        those of test/execution/mutants.ts, which tests once did not find
 *   npm run mutants -- --folder src/execution/compiled [--count N] [--seed N] [--tests PATTERN]...
 *
 * The tests are those that src/README.md names for the room.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type KnownMutant, knownMutants } from '../execution/mutants.ts';
import { MutantTree } from './MutantTree.ts';
import { randomMutants } from './randomMutants.ts';
import { typescript } from './repository.ts';
import { testsOfRoom } from './roomTests.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    tests: { type: 'string', multiple: true, default: [] },
  },
});

const mutants = chosen();
if (values.folder !== undefined) console.log(`--seed ${values.seed}`);
const tree = new MutantTree();
let missed = 0;
try {
  for (const mutant of mutants) if ((await tree.try(mutant, async () => found(mutant.tests))) === null) missed++;
} finally {
  tree.remove();
}
console.log(`${mutants.length - missed} of ${mutants.length} were found.`);
if (missed > 0) process.exitCode = 1;

function chosen(): readonly KnownMutant[] {
  const { folder, only } = values;
  if (folder === undefined) return knownMutants.filter(({ file, text }) => `${file} ${text}`.includes(only));
  const tests = values.tests.length > 0 ? values.tests : testsOfRoom(folder);
  return randomMutants(folder, Number(values.count), Number(values.seed)).map((mutant) => ({ ...mutant, tests }));
}

/** The first test that fails; null: none does. */
function found(tests: readonly string[]): string | null {
  const args = [...typescript, 'test/support/runTests.ts', '--workers', '1', ...tests];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: tree.folder,
    encoding: 'utf8',
    env: { ...process.env, PLANQL_TEST_SERVERS: 'none' },
    timeout: 600_000,
  });
  if (status === 0) return null;
  const [, test = 'ended'] = /^ +FAIL +(.*)$/m.exec(stdout) ?? [];
  return `${test}\n         `;
}
