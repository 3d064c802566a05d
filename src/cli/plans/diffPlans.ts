import { diffArrays } from 'diff';
import type { PlanDocument } from '../../plan/PlanDocument.ts';
import { printPlan } from '../../plan/printPlan.ts';
import { verifyDocument } from '../../plan/verifyDocument.ts';
import type { Command } from '../Command.ts';
import { readOptions } from '../readOptions.ts';
import { loadSchema } from './loadSchema.ts';
import { readPlans } from './planFiles.ts';
import { isPlan, planOperations } from './planOperations.ts';
import { readOperations } from './readOperations.ts';

/** Prints how the plans of a folder differ from those that would be made now. */
export const diffPlans: Command = {
  words: ['plans', 'diff'],
  usage:
    '--schema <module> --operations <folder> --plans <folder>   shows how plans made now differ; exit code 1 if any',

  async run(args, print) {
    const {
      schema: path,
      operations: folder,
      plans,
    } = readOptions(args, { required: ['schema', 'operations', 'plans'] });
    const schema = await loadSchema(path);
    const kept = await readPlans(plans);
    const made = planOperations(schema, await readOperations(folder, schema));
    let different = 0;
    for (const name of [...new Set([...kept.keys(), ...made.keys()])].sort()) {
      const lines = differences(kept.get(name), made.get(name));
      if (lines.length === 0) continue;
      different++;
      print(`${name}:`);
      for (const line of lines) print(`  ${line}`);
    }
    print(different === 0 ? 'All plans are as they would be made now.' : `${different} differ.`);
    return different === 0 ? 0 : 1;
  },
};

function differences(kept: unknown, made: PlanDocument | readonly string[] | undefined): readonly string[] {
  if (made === undefined) return ['its operation is gone'];
  if (!isPlan(made)) return made;
  if (kept === undefined) return ['has no plan yet'];
  if (verifyDocument(kept).length > 0) return verifyDocument(kept);
  const before = kept as PlanDocument;
  if (before.hash === made.hash) return [];
  const lines = [
    ...diffLines(before.document.split('\n'), made.document.split('\n')),
    ...diffLines(printPlan(before).split('\n'), printPlan(made).split('\n')),
    ...diffLines(definitionLines(before), definitionLines(made)),
  ];
  // Something that is not shown to people: which field of the document, an op's version.
  return lines.length === 0 ? ['differs in details'] : lines;
}

/** The lines to take away (`- `) and to add (`+ `). */
function diffLines(before: readonly string[], after: readonly string[]): string[] {
  return diffArrays([...before], [...after])
    .filter(({ added, removed }) => added || removed)
    .flatMap(({ added, value }) => value.map((line) => `${added ? '+' : '-'} ${line}`));
}

function definitionLines({ definitions, ops }: PlanDocument): string[] {
  const versions = Object.entries(ops).filter(([, version]) => version !== 1);
  return [...Object.entries(definitions), ...versions].map(([name, value]) => `${name} ${value}`).sort();
}
