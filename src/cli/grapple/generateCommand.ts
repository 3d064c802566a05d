import type { Command } from '../Command.ts';
import { generateProject, printWritten, projectFolder } from './project.ts';
import { readFolder } from './readFolder.ts';

/** Generates the files that have changed. */
export const generateCommand: Command = {
  words: ['generate'],
  usage:
    '[folder] [--force]   writes generated/ and new stubs of pents/ from schema/; with --force also over edited files',

  async run(args, print) {
    const { folder, flags } = readFolder(args, ['force']);
    const written = generateProject(projectFolder(folder), { force: flags.has('force') }, print);
    if (written === null) return 1;
    printWritten(written, print);
    return 0;
  },
};

/** Checks that the schema is right, and that generated files are up to date. Writes nothing. */
export const checkCommand: Command = {
  words: ['check'],
  usage:
    '[folder]   names errors in schema/, gaps in pents/, and generated files that are not up to date; exit code 1 if any',

  async run(args, print) {
    const { folder } = readFolder(args, []);
    const written = generateProject(projectFolder(folder), { dryRun: true }, print);
    if (written === null) return 1;
    const late = [...written.written, ...written.stubs];
    for (const path of late) print(`${path} is not up to date. Run "planql generate".`);
    for (const { text } of written.lacking) print(text);
    const isDone = late.length + written.lacking.length === 0;
    if (isDone) print('Everything is up to date.');
    return isDone ? 0 : 1;
  },
};
