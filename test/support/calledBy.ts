/** Which functions each test file calls: notes of `npm test -- --calls`, for `npm run tests:of`. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Called, CalledFunction } from './CallCounter.ts';
import { repositoryRoot } from './repository.ts';

const folder = join(repositoryRoot, '.tmp', 'calls');

/** `test`: its path below `test/`. */
export function noteCalls(test: string, called: Called): void {
  const path = join(folder, `${test}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(Object.fromEntries(called)));
}

/** A function that a test calls. */
export interface CalledByTest extends CalledFunction {
  readonly test: string;
}

/** The functions of each source file that some test calls. */
export function calledBy(): ReadonlyMap<string, readonly CalledByTest[]> {
  const byFile = new Map<string, CalledByTest[]>();
  for (const { test, path } of notes()) {
    const called = JSON.parse(readFileSync(path, 'utf8')) as Record<string, readonly CalledFunction[]>;
    for (const [file, functions] of Object.entries(called)) {
      const list = byFile.get(file) ?? [];
      byFile.set(file, list);
      for (const one of functions) list.push({ ...one, test });
    }
  }
  return byFile;
}

function notes(): ReadonlyArray<{ readonly test: string; readonly path: string }> {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ test: relative(folder, path).replace(/\.json$/, ''), path }));
}

/** The tests that call the innermost function around a line; outside of all functions those that call any of the file. */
export function testsOfLine(functions: readonly CalledByTest[], line: number): ReadonlySet<string> {
  const around = functions.filter(({ from, to }) => from <= line && line <= to);
  const size = Math.min(...around.map(({ from, to }) => to - from));
  const found = around.length === 0 ? functions : around.filter(({ from, to }) => to - from === size);
  return new Set(found.map(({ test }) => test));
}
