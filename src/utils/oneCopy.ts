import { getOrCreate } from './getOrCreate.ts';

/** What the files of the build export, by file; for each copy of graphql that they work with, or for all. */
type Copies<TExports> = WeakMap<object, Map<string, TExports>>;

/** The build adds which release it is: a hash of all files. */
const KEY = Symbol.for('planql.files');

/**
 * The exports of a file of the build: `own`, or those of the same file where this process has loaded it before, by another
 * loader or from another folder. The build ends each file with a call of it (decision build-one-copy).
 *
 * @param file - stands for the file in its release.
 * @param graphql - a class of the copy of graphql that the file works with; null where it does not touch graphql.
 */
export function oneCopy<TExports extends readonly unknown[]>(
  file: string,
  graphql: object | null,
  own: TExports,
): TExports {
  const copies: Copies<TExports> = Reflect.get(globalThis, KEY) ?? new WeakMap();
  Reflect.set(globalThis, KEY, copies);
  return getOrCreate(
    getOrCreate(copies, graphql ?? copies, () => new Map<string, TExports>()),
    file,
    () => own,
  );
}
