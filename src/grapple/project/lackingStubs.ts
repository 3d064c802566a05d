import { join } from 'node:path';
import { conflictIn } from '../parse/conflictMarkers.ts';
import type { Hole } from '../print/printStub.ts';
import { indent } from '../print/source.ts';
import { readIfThere } from './readProject.ts';

/** The members that a hand-written file lacks, with text to paste into it. */
export interface Lacking {
  readonly path: string;
  readonly text: string;
}

/**
 * The members that the hand-written classes of a project lack, by their text. A class that extends more than its
 * generated base is not looked at: starting the application tells for sure.
 */
export function lackingStubs(folder: string, holes: readonly Hole[]): readonly Lacking[] {
  const owners = [...new Set(holes.map(({ owner }) => owner))];
  return owners.flatMap((owner): readonly Lacking[] => {
    const path = `pents/${owner}.ts`;
    const text = withoutComments(readIfThere(join(folder, path)) ?? '');
    if (!new RegExp(`\\bclass\\s+${owner}\\s+(extends\\s+${owner}Base\\s*)?\\{`).test(text)) return [];
    const missing = holes.filter((hole) => hole.owner === owner && !hasMember(text, hole.name.replace(/^.*\./, '')));
    if (missing.length === 0) return [];
    const names = missing.map(({ name }) => `${owner}.${name}`).join(', ');
    const stubs = indent(missing.map(({ stub }) => stub).join('\n\n'));
    const told = `${path} lacks ${names}. Paste this into class ${owner}, and fill it in:\n\n${stubs}\n`;
    return [{ path, text: told }];
  });
}

/** The files that a merge has left with the lines of both branches: no program can read them. */
export function openConflicts(folder: string, paths: Iterable<string>): readonly Lacking[] {
  return [...paths].flatMap((path) => {
    const line = conflictIn(readIfThere(join(folder, path)) ?? '');
    return line === null ? [] : [{ path, text: `${path}:${line} has a conflict of git. Resolve the merge there.` }];
  });
}

/** Whether something in a class looks like a member of that name. */
function hasMember(text: string, name: string): boolean {
  return new RegExp(`(^|[\\s{};])['"[\`]*${name}['"\\]\`]*\\s*[(<=:?!]`).test(text);
}

/** Comment marks in strings are no comments. */
function withoutComments(text: string): string {
  return text.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\*[\s\S]*?\*\/|\/\/.*/g, (found) =>
    found.startsWith('/') ? ' ' : found,
  );
}
