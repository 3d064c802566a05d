/**
 * The bench of planql/reactive: npm run bench:reactive [-- --only cost,…]. See ../README.md. Whatever is measured is a bundle:
 * tsx keeps the names of functions, at a price for each closure.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances, repository } from '../circumstances.ts';
import { bundleChild, runTask } from '../runTask.ts';
import { inspector } from './inspector.ts';
import { shapes } from './shapes.ts';
import { sockets } from './sockets.ts';

type Figures = Record<string, number | string>;

const PATIENCE = 600_000;

const parts: Readonly<Record<string, () => Promise<Figures>>> = {
  cost: () => bundled('cost'),
  inspector: () => withServer('inspectedServer', inspector),
  lag: () => bundled('lag'),
  live: () => bundled('live'),
  refetch: () => bundled('refetch'),
  shapes, // counts alone
  sockets: () => withServer('socketServer', sockets),
};

async function bundled(part: string): Promise<Figures> {
  const bundle = await bundleChild(join(repository, 'src'), 'bench/reactive/part.ts');
  const outcome = await runTask<string, Figures>(bundle, part, PATIENCE).finally(bundle.remove);
  if (outcome.kind === 'failed') throw new Error(`The part "${part}" failed: ${outcome.reason}`);
  return outcome;
}

async function withServer(server: string, measure: (entry: string) => Promise<Figures>): Promise<Figures> {
  const bundle = await bundleChild(join(repository, 'src'), `bench/reactive/${server}.ts`);
  return measure(bundle.entry).finally(bundle.remove);
}

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = values.only?.split(',') ?? Object.keys(parts);
const unknown = chosen.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  console.error(`No part "${unknown[0]}". There are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const { machine, node, revision } = circumstances();
console.log(`${machine}, Node ${node}, ${revision}`);
for (const name of chosen) {
  console.log(`\n${name}`);
  for (const [what, figure] of Object.entries((await parts[name]?.()) ?? {})) console.log(`  ${what}: ${figure}`);
}
