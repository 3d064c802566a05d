/** One command of a program: `planql plans export`. */
export interface Command {
  /** Its name, after the program's. */
  readonly words: readonly string[];
  /** Its arguments and its effect, for people. */
  readonly usage: string;
  /** Returns the exit code. Throws a `UsageError` when it was called wrongly. */
  run(args: readonly string[], print: (line: string) => void): Promise<number>;
}

/** A command was called in a wrong way: the message names the mistake, and the usage follows. */
export class UsageError extends Error {}
