/**
 * Runs the uvu suites under test/ in several processes and closes with "N passed, N failed, N skipped", alone on a line.
 *
 *   node --import tsx test/support/runTests.ts [--without <folder>]... [--workers <number>] [--verbose] [pattern]...
 *
 * A file that hangs, or that ends its process, is named, and the others are run (test/support/testWorker.ts says what
 * else a file is asked). With CI=true a skipped test counts as a failure, and up to three files that failed are run once
 * more, alone: tests kill servers and cut connections on a machine that others use. What passes then is named.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TestProcess } from './TestProcess.ts';
import type { FileReport } from './testWorker.ts';

const testFolder = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: {
    without: { type: 'string', multiple: true, default: [] },
    workers: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
  },
});

const AGAIN_AT_MOST = 3;
const counts = { passed: 0, failed: 0, skipped: 0 };
const problems: string[] = [];
const failed = new Map<string, FileReport>();
const durations: Array<readonly [file: string, milliseconds: number]> = [];
let isFinished = false;

process.on('exit', () => {
  if (!isFinished) problems.push('The run ended before all test files did.');
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

const waiting = [...files];
const workers = Math.min(Number(options.workers), files.length);
await Promise.all(Array.from({ length: workers }, runNext));
if (process.env.CI === 'true' && failed.size <= AGAIN_AT_MOST) for (const file of failed.keys()) await runAgain(file);
for (const [file, report] of failed) count(file, report);
isFinished = true;
if (options.verbose) {
  durations.sort((left, right) => right[1] - left[1]);
  for (const [file, milliseconds] of durations.slice(0, 15)) console.log(`  ${Math.round(milliseconds)} ms  ${file}`);
}
console.log(`  ${files.length} files, ${Math.round(process.uptime())} s\n`);

/** Runs files until none is left, in one process as long as it lives. */
async function runNext(): Promise<void> {
  let tests: TestProcess | null = null;
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const start = performance.now();
    tests ??= new TestProcess();
    const { output, report } = await tests.run(file);
    durations.push([file, performance.now() - start]);
    console.log(`${file}\n${output.trimEnd()}\n`);
    if (isGood(report)) count(file, report);
    else failed.set(file, report);
    if (tests.isOver) tests = null;
  }
  const problem = await tests?.end();
  if (problem != null) problems.push(problem);
}

/** Runs a file that failed once more, in a process of its own, while nothing else runs. */
async function runAgain(file: string): Promise<void> {
  const tests = new TestProcess();
  const { output, report } = await tests.run(file);
  const problem = tests.isOver ? null : await tests.end();
  console.log(`${file}, again\n${output.trimEnd()}\n`);
  if (!isGood(report) || problem != null) return;
  failed.delete(file);
  count(file, report);
  console.log(`  FAILED ONCE, and passed when it was run again, alone: ${file}\n`);
}

function isGood({ failed, problems }: FileReport): boolean {
  return failed === 0 && problems.length === 0;
}

function count(file: string, report: FileReport): void {
  counts.passed += report.passed;
  counts.failed += report.failed;
  counts.skipped += report.skipped;
  for (const problem of report.problems) problems.push(`${file}: ${problem}`);
}

function findTestFiles(): ReadonlyArray<string> {
  return readdirSync(testFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(testFolder, join(entry.parentPath, entry.name)))
    .filter((file) => !options.without.some((folder) => file.startsWith(`${folder}/`)))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => `test/${file}`.includes(pattern)))
    .sort();
}
