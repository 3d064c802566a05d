import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256Hex } from '../../utils/sha256.ts';
import { makeFolder } from '../makeFolder.ts';
import type { PersistedOperation } from './readOperations.ts';

/** Writes the texts of operations by their ids: the SHA-256 of the text, as Apollo's clients compute it. Returns how many. */
export async function writeDocuments(file: string, operations: readonly PersistedOperation[]): Promise<number> {
  const texts = [...new Set(operations.map(({ text }) => text))];
  const byId = Object.fromEntries(texts.map((text) => [sha256Hex(text), text]));
  makeFolder(dirname(file));
  await writeFile(file, `${JSON.stringify(byId, null, 1)}\n`);
  return texts.length;
}
