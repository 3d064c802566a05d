import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PlanDocument } from '../../plan/PlanDocument.ts';
import { makeFolder } from '../makeFolder.ts';

/**
 * The plans of a folder, by the name of their operation. A plan store of files reads the same ones at warm-up, when the
 * folder is that of its release.
 */
export async function readPlans(folder: string): Promise<ReadonlyMap<string, unknown>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const entries = names.map(async (name) => {
    return [nameOf(name), JSON.parse(await readFile(join(folder, name), 'utf8'))] as const;
  });
  return new Map(await Promise.all(entries));
}

/** One property a line, so that a change is seen in a review. */
export async function writePlan(folder: string, name: string, plan: PlanDocument): Promise<void> {
  const file = join(folder, fileOf(name));
  makeFolder(dirname(file));
  await writeFile(file, `${JSON.stringify(plan, null, 1)}\n`);
}

function fileOf(name: string): string {
  return `${encodeURIComponent(name)}.json`;
}

function nameOf(file: string): string {
  return decodeURIComponent(file.slice(0, -'.json'.length));
}
