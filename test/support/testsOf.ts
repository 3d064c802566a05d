/**
 * Names the tests that call the functions in which lines have changed since a revision (default: the last commit).
 *
 *   npm run tests:of -- [revision] [--run]
 *
 * It reads the notes that `npm test -- --calls [pattern]...` makes, at best at that revision. Lines that no test calls are
 * named, too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { calledBy, testsOfLine } from './calledBy.ts';
import { repositoryRoot } from './repository.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { run: { type: 'boolean' } } });
const [revision = 'HEAD'] = positionals;

const functions = calledBy();
if (functions.size === 0) {
  console.error('No test has noted what it calls. Run: npm test -- --calls');
  process.exit(1);
}
const tests = new Set<string>();
for (const [file, lines] of changedLines()) {
  const called = functions.get(file) ?? [];
  for (const line of lines) {
    const found = testsOfLine(called, line);
    if (found.size === 0) console.error(`No test calls ${file}:${line}.`);
    for (const test of found) tests.add(test);
  }
}
const named = [...tests].sort();
console.log(named.join('\n'));
if (values.run === true && named.length > 0) {
  const { status } = spawnSync('npm', ['test', '--', ...named.map((test) => `test/${test}`)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

/** The lines of the revision that are changed or gone, and those before which others were added. */
function changedLines(): ReadonlyMap<string, readonly number[]> {
  const diff = execFileSync('git', ['diff', '-U0', revision, '--', ':(glob)src/**/*.ts', ':(glob)steps/**/*.ts'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const changed = new Map<string, number[]>();
  let file = '';
  for (const line of diff.split('\n')) {
    file = /^--- a\/(.*)$/.exec(line)?.[1] ?? file;
    const [, start, count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
    if (start === undefined) continue;
    const lines = changed.get(file) ?? [];
    changed.set(file, lines);
    for (let at = 0; at < Math.max(1, Number(count)); at++) lines.push(Number(start) + at);
  }
  return changed;
}
