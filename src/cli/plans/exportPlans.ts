import type { Command } from '../Command.ts';
import { readOptions } from '../readOptions.ts';
import { loadSchema } from './loadSchema.ts';
import { writePlan } from './planFiles.ts';
import { isPlan, planOperations } from './planOperations.ts';
import { readOperations } from './readOperations.ts';

/** Plans all operations of a folder and writes the plans to another. */
export const exportPlans: Command = {
  words: ['plans', 'export'],
  usage: '--schema <module> --operations <folder> --plans <folder>   plans each .graphql file and writes its plan',

  async run(args, print) {
    const {
      schema: path,
      operations: folder,
      plans,
    } = readOptions(args, { required: ['schema', 'operations', 'plans'] });
    const schema = await loadSchema(path);
    let failed = 0;
    for (const [name, planned] of planOperations(schema, await readOperations(folder, schema))) {
      if (isPlan(planned)) {
        await writePlan(plans, name, planned);
        print(`${name}: ${planned.steps.length} steps, ${planned.hash}`);
      } else {
        failed++;
        for (const problem of planned) print(`${name}: ${problem}`);
      }
    }
    return failed === 0 ? 0 : 1;
  },
};
