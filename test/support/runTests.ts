/**
 * Runs the uvu suites under test/ in several processes and closes with "N passed, N failed, N skipped", alone on a line.
 *
 *   npm test -- [--without <path>]... [--workers <number>] [--fast] [--calls] [pattern]...
 *
 * The files that take longest begin first (durations.json), so that no core is idle at the end. There is one process more
 * than there are cores: tests wait for servers and for time to pass. `--fast` leaves out what needs servers, or seconds. `--calls` notes
 * which functions each file calls, for testsOf.ts.
 *
 * A file that hangs, or that ends its process, is named, and the others are run (test/support/testWorker.ts says what
 * else a file is asked). Up to three files that failed are run once more, alone, unless no others were run: tests kill
 * servers and cut connections on a machine that others use. The lines before the last one name what passed then, what was
 * slow, and which missing servers tests were skipped for (test/support/needs.ts). With CI=true a skipped test is a failure.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
    workers: { type: 'string', default: String(availableParallelism() + 1) },
    fast: { type: 'boolean', default: false },
    calls: { type: 'boolean', default: false },
  },
});

/** The seconds of each file that takes some. `UPDATE_DURATIONS=1 npm test` writes it, if no test is skipped. */
const durationsFile = new URL('durations.json', import.meta.url);
const known = new Map<string, number>(Object.entries(JSON.parse(readFileSync(durationsFile, 'utf8'))));
const NOTED_SECONDS = 2;
/** Files that failed once and then passed, each with what is known of it. The list only becomes shorter (test/architecture/tests.test.ts). */
const unsteady: ReadonlyArray<{ readonly file: string; readonly seen: string }> = JSON.parse(
  readFileSync(new URL('failedOnce.json', import.meta.url), 'utf8'),
);
if (options.fast) process.env.PLANQL_TEST_SERVERS = 'none';
if (options.calls) process.env.PLANQL_TEST_CALLS = 'noted';

const AGAIN_AT_MOST = 3;
const SLOWEST = 5;
const counts = { passed: 0, failed: 0, skipped: 0 };
const problems: string[] = [];
const failed = new Map<string, FileReport>();
const failedOnce = new Map<string, FileReport>();
const missing = new Map<string, number>();
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

const waiting = [...files].sort((left, right) => (known.get(right) ?? 0) - (known.get(left) ?? 0));
const workers = Math.min(Number(options.workers), files.length);
await Promise.all(Array.from({ length: workers }, runNext));
if (failed.size <= AGAIN_AT_MOST && files.length > AGAIN_AT_MOST)
  for (const file of failed.keys()) await runAgain(file);
for (const [file, report] of failed) count(file, report);
isFinished = true;
close();
if (process.env.UPDATE_DURATIONS && counts.skipped === 0) noteDurations();

/** Runs files until none is left, in one process as long as it lives. */
async function runNext(): Promise<void> {
  let tests: TestProcess | null = null;
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const start = performance.now();
    tests ??= new TestProcess();
    const { output, report } = await tests.run(file);
    const duration = performance.now() - start;
    durations.push([file, duration]);
    console.log(`${file} ${seconds(duration)}\n${output.trimEnd()}\n`);
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
  failedOnce.set(file, failed.get(file) as FileReport);
  failed.delete(file);
  count(file, report);
}

/** What is worth knowing of the run, beside its failures. */
function close(): void {
  if (missing.size > 0) {
    const list = [...missing].map(([name, tests]) => `${name} (${tests})`).join(', ');
    console.log(
      `  ${counts.skipped} tests skipped, for want of ${list}. To install what they need: npm run test:servers`,
    );
  }
  durations.sort((left, right) => right[1] - left[1]);
  const slowest = durations.slice(0, SLOWEST).map(([file, milliseconds]) => `${file} ${seconds(milliseconds)}`);
  console.log(`  ${files.length} files in ${seconds(process.uptime() * 1000)}; the slowest: ${slowest.join(', ')}`);
  for (const [file, { failures, problems }] of failedOnce) {
    const isKnown = unsteady.some((known) => known.file === file);
    const remedy = isKnown ? 'known' : 'new: mend it, or list it in test/support/failedOnce.json';
    console.log(`  failed once, then passed (${remedy}): ${file}: ${[...failures, ...problems].join('; ')}`);
  }
  console.log();
}

/** Files that were not run keep what is known of them, if they are still there. */
function noteDurations(): void {
  const there = new Set(allTestFiles());
  const noted = new Map([...known].filter(([file]) => there.has(file)));
  for (const [file, milliseconds] of durations) noted.set(file, Math.round(milliseconds / 1000));
  const slow = [...noted].filter(([, duration]) => duration >= NOTED_SECONDS).sort((left, right) => right[1] - left[1]);
  writeFileSync(durationsFile, `${JSON.stringify(Object.fromEntries(slow), null, 2)}\n`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}

function isGood({ failed, problems }: FileReport): boolean {
  return failed === 0 && problems.length === 0;
}

function count(file: string, report: FileReport): void {
  counts.passed += report.passed;
  counts.failed += report.failed;
  counts.skipped += report.skipped;
  for (const [name, tests] of report.missing) missing.set(name, (missing.get(name) ?? 0) + tests);
  for (const problem of report.problems) problems.push(`${file}: ${problem}`);
}

function findTestFiles(): ReadonlyArray<string> {
  return allTestFiles()
    .filter((file) => !options.without.some((path) => file.startsWith(path)))
    .filter((file) => !options.fast || !known.has(file))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => `test/${file}`.includes(pattern)));
}

function allTestFiles(): string[] {
  return readdirSync(testFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(testFolder, join(entry.parentPath, entry.name)))
    .sort();
}
