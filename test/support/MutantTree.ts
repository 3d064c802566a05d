import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';

/** One thing that is broken on purpose. */
export interface Mutant {
  readonly file: string;
  /** A text that is there once. */
  readonly text: string;
  readonly instead: string;
}

/** A copy of the repository, in which one thing after the other is broken. */
export class MutantTree {
  readonly folder: string = join(repositoryRoot, '.tmp', `mutants-${process.pid}`);

  constructor() {
    mkdirSync(this.folder, { recursive: true });
    for (const name of ['src', 'steps', 'test', 'package.json', 'tsconfig.json', 'tsup.config.ts', 'docs', 'README.md'])
      cpSync(join(repositoryRoot, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** What is found while it is broken; null: nothing. Says it in a line. */
  async try({ file, text, instead }: Mutant, find: () => Promise<string | null>): Promise<string | null> {
    const path = join(this.folder, file);
    const source = readFileSync(path, 'utf8');
    if (source.split(text).length !== 2) throw new Error(`"${text}" is not in ${file} once.`);
    writeFileSync(
      path,
      source.replace(text, () => instead),
    );
    const found = await find();
    writeFileSync(path, source);
    const said = found === null ? 'NOT FOUND' : found.padEnd(9);
    console.log(`${said}  ${file}: ${text.trim()} -> ${instead.trim() || 'nothing'}`);
    return found;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
