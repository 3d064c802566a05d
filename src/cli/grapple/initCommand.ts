import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Command, UsageError } from '../Command.ts';
import { generateProject } from './project.ts';
import { readFolder } from './readFolder.ts';
import { packageSpecifier, templateFiles, templateNames, writeMissing } from './templates.ts';

/** Makes a project: `planql init` an empty one, `planql init todo` the todo application. */
export const initCommand: Command = {
  words: ['init'],
  usage:
    '[todo] [--here] [--no-install]   makes a project in a new folder (or here), generates it and installs its packages',

  async run(args, print) {
    const { folder: given = 'empty', flags } = readFolder(args, ['here', 'no-install']);
    if (!templateNames().includes(given)) {
      throw new UsageError(`There is no template "${given}". There are ${templateNames().join(', ')}.`);
    }
    const name = given === 'empty' ? 'app' : given;
    const folder = resolve(flags.has('here') ? '.' : name);
    if (!flags.has('here') && existsSync(folder) && readdirSync(folder).length > 0) {
      print(`The folder ${folder} is not empty. Empty it, or run "planql init ${given} --here" inside of it.`);
      return 1;
    }
    const words = { NAME: nameOf(folder), PLANQL: packageSpecifier() };
    const kept = writeMissing(folder, templateFiles(given, words));
    for (const path of kept) print(`kept ${path}`);
    const written = generateProject(folder, {}, print);
    if (written === null) return 1;
    print(`Made ${words.NAME} in ${folder}.`);
    if (!flags.has('no-install') && !install(folder, print)) return 1;
    const enter = flags.has('here') ? '' : `cd ${basename(folder)} && `;
    print(`Start it with: ${enter}npm start`);
    return 0;
  },
};

/** A name that packages and databases accept. */
function nameOf(folder: string): string {
  return (
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .replace(/^_+|_+$/g, '') || 'app'
  );
}

function install(folder: string, print: (line: string) => void): boolean {
  if (existsSync(join(folder, 'node_modules', 'planql'))) return true;
  print('Installing packages…');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['install', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  if (status === 0) return true;
  print(`npm install failed. Run it again in ${folder}.`);
  return false;
}
