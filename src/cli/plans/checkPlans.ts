import { importProblems } from '../../engine/importPlan.ts';
import type { PlanDocument } from '../../plan/PlanDocument.ts';
import { appendAll } from '../../utils/appendAll.ts';
import type { Command } from '../Command.ts';
import { readOptions } from '../readOptions.ts';
import { brokenFields } from './brokenFields.ts';
import { loadSchema } from './loadSchema.ts';
import { readPlans } from './planFiles.ts';

/** Checks for each plan of a folder whether it could be imported. */
export const checkPlans: Command = {
  words: ['plans', 'check'],
  usage: '--schema <module> --plans <folder>   says of each plan why it could not be imported; exit code 1 if any',

  async run(args, print) {
    const { schema: path, plans } = readOptions(args, { required: ['schema', 'plans'] });
    const schema = await loadSchema(path);
    let refused = 0;
    const all = await readPlans(plans);
    for (const [name, plan] of all) {
      const problems = [...importProblems(schema, plan)];
      if (problems.length === 0) appendAll(problems, brokenFields(plan as PlanDocument));
      if (problems.length > 0) refused++;
      for (const problem of problems) print(`${name}: ${problem}`);
    }
    print(`${all.size - refused} of ${all.size} plans can be imported.`);
    return refused === 0 ? 0 : 1;
  },
};
