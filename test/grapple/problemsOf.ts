import { generate } from '../../src/grapple/generate.ts';
import { printProblem } from '../../src/grapple/parse/Problems.ts';

/** What is wrong with a schema, as the program prints it. */
export function problemsOf(sdl: string): readonly string[] {
  const generated = generate([{ name: 's.graphql', text: sdl }]);
  return generated.problems.map((problem) => printProblem(problem).replace(/^s\.graphql:/, ''));
}
