import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anything, checkOptions } from '../../errors/checkOptions.ts';
import type { Generated } from '../generate.ts';
import { lockPath, printLock } from '../lock/Lock.ts';
import { isUntouched, withHash, withNewlines } from './contentHash.ts';
import { type Lacking, lackingStubs, openConflicts } from './lackingStubs.ts';
import { readIfThere } from './readProject.ts';

/** The result of writing a project, as paths in it. */
export interface Written {
  /** The files that were written, because they changed. */
  readonly written: readonly string[];
  /** The files of `pents/` that were made because they were not there. */
  readonly stubs: readonly string[];
  /** Generated files that were edited: they were left alone, and so was everything else. */
  readonly edited: readonly string[];
  /** Files of renamed types that still have their old names: nothing was written. */
  readonly toMove: readonly Move[];
  /** Files of the application that lack members. They were left alone. */
  readonly lacking: readonly Lacking[];
}

/** The file of a class whose type was renamed, and its new path. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly name: string;
}

/**
 * The options of `writeProject`.
 * @inline
 */
export interface WriteOptions {
  /** Overwrite generated files that were edited. */
  readonly force?: boolean;
  /** Only list the files that would be written. */
  readonly dryRun?: boolean;
}

/** Writes changed files only: a second run touches no file. Files of the application are never overwritten. */
export function writeProject(
  folder: string,
  { files, stubs, holes, lock, model }: Generated,
  options: WriteOptions = {},
): Written {
  checkOptions('writeProject', options, { force: anything, dryRun: anything });
  const { force = false, dryRun = false } = options;
  const locked: { readonly path: string; readonly text: string }[] = [];
  const wanted = [...files].map(([path, text]) => ({ path, text: withHash(path, text) }));
  const isThere = (path: string, text: string): boolean => {
    const there = readIfThere(join(folder, path));
    return there !== null && withNewlines(there) === text;
  };
  const changed = wanted.filter(({ path, text }) => !isThere(path, text));
  if (lock !== null && !isThere(lockPath, printLock(lock))) {
    locked.push({ path: lockPath, text: printLock(lock) });
  }
  const edited = changed.filter(({ path }) => {
    const there = readIfThere(join(folder, path));
    return there !== null && !isUntouched(there);
  });
  // An empty class beside it would be one without its rules.
  const toMove = (model?.pents ?? []).flatMap(({ name, renamedFrom }): readonly Move[] => {
    const to = `pents/${name}.ts`;
    const from = renamedFrom.map((old) => `pents/${old}.ts`).find((old) => readIfThere(join(folder, old)) !== null);
    return from === undefined || readIfThere(join(folder, to)) !== null ? [] : [{ from, to, name }];
  });
  if (toMove.length > 0) return { written: [], stubs: [], edited: [], toMove, lacking: [] };
  const missing = [...stubs].filter(([path]) => readIfThere(join(folder, path)) === null);
  if (edited.length > 0 && !force) {
    return { written: [], stubs: [], edited: edited.map(({ path }) => path), toMove: [], lacking: [] };
  }
  if (!dryRun) {
    for (const { path, text } of [...changed, ...locked]) writeWhole(join(folder, path), text);
    for (const [path, text] of missing) writeWhole(join(folder, path), text);
  }
  return {
    written: [...changed, ...locked].map(({ path }) => path),
    stubs: missing.map(([path]) => path),
    edited: [],
    toMove: [],
    lacking: [...openConflicts(folder, stubs.keys()), ...lackingStubs(folder, holes)],
  };
}

/** All of a file or nothing: a watcher never reads half of it. */
function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
