import { dataLoaderProgram } from './dataLoaderProgram.ts';
import { handAheadProgram, handProgram } from './handProgram.ts';
import { joinProgram } from './joinProgram.ts';
import type { ProgramKind } from './Program.ts';
import { planqlProgram } from './planqlProgram.ts';

/** The first is what all are compared with. */
export const programs: readonly ProgramKind[] = [
  handProgram,
  handAheadProgram,
  planqlProgram,
  dataLoaderProgram,
  joinProgram,
];

export function programNamed(name: string): ProgramKind {
  const program = programs.find((one) => one.name === name);
  if (program === undefined) throw new Error(`There is no program ${JSON.stringify(name)}.`);
  return program;
}
