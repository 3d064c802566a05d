import { parse } from 'graphql';
import type { Command } from '../Command.ts';
import { readOptions } from '../readOptions.ts';
import { loadSchema } from './loadSchema.ts';
import { writePlan } from './planFiles.ts';
import { isPlan, planOperations } from './planOperations.ts';
import { readOperations } from './readOperations.ts';
import { writeDocuments } from './writeDocuments.ts';

/** Plans all operations of a folder and writes the plans to another. */
export const exportPlans: Command = {
  words: ['plans', 'export'],
  usage:
    '--schema <module> --operations <folder> --plans <folder> [--documents <file>]   plans each .graphql file and writes its plan; with --documents also the texts by id, for fileDocumentStore',

  async run(args, print) {
    const {
      schema: path,
      operations: folder,
      plans,
      documents,
    } = readOptions(args, { required: ['schema', 'operations', 'plans'], optional: ['documents'] });
    const schema = await loadSchema(path);
    let failed = 0;
    const read = await readOperations(folder, schema);
    // Plans are found by the text that was planned: that of the documents which are written with them.
    const all = documents === undefined ? read : read.map((one) => ({ ...one, document: parse(one.text) }));
    for (const [name, planned] of planOperations(schema, all)) {
      if (isPlan(planned)) {
        await writePlan(plans, name, planned);
        print(`${name}: ${planned.steps.length} steps, ${planned.hash}`);
      } else {
        failed++;
        for (const problem of planned) print(`${name}: ${problem}`);
      }
    }
    if (documents !== undefined && failed === 0) {
      print(`${await writeDocuments(documents, all)} documents in ${documents}`);
    }
    return failed === 0 ? 0 : 1;
  },
};
