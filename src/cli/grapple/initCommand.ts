import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Command, UsageError } from '../Command.ts';
import { parseOptions } from '../readOptions.ts';
import { generateProject } from './project.ts';
import { packageSpecifier, templateFiles, templateNames, writeMissing } from './templates.ts';

/** Makes a project: `planql init shop` an empty one in the folder shop, `planql init market` the marketplace. */
export const initCommand: Command = {
  words: ['init'],
  usage:
    '[name] [--template <name>] [--here] [--no-install]   makes a project in a new folder (or here), generates it and installs its packages. Templates: empty, market (a marketplace with chat), todo. A name that is one of a template chooses it',

  async run(args, print) {
    const { name, template, isHere, installs } = readInit(args);
    const folder = resolve(isHere ? '.' : name);
    if (!isHere && existsSync(folder) && readdirSync(folder).length > 0) {
      print(
        `The folder ${folder} is not empty. Empty it, or run "planql init --template ${template} --here" inside of it.`,
      );
      return 1;
    }
    const words = { NAME: nameOf(folder), PLANQL: packageSpecifier() };
    const kept = writeMissing(folder, templateFiles(template, words));
    for (const path of kept) print(`kept ${path}`);
    const written = generateProject(folder, {}, print);
    if (written === null) return 1;
    print(`Made ${words.NAME} in ${folder}.`);
    if (installs && !install(folder, print)) return 1;
    const enter = isHere ? '' : `cd ${basename(folder)} && `;
    print(`Start it with: ${enter}npm start`);
    return 0;
  },
};

interface Init {
  /** The new folder. */
  readonly name: string;
  readonly template: string;
  readonly isHere: boolean;
  readonly installs: boolean;
}

function readInit(args: readonly string[]): Init {
  const flag = { type: 'boolean' } as const;
  const options = { template: { type: 'string' }, here: flag, 'no-install': flag } as const;
  const { positionals, values } = parseOptions(args, options, true);
  const [given, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`"${more[0]}" is one name too many.`);
  const names = templateNames();
  const template = String(values.template ?? (given !== undefined && names.includes(given) ? given : 'empty'));
  if (!names.includes(template)) {
    throw new UsageError(`There is no template "${template}". There are ${names.join(', ')}.`);
  }
  const name = given ?? (template === 'empty' ? 'app' : template);
  return { name, template, isHere: values.here === true, installs: values['no-install'] !== true };
}

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
