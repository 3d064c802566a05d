import { parseArgs } from 'node:util';
import { errorOf } from '../../errors/errorOf.ts';
import { UsageError } from '../Command.ts';

export interface FolderArgs {
  readonly folder: string | undefined;
  readonly flags: ReadonlySet<string>;
}

/** `[folder] [--flag]...` */
export function readFolder(args: readonly string[], names: readonly string[]): FolderArgs {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length > 1) throw new UsageError(`"${positionals[1]}" is one folder too many.`);
    return { folder: positionals[0], flags: new Set(Object.keys(values)) };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(errorOf(error).message);
  }
}
