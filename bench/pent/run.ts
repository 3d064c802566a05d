/**
 * What Pent costs: the todo view by pents and by hand-written plans, and async reads of 1,000 objects, as ratios of CPU
 * time. One process each, bundled, taken alternately; the median of the rounds.
 *
 *   npm run bench:pent [-- rounds]
 */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../circumstances.ts';
import { bundleChild } from '../runTask.ts';

const rounds = Number(process.argv[2] ?? 5);
const bundle = await bundleChild(join(repository, 'src'), 'bench/pent/child.ts');
// The generated plans read it beside them.
cpSync(join(repository, 'examples/todo/generated/schema.graphql'), join(dirname(bundle.entry), 'schema.graphql'));

function cpu(task: string): number {
  return Number(execFileSync(process.execPath, [bundle.entry, task], { encoding: 'utf8' }));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

for (const [ours, theirs] of [
  ['view by pents', 'view by plans'],
  ['objects by pents', 'objects by kvetch'],
  ['shuffled objects by pents', 'shuffled objects by kvetch'],
  // A rule of one attribute, and one that loads an object for each.
  ['objects by pents with a rule', 'objects by pents'],
  ['objects by pents with a rule that loads', 'objects by pents'],
  // A thousand values of a field that only computes.
  ['a field by a method', 'a field by lambda'],
  ['a field by a method', 'a field that is stored'],
  // What Pent adds to a store that asks for each id once a request.
  ['objects by pents', 'objects by kvetch.forRequest'],
] as const) {
  const pairs = Array.from({ length: rounds }, () => [cpu(ours), cpu(theirs)] as const);
  const ratio = median(pairs.map(([a, b]) => a / b));
  const micros = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))].map((value) => value.toFixed(1));
  console.log(`${ours} / ${theirs}: ${ratio.toFixed(2)} (${micros.join(' / ')} µs, ${rounds} rounds)`);
}
bundle.remove();
