import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anything, checkOptions } from '../errors/checkOptions.ts';
import type { PlanStore } from '../plan/PlanStore.ts';
import { hasCode } from '../utils/hasCode.ts';
import { parsedPlan } from './parsedPlan.ts';

/** The options of `filePlanStore`. */
export interface FilePlanStoreOptions {
  /** Made when the first plan is kept. */
  readonly folder: string;
  /** The version or commit of plan resolvers, loaders and schema. Plans of another release are not used. */
  readonly release: string;
}

/** Plans as JSON files in a folder, one for each operation: for a shared disk, or to ship with a release. */
export function filePlanStore(options: FilePlanStoreOptions): PlanStore {
  checkOptions('filePlanStore', options, { folder: anything, release: anything });
  const { folder, release } = options;
  const home = join(folder, encodeURIComponent(release));
  const fileOf = (key: string): string => join(home, `${encodeURIComponent(key)}.json`);
  return {
    async get(key) {
      const text = await orNull(readFile(fileOf(key), 'utf8'));
      return text === null ? null : parsedPlan(text);
    },

    async set(key, plan) {
      await mkdir(home, { recursive: true });
      // Readers see the old file or the new one, never half of one.
      const draft = `${fileOf(key)}.${randomUUID()}`;
      try {
        await writeFile(draft, JSON.stringify(plan));
        await rename(draft, fileOf(key));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },

    async *all() {
      for (const name of (await orNull(readdir(home))) ?? []) {
        if (!name.endsWith('.json')) continue;
        try {
          const text = await orNull(readFile(join(home, name), 'utf8'));
          if (text !== null) yield parsedPlan(text);
        } catch (error) {
          yield String(error); // refused as no plan: one that cannot be read is no reason to do without the others
        }
      }
    },
  };
}

/** Null for a file that is not there, or not there any more. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
