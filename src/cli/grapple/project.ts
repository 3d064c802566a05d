import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generate } from '../../grapple/generate.ts';
import { printProblem } from '../../grapple/parse/Problems.ts';
import { readCode, readIfThere, readLock, readSources } from '../../grapple/project/readProject.ts';
import { type WriteOptions, type Written, writeProject } from '../../grapple/project/writeProject.ts';
import { UsageError } from '../Command.ts';

/** The folder of a project, as a command was given it. */
export function projectFolder(given: string | undefined): string {
  const folder = resolve(given ?? '.');
  if (!existsSync(join(folder, 'schema'))) {
    throw new UsageError(
      `There is no folder "schema" in ${folder}. Name the folder of the project, or run "planql init".`,
    );
  }
  return folder;
}

/** Generates a project. Where there are problems it prints them, writes nothing and returns null. */
export function generateProject(folder: string, options: WriteOptions, print: (line: string) => void): Written | null {
  const generated = generate(readSources(folder), { lock: readLock(folder), code: readCode(folder) });
  for (const problem of generated.problems) print(printProblem(problem));
  if (generated.problems.length > 0) {
    print(`${generated.problems.length} problem(s). Nothing was written.`);
    return null;
  }
  for (const warning of generated.warnings) print(printProblem(warning));
  const commonJs = commonJsPackage(folder);
  if (commonJs !== null) {
    print(`${commonJs} says no "type": "module", and generated files are ES modules. Add it.`);
  }
  const written = writeProject(folder, generated, options);
  for (const path of written.edited) {
    print(`${path} was edited by hand. Move the change to pents/ or schema/, or overwrite it with --force.`);
  }
  for (const { from, to, name } of written.toMove) {
    print(`${from} holds the code of ${name} now. Rename the file to ${to}, and its class to ${name}.`);
  }
  if (written.edited.length + written.toMove.length === 0) {
    for (const { effect, text } of generated.changes) if (effect !== 'none') print(text);
    return written;
  }
  print('Nothing was written.');
  return null;
}

/** The nearest package.json, if its modules are CommonJS; else null. */
function commonJsPackage(folder: string): string | null {
  const path = join(folder, 'package.json');
  const text = readIfThere(path);
  if (text !== null) return JSON.parse(text).type === 'module' ? null : path;
  return dirname(folder) === folder ? null : commonJsPackage(dirname(folder));
}

export function printWritten({ written, stubs, lacking }: Written, print: (line: string) => void): void {
  for (const path of [...written, ...stubs]) print(`wrote ${path}`);
  for (const { text } of lacking) print(text);
  if (written.length + stubs.length + lacking.length === 0) print('Everything is up to date.');
}
