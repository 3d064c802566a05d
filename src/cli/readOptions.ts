import { type ParseArgsConfig, parseArgs } from 'node:util';
import { errorOf } from '../errors/errorOf.ts';
import { UsageError } from './Command.ts';

/** The options of a command: required ones, optional ones, and those without a value. */
export interface OptionNames<TName extends string, TOptional extends string, TFlag extends string> {
  readonly required: readonly TName[];
  readonly optional?: readonly TOptional[];
  readonly flags?: readonly TFlag[];
}

export type Options<TName extends string, TOptional extends string, TFlag extends string> = Readonly<
  Record<TName, string> & Partial<Record<TOptional, string>> & Partial<Record<TFlag, boolean>>
>;

/** `--name value` for each of the names, and `--flag`. */
export function readOptions<TName extends string, TOptional extends string = never, TFlag extends string = never>(
  args: readonly string[],
  { required, optional = [], flags = [] }: OptionNames<TName, TOptional, TFlag>,
): Options<TName, TOptional, TFlag> {
  const { values } = parseOptions(args, {
    ...Object.fromEntries([...required, ...optional].map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }])),
  });
  const missing = required.filter((name) => values[name] === undefined);
  if (missing.length > 0) throw new UsageError(`Missing: ${missing.map((name) => `--${name}`).join(', ')}.`);
  return values as Options<TName, TOptional, TFlag>;
}

type Parsed = Pick<ReturnType<typeof parseArgs>, 'values' | 'positionals'>;

/** The arguments of any command: only these options, and nothing else unless positionals are allowed. */
export function parseOptions(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  allowPositionals = false,
): Parsed {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    throw new UsageError(errorOf(error).message);
  }
}
