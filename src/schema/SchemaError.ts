import { PlanqlError } from '../errors/PlanqlError.ts';

/** One mistake in a schema or its configuration. */
export interface SchemaProblem {
  /** Where it is: `User.name`, `Query.user(id:)`, `Color.RED`; `null` where only the message can say. */
  readonly coordinate: string | null;
  readonly message: string;
}

/** The error of `makeSchema` for a schema that cannot be made. It lists all problems, not only the first. */
export class SchemaError extends PlanqlError<'INVALID_SCHEMA'> {
  /** All problems, each with its place and code. */
  readonly problems: readonly SchemaProblem[];

  constructor(problems: readonly SchemaProblem[]) {
    super('INVALID_SCHEMA', describe(problems));
    this.problems = problems;
  }
}

/** Gathers problems, so that all of them can be told at once. */
export class SchemaProblems {
  readonly #found: SchemaProblem[] = [];

  add(coordinate: string | null, message: string): void {
    this.#found.push({ coordinate, message });
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new SchemaError(this.#found);
  }
}

function describe(problems: readonly SchemaProblem[]): string {
  const lines = problems.map(({ coordinate, message }) =>
    coordinate === null ? message : `${coordinate}: ${message}`,
  );
  return lines.length === 1
    ? `The schema has a problem. ${lines[0]}`
    : `The schema has ${lines.length} problems:\n${lines.map((line) => `- ${line}`).join('\n')}`;
}
