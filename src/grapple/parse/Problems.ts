import { type ASTNode, type GraphQLError, getLocation, type Source } from 'graphql';

// No interface: it is not exported from the package, and declarations that users emit spell out aliases only.
/** One mistake in a schema file. */
export type Problem = {
  /** The file, as it was given. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;
  /** A sentence that names the place, the mistake and the remedy. */
  readonly message: string;
};

/** Collects the mistakes of a schema, each with its place. */
export class Problems {
  readonly #problems: Problem[] = [];

  /** A mistake at a node of a document. */
  at(node: ASTNode, message: string): void {
    if (node.loc === undefined) this.#problems.push({ file: 'schema.graphql', line: 1, column: 1, message });
    else this.#add(node.loc.source, node.loc.start, message);
  }

  /** An error of graphql-js, with a hint of ours. */
  error({ source, positions, message: found, nodes }: GraphQLError, hint = ''): void {
    const message = `${found}${hint}`;
    const node = nodes?.[0];
    if (node?.loc !== undefined) this.at(node, message);
    else if (source !== undefined && positions?.[0] !== undefined) this.#add(source, positions[0], message);
    else this.#problems.push({ file: source?.name ?? 'schema.graphql', line: 1, column: 1, message });
  }

  inFile(file: string, message: string): void {
    this.#problems.push({ file, line: 1, column: 1, message });
  }

  /** In the order of the files. */
  get list(): readonly Problem[] {
    return [...this.#problems].sort(
      (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
    );
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  #add(source: Source, position: number, message: string): void {
    const { line, column } = getLocation(source, position);
    // Several checks may look at one thing.
    if (this.#problems.some((other) => isSame(other, { file: source.name, line, column, message }))) return;
    this.#problems.push({ file: source.name, line, column, message });
  }
}

/** `schema.graphql:3:5 - message`, which editors make a link of. */
export function printProblem({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column} - ${message}`;
}

function isSame(a: Problem, b: Problem): boolean {
  return a.line === b.line && a.column === b.column && a.message === b.message && a.file === b.file;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
