import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../utils/hasCode.ts';
import { type Lock, lockPath, parseLock } from '../lock/Lock.ts';
import type { SchemaSource } from '../parse/parseSources.ts';

/** The schema files of a project: all `.graphql` files under `schema/`, by name. */
export function readSources(folder: string): readonly SchemaSource[] {
  const entries = readdirSync(join(folder, 'schema'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(graphql|gql)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
    .map((path) => ({ name: path.slice(folder.length + 1).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
}

const CODE = /\.[cm]?[jt]sx?$/;

/** The texts of hand-written code: all files of the folder, and of `pents/` with what is below it. */
export function readCode(folder: string): readonly string[] {
  const own = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const pents = join(folder, 'pents');
  const below = existsSync(pents) ? readdirSync(pents, { recursive: true, withFileTypes: true }) : [];
  return [...own, ...below]
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8'));
}

/** The lock of a project; an empty one before the first run. */
export function readLock(folder: string): Lock {
  return parseLock(readIfThere(join(folder, lockPath)));
}

/** The text of a file, or null where there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
