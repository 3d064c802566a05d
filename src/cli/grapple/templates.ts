import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../makeFolder.ts';

const TEMPLATES = 'src/grapple/templates';

/** The folder of the package, wherever it is built to: the one that has templates. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, TEMPLATES, 'common'))) {
    const outer = dirname(folder);
    if (outer === folder) throw new Error(`The package "planql" has no folder "${TEMPLATES}". Install it again.`);
    folder = outer;
  }
  return folder;
}

interface HiddenLockfile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

/**
 * The specifier of "planql" in a new project: the source of this installation, for a tarball, a folder or a repository
 * may be of a version that no registry has; else its version.
 */
export function packageSpecifier(): string {
  const folder = packageFolder();
  const parent = dirname(folder);
  if (basename(parent) !== 'node_modules') return `file:${folder}`;
  const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const lockfile = join(parent, '.package-lock.json');
  if (!existsSync(lockfile)) return `^${version}`;
  const { packages }: HiddenLockfile = JSON.parse(readFileSync(lockfile, 'utf8'));
  const resolved = packages['node_modules/planql']?.resolved ?? '';
  if (resolved.startsWith('file:')) return `file:${resolve(dirname(parent), resolved.slice('file:'.length))}`;
  return resolved.startsWith('git') ? resolved : `^${version}`;
}

/** The templates that `init` knows. */
export function templateNames(): readonly string[] {
  return readdirSync(join(packageFolder(), TEMPLATES)).filter((name) => name !== 'common');
}

/** npm leaves files with these names out of packages. */
const renamed: Readonly<Record<string, string>> = { gitignore: '.gitignore', dockerignore: '.dockerignore' };

/** The files of a template, by path in the new project, with its words filled in. */
export function templateFiles(template: string, words: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const part of ['common', template]) {
    const folder = join(packageFolder(), TEMPLATES, part);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const name = path.slice(folder.length + 1).replaceAll('\\', '/');
      const text = readFileSync(path, 'utf8').replace(/__([A-Z]+)__/g, (all, word: string) => words[word] ?? all);
      files.set(renamed[name] ?? name, text);
    }
  }
  return files;
}

/** Writes files that are not there yet; returns those that were. */
export function writeMissing(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const there: string[] = [];
  for (const [path, text] of files) {
    const target = join(folder, path);
    if (existsSync(target)) {
      there.push(path);
      continue;
    }
    makeFolder(dirname(target));
    writeFileSync(target, text);
  }
  return there;
}
