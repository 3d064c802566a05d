import { UsageError } from '../Command.ts';
import { parseOptions } from '../readOptions.ts';

export interface FolderArgs {
  readonly folder: string | undefined;
  readonly flags: ReadonlySet<string>;
}

/** `[folder] [--flag]...` */
export function readFolder(args: readonly string[], names: readonly string[]): FolderArgs {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
  const { positionals, values } = parseOptions(args, options, true);
  if (positionals.length > 1) throw new UsageError(`"${positionals[1]}" is one folder too many.`);
  return { folder: positionals[0], flags: new Set(Object.keys(values)) };
}
