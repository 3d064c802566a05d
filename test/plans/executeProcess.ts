// A process that has never seen a planner: reads plan documents from standard input, and answers each.
import { readFileSync } from 'node:fs';
import { createExecutor } from '../../src/execute.ts';
import { planned, request, schema } from './library.ts';

const executor = createExecutor({ schema });
const answers = [];
for (const plan of JSON.parse(readFileSync(0, 'utf8')) as unknown[]) {
  answers.push(await executor.importPlan(plan).execute(request));
}
console.log(JSON.stringify({ answers, planned: planned.count }));
