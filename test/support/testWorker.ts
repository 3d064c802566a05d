/**
 * Runs the uvu suites of the test files that its parent (runTests.ts) sends, one file after the other, and tells what came
 * of each. It is uvu's own runner with the holes closed that let a broken suite pass there: a file whose suite is never
 * run, a `before` hook that throws, a server, socket or timer that a suite leaves behind.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { CallCounter } from './CallCounter.ts';
import { noteCalls } from './calledBy.ts';
import { takeSkipped } from './needs.ts';
import './showCauses.ts';

/** What became of a test file. */
export interface FileReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How many tests were skipped for want of what. */
  readonly missing: ReadonlyArray<readonly [missing: string, tests: number]>;
  /** The suites and names of tests that failed. */
  readonly failures: readonly string[];
  /** What is wrong beside failed tests, as sentences. */
  readonly problems: readonly string[];
}

/** What the parent sends: run a file. The worker answers with a report, on its standard output in a line after `MARK`. */
export interface FileRequest {
  /** Null: there are no more. */
  readonly file: string | null;
}

/** Begins the line that ends what a file printed. */
export const MARK = '\u0000report ';

/** What uvu's queue holds for each suite: runs it, and tells its errors as text (`true` when there are none). */
type SuiteRun = () => Promise<readonly [errors: string | true, passed: number, skipped: number, total: number]>;

/** How often the event loop is looked at for what a suite is still closing: some 10 s on an idle machine. */
const LOOKS = 1_000;

/** Which functions of planql the files call, where that is asked for. */
const calls = process.env.PLANQL_TEST_CALLS === undefined ? null : new CallCounter();

/** Some file has left open what holds the process: that was said. */
let isHeld = false;

if (process.send !== undefined) work();

function work(): void {
  const testFolder = fileURLToPath(new URL('..', import.meta.url));
  const uvuGlobals = globalThis as unknown as { UVU_DEFER: number; UVU_INDEX: number; UVU_QUEUE: unknown[][] };
  uvuGlobals.UVU_DEFER = 1;
  uvuGlobals.UVU_QUEUE = [];

  process.on('message', ({ file }: FileRequest) => {
    if (file === null) return end();
    const index = uvuGlobals.UVU_QUEUE.length;
    const suites: SuiteRun[] = [];
    uvuGlobals.UVU_INDEX = index;
    uvuGlobals.UVU_QUEUE[index] = suites;
    runNoted(file, join(testFolder, file), suites).then((report) =>
      process.stdout.write(`\n${MARK}${JSON.stringify(report)}\n`),
    );
  });
  // The 'exit' hooks of tests stop the servers that they started.
  process.on('SIGTERM', () => process.exit(1));
}

/** The process ends by itself, unless it is known that it cannot. */
function end(): void {
  process.disconnect();
  if (isHeld) process.exit();
}

async function runNoted(file: string, path: string, suites: SuiteRun[]): Promise<FileReport> {
  await calls?.start();
  const report = await runFile(path, suites);
  if (calls !== null) noteCalls(file, await calls.take());
  calls?.stop();
  return report;
}

async function runFile(path: string, suites: SuiteRun[]): Promise<FileReport> {
  const [failures, problems]: [string[], string[]] = [[], []];
  const report = { passed: 0, failed: 0, skipped: 0, missing: takeSkipped(), failures, problems };
  const before = heldResources();
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    console.log(error);
    problems.push('The file cannot be loaded.');
    return report;
  }
  if (suites.length === 0) problems.push('The file runs no suite: is its closing "test.run()" missing?');
  // A suite may add another one.
  for (const run of suites) {
    const [errors, passed, skipped, total] = await run();
    report.passed += passed;
    report.failed += total - passed;
    report.skipped += skipped;
    if (errors !== true) {
      console.log(`\n${errors}`);
      for (const [, failure = ''] of stripVTControlCharacters(errors).matchAll(/^ +FAIL +(.*)$/gm))
        failures.push(failure);
    } else if (total > passed)
      problems.push('A hook threw, and tests did not run (test/support/reported.ts shows its error).');
  }
  report.missing = takeSkipped();
  if (report.skipped > report.missing.reduce((all, [, tests]) => all + tests, 0))
    problems.push('A test is skipped without a word about what it needs: needs() of test/support/needs.ts.');
  const left = await leftResources(before);
  isHeld ||= left.length > 0;
  if (left.length > 0) problems.push(`Its suites leave open what holds the process: ${left.join(', ')}.`);
  return report;
}

/** What holds the process beyond `before`, once what is closing has had its time. */
async function leftResources(before: readonly string[]): Promise<readonly string[]> {
  let left: readonly string[] = [];
  for (let look = 0; look < LOOKS; look++) {
    left = without(heldResources(), before);
    if (left.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10).unref());
  }
  return left;
}

function heldResources(): readonly string[] {
  return process.getActiveResourcesInfo();
}

function without(all: readonly string[], some: readonly string[]): string[] {
  const left = [...all];
  for (const one of some) {
    const at = left.indexOf(one);
    if (at !== -1) left.splice(at, 1);
  }
  return left;
}
