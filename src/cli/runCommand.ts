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
): Promise<number> {
  const command = program.commands.find(({ words }) => words.every((word, index) => args[index] === word));
  if (command === undefined) {
    print(usageOf(program));
    return args.length === 0 || args.includes('--help') ? 0 : 2;
  }
  const given = args.slice(command.words.length);
  if (given.includes('--help')) {
    print(lineOf(program, command));
    return 0;
  }
  try {
    return await command.run(given, print);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    if (!(error instanceof UsageError)) return 1;
    print(lineOf(program, command));
    return 2;
  }
}

function usageOf(program: Program): string {
  return ['Usage:', ...program.commands.map((command) => lineOf(program, command))].join('\n');
}

function lineOf({ name }: Program, { words, usage }: Command): string {
  return `  ${[name, ...words].join(' ')} ${usage}`;
}
