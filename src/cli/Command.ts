/** One command of a program: `planql plans export`. */
export interface Command {
  /** What it is called by, after the program's name. */
  readonly words: readonly string[];
  /** Its arguments and what it does, for people. */
  readonly usage: string;
  /** Returns the exit code. Throws a `UsageError` when it was called wrongly. */
  run(args: readonly string[], print: (line: string) => void): Promise<number>;
}

/** How a command was called is wrong: its message says what, and the usage follows. */
export class UsageError extends Error {}
