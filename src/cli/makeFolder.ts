import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from '../utils/hasCode.ts';

/** Makes a folder and those above it. Node's `recursive` never ends where an existing folder takes none, as `/proc` does. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (hasCode(error, 'EEXIST') && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (!hasCode(error, 'ENOENT') || existsSync(above)) throw error;
    makeFolder(above);
    makeFolder(path);
  }
}
