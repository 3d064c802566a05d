import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The absolute path of the repository's root. */
export const repositoryRoot: string = fileURLToPath(new URL('../..', import.meta.url));

/** The options of a Node process that is to run TypeScript of the repository. */
export const typescript: readonly string[] = ['--import', new URL('typescript.mjs', import.meta.url).href];

/**
 * The TypeScript files under a folder of the repository, if it exists, as paths from its root with forward slashes.
 * Templates of applications are no sources of the library.
 */
export function sourceFilesIn(folder: string): ReadonlyArray<string> {
  if (!existsSync(join(repositoryRoot, folder))) return [];
  return readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.startsWith('src/grapple/templates/'))
    .sort();
}

/** The text of a file of the repository. */
export function readSource(file: string): string {
  return readFileSync(join(repositoryRoot, file), 'utf8');
}
