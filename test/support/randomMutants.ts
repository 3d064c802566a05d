import { Random } from '../fuzz/Random.ts';
import type { Mutant } from './MutantTree.ts';
import { readSource, sourceFilesIn } from './repository.ts';

/** What a line may say, and what is wrong in its place. */
const swaps: ReadonlyArray<readonly [RegExp, string]> = [
  [/ === /, ' !== '],
  [/ !== /, ' === '],
  [/ < /, ' <= '],
  [/ >= /, ' > '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/ \+ 1\b/, ''],
  [/ - 1\b/, ''],
  [/\btrue\b/, 'false'],
  [/\bfalse\b/, 'true'],
  [/\bcontinue;/, ''],
  [/^( +)return;$/, '$1;'],
  [/\?\? /, '&& '],
  // A call or an assignment that is a line of its own.
  [/^( +)(?:this|[a-z])[\w.#?]*\(.*\);$/, '$1;'],
  [/^( +)this\.[\w.#]+ = .*;$/, '$1;'],
];

/** Some mutants of the files under a folder, by chance. */
export function randomMutants(folder: string, count: number, seed: number): readonly Mutant[] {
  const all = sourceFilesIn(folder).flatMap(mutantsOf);
  const random = new Random(seed);
  const chosen: Mutant[] = [];
  while (chosen.length < count && all.length > 0) chosen.push(...all.splice(random.below(all.length), 1));
  return chosen;
}

function mutantsOf(file: string): readonly Mutant[] {
  const source = readSource(file);
  const lines = source.split('\n');
  return lines
    .filter((line) => !/^(?:import|export type|\s*(?:\/\/|\/?\*|readonly |declare |private |static ))/.test(line))
    .filter((line) => line.trim() !== '' && source.split(`\n${line}\n`).length === 2)
    .flatMap((line) =>
      swaps
        .filter(([from]) => from.test(line))
        .map(([from, to]) => ({ file, text: `\n${line}\n`, instead: `\n${line.replace(from, to)}\n` })),
    );
}
