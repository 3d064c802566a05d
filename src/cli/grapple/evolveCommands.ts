import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '../../grapple/generate.ts';
import { printProblem } from '../../grapple/parse/Problems.ts';
import { readLock, readSources } from '../../grapple/project/readProject.ts';
import { type Command, UsageError } from '../Command.ts';
import { projectFolder } from './project.ts';
import { readFolder } from './readFolder.ts';

/** Prints the effect of a changed schema on stored data. Writes nothing. */
export const diffCommand: Command = {
  words: ['diff'],
  usage: '[folder]   lists changes in schema/ since the last run of generate, and their meaning for stored data',

  async run(args, print) {
    const folder = projectFolder(readFolder(args, []).folder);
    const { problems, changes } = generate(readSources(folder), { lock: readLock(folder) });
    for (const problem of problems) print(printProblem(problem));
    if (problems.length > 0) return 1;
    for (const { text } of changes) print(text);
    if (changes.length === 0) print('Nothing has changed for stored data.');
    return 0;
  },
};

/** Runs the project's own `migrate.ts`, which knows its store. */
export const migrateCommand: Command = {
  words: ['migrate'],
  usage: '[folder]   moves values of renamed fields, and fills new edges and indexes; goes on where it stopped',

  async run(args, print) {
    const folder = projectFolder(readFolder(args, []).folder);
    if (!existsSync(join(folder, 'migrate.ts'))) {
      throw new UsageError(
        `There is no migrate.ts in ${folder}. Run "planql init --here --no-install" there to add it.`,
      );
    }
    const { problems, changes } = generate(readSources(folder), { lock: readLock(folder) });
    for (const problem of problems) print(printProblem(problem));
    if (changes.length > 0) print('schema/ has changed since the last run of "planql generate". Run it first.');
    if (problems.length + changes.length > 0) return 1;
    const child = spawn(process.execPath, ['--import', 'tsx', 'migrate.ts'], { cwd: folder, stdio: 'inherit' });
    // A terminal tells both of Ctrl-C: the migration ends after its page, and this program with it.
    const wait = (): void => {};
    const passOn = (): void => void child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', passOn);
    const ended = new Promise<number>((resolve) => {
      child.on('error', (error) => {
        print(`migrate.ts could not be started: ${error.message}`);
        resolve(1);
      });
      child.on('exit', (code) => resolve(code ?? 1));
    });
    return ended.finally(() => process.off('SIGINT', wait).off('SIGTERM', passOn));
  },
};
