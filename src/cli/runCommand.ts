import { errorOf } from '../errors/errorOf.ts';
import { didYouMean } from '../utils/didYouMean.ts';
import { withCauses } from '../utils/withCauses.ts';
import { type Command, UsageError } from './Command.ts';

export interface Program {
  readonly name: string;
  readonly commands: readonly Command[];
}

/** Runs the command that the arguments name. Returns the exit code: 0 success, 1 found wrong or failed, 2 called wrongly. */
export async function runCommand(
  program: Program,
  args: readonly string[],
  print: (line: string) => void,
  printError: (line: string) => void = print,
): Promise<number> {
  const command = program.commands.find(({ words }) => words.every((word, index) => args[index] === word));
  if (command === undefined) {
    const isAsked = args.length === 0 || args.includes('--help');
    if (!isAsked) printError(unknown(program, args));
    (isAsked ? print : printError)(usageOf(program));
    return isAsked ? 0 : 2;
  }
  const given = args.slice(command.words.length);
  if (given.includes('--help')) {
    print(lineOf(program, command));
    return 0;
  }
  try {
    return await command.run(given, print);
  } catch (error) {
    printError(withCauses(errorOf(error)));
    if (!(error instanceof UsageError)) return 1;
    printError(lineOf(program, command));
    return 2;
  }
}

function unknown({ name, commands }: Program, args: readonly string[]): string {
  const known = commands.map(({ words }) => words.join(' '));
  const length = Math.max(...commands.map(({ words }) => words.length));
  const seen = args
    .filter((arg) => !arg.startsWith('-'))
    .slice(0, length)
    .join(' ');
  return `${name} has no command "${seen}".${didYouMean(seen, known)}`;
}

function usageOf(program: Program): string {
  return ['Usage:', ...program.commands.map((command) => lineOf(program, command))].join('\n');
}

function lineOf({ name }: Program, { words, usage }: Command): string {
  return `  ${[name, ...words].join(' ')} ${usage}`;
}
