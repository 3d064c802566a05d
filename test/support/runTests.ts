/**
 * Runs the uvu suites under test/ and closes with "N passed, N failed, N skipped", alone on a line.
 *
 *   node --import tsx test/support/runTests.ts [--without <folder>]... [--verbose] [pattern]...
 *
 * It is uvu's own runner with the holes closed that let a broken suite pass there, or run for ever: a file whose suite is
 * never run, a `before` hook that throws, a test that never settles, a socket or a timer that outlives the tests. With
 * CI=true a skipped test counts as a failure.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** What uvu's queue holds for each suite: runs it, and tells its errors as text (`true` when there are none). */
type SuiteRun = () => Promise<readonly [errors: string | true, passed: number, skipped: number, total: number]>;

const testFolder = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string', multiple: true, default: [] }, verbose: { type: 'boolean', default: false } },
});

/** A suite that takes longer hangs: the slowest takes some 20 s on an idle machine. */
const SUITE_MS = 300_000;
/** How long sockets may take to close once the last test is done. */
const CLOSING_MS = 5000;

const counts = { passed: 0, failed: 0, skipped: 0 };
const problems: Array<string> = [];
const durations: Array<readonly [file: string, milliseconds: number]> = [];
let isFinished = false;

const uvuGlobals = globalThis as unknown as { UVU_DEFER: number; UVU_INDEX: number; UVU_QUEUE: Array<Array<unknown>> };
uvuGlobals.UVU_DEFER = 1;

process.on('exit', (code) => {
  if (!isFinished)
    problems.push('The run ended before all tests had settled: a promise is pending, or the process was ended.');
  else if (code !== 0 && counts.failed === 0) problems.push(`The process ended with exit code ${code}.`);
  if (process.env.CI === 'true' && counts.skipped > 0)
    problems.push('A test was skipped, and CI=true allows no skips.');
  for (const problem of problems) console.log(`  ${problem}`);
  console.log(`${counts.passed} passed, ${counts.failed + problems.length} failed, ${counts.skipped} skipped`);
  if (counts.failed + problems.length > 0) process.exitCode = 1;
});

const files = findTestFiles();
if (files.length === 0) problems.push(`No test file matches ${JSON.stringify(patterns)}.`);

const { version } = await import('graphql');
console.log(`Node ${process.version}, graphql ${version}\n`);

const uvu = await import('uvu');
for (const [index, file] of files.entries()) {
  uvuGlobals.UVU_INDEX = index;
  const group: Array<unknown> = [file];
  uvuGlobals.UVU_QUEUE[index] = group;
  await import(pathToFileURL(join(testFolder, file)).href);
  if (group.length === 1) problems.push(`${file} runs no suite: is its closing "test.run()" missing?`);
  for (let position = 1; position < group.length; position++) {
    group[position] = counted(file, group[position] as SuiteRun);
  }
}
await (uvu as unknown as { exec(): Promise<void> }).exec();
isFinished = true;
setTimeout(() => {
  problems.push(`Something outlives the tests and holds the process: ${process.getActiveResourcesInfo().join(', ')}.`);
  process.exit();
}, CLOSING_MS).unref();
if (options.verbose) {
  durations.sort((left, right) => right[1] - left[1]);
  for (const [file, milliseconds] of durations.slice(0, 15)) console.log(`  ${Math.round(milliseconds)} ms  ${file}`);
}

function findTestFiles(): ReadonlyArray<string> {
  return readdirSync(testFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(testFolder, join(entry.parentPath, entry.name)))
    .filter((file) => !options.without.some((folder) => file.startsWith(`${folder}/`)))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => `test/${file}`.includes(pattern)))
    .sort();
}

function counted(file: string, run: SuiteRun): SuiteRun {
  return async () => {
    const start = performance.now();
    const watchdog = setTimeout(() => {
      problems.push(`${file}: a suite was not done after ${SUITE_MS / 1000} s.`);
      process.exit();
    }, SUITE_MS);
    const result = await run();
    clearTimeout(watchdog);
    const [, passed, skipped, total] = result;
    counts.passed += passed;
    counts.failed += total - passed;
    counts.skipped += skipped;
    if (total > passed && result[0] === true)
      problems.push(`${file}: a hook threw, and tests did not run (test/support/reported.ts shows its error).`);
    durations.push([file, performance.now() - start]);
    return result;
  };
}
