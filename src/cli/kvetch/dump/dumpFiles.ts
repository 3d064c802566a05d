import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShardSpan } from '../../../kvetch/shards/ShardStore.ts';
import { hasCode } from '../../../utils/hasCode.ts';
import { UsageError } from '../../Command.ts';
import { makeFolder } from '../../makeFolder.ts';

/** The content of an export's `export.json`. */
export interface Manifest {
  readonly format: 1;
  readonly logicalShards: number;
  /** So many shards a file. */
  readonly part: number;
  readonly begunAt: string;
}

/** The last line of a file: without it the file was not finished. */
interface End {
  readonly kind: 'end';
  readonly lines: number;
  /** Of all lines before, with their line breaks. */
  readonly sha256: string;
}

const MANIFEST = 'export.json';

/** The shards and the name of each file of an export. */
export function filesOf({ part, logicalShards }: Manifest): ReadonlyArray<readonly [shards: ShardSpan, name: string]> {
  return Array.from({ length: Math.ceil(logicalShards / part) }, (_, at) => {
    const shards = [at * part, Math.min(logicalShards, (at + 1) * part) - 1] as const;
    return [shards, fileName(...shards)];
  });
}

function fileName(from: number, to: number): string {
  return `shards-${String(from).padStart(4, '0')}-${String(to).padStart(4, '0')}.ndjson`;
}

/** The manifest of a folder; `null` where there is none. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const path = join(folder, MANIFEST);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (hasCode(cause, 'ENOENT')) return null;
    throw new Error(`"${path}" cannot be read.`, { cause });
  });
  if (text === null) return null;
  const manifest = parsed(text) as Manifest | null;
  if (manifest?.format === 1 && Number.isInteger(manifest.part) && manifest.part > 0) return manifest;
  throw new UsageError(`"${path}" is no manifest that this version reads.`);
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new Error(`The folder "${folder}" cannot be made.`, { cause });
  }
  await writeWhole(join(folder, MANIFEST), (write) => write(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** The file names in the folder of an export. */
export async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new UsageError(`The folder "${folder}" cannot be read.`, { cause });
  });
  return new Set(names);
}

/** Writes the lines of a file, and its last one. */
export function writeDump(
  path: string,
  fill: (write: (lines: readonly string[]) => Promise<void>) => Promise<number>,
): Promise<number> {
  return writeWhole(path, async (write) => {
    const hash = createHash('sha256');
    const lines = await fill(async (some) => {
      const text = `${some.join('\n')}\n`;
      hash.update(text);
      await write(text);
    });
    const end: End = { kind: 'end', lines, sha256: hash.digest('hex') };
    await write(`${JSON.stringify(end)}\n`);
    return lines;
  });
}

/** Writes a file under another name, and gives it its own when it is whole and on the disk. */
async function writeWhole<T>(path: string, fill: (write: (text: string) => Promise<void>) => Promise<T>): Promise<T> {
  const partial = `${path}.partial`;
  const at = (cause: unknown): never => {
    throw new Error(`"${partial}" cannot be written.`, { cause });
  };
  await rm(partial, { force: true }).catch(at);
  const file: FileHandle = await open(partial, 'wx').catch(at); // no link is followed, and no pipe waited for
  try {
    const result = await fill((text) => file.writeFile(text).catch(at));
    await file.sync().catch(at);
    await file.close().catch(at);
    await rename(partial, path).catch(at);
    return result;
  } catch (error) {
    // the first error is the one to report
    await file.close().catch(() => {});
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Reads the file of some shards once to see that it is whole: the number of its lines, or its problem. */
export async function checkDump(path: string, [from, to]: ShardSpan): Promise<number | string> {
  const hash = createHash('sha256');
  let lines = 0;
  let strange: string | null = null;
  let last: string | null = null;
  for await (const line of linesOf(path)) {
    if (last !== null) {
      hash.update(`${last}\n`);
      lines++;
      const shard = shardOf(last);
      if (!(shard >= from && shard <= to)) strange ??= `line ${lines} is of shard ${shard}, which another file has`;
    }
    last = line;
  }
  const end = parsed(last ?? '') as End | null;
  if (end === null) return 'it ends in the middle of a line';
  if (end.kind !== 'end') return 'its last line is missing';
  if (end.lines !== lines) return `it has ${lines} lines and should have ${end.lines}`;
  return end.sha256 === hash.digest('hex') ? (strange ?? lines) : 'its checksum is wrong';
}

/** A row has its shard before all that users have written, in which a quote would be escaped. */
function shardOf(line: string): number {
  return Number(/"shard":(\d+)/.exec(line)?.[1]);
}

/** The lines of a file in groups, less its last one. */
export async function* readDump(path: string, size: number): AsyncGenerator<readonly string[]> {
  let group: string[] = [];
  let last: string | null = null;
  for await (const line of linesOf(path)) {
    if (last !== null) group.push(last);
    last = line;
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Lines end with a line feed and nothing else: texts may hold other characters that end lines elsewhere. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, 'utf8')) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    throw new Error(`"${path}" cannot be read.`, { cause });
  }
  if (rest !== '') yield rest;
}
