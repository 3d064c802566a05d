import { parseArgs } from 'node:util';
import { UsageError } from './Command.ts';

/** `--name value` for each of the names, all of which must be there. */
export function readOptions<TName extends string>(
  args: readonly string[],
  names: readonly TName[],
): Readonly<Record<TName, string>> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const values = parsed(args, options);
  const missing = names.filter((name) => values[name] === undefined);
  if (missing.length > 0) throw new UsageError(`Missing: ${missing.map((name) => `--${name}`).join(', ')}.`);
  return values as Record<TName, string>;
}

function parsed(args: readonly string[], options: Record<string, { type: 'string' }>): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
