/**
 * The bench of planql/reactive: npm run bench:reactive [-- --only cost,…]. See ../README.md.
 */
import { parseArgs } from 'node:util';
import { circumstances } from '../circumstances.ts';
import { cost } from './cost.ts';
import { inspector } from './inspector.ts';
import { lag } from './lag.ts';
import { live } from './live.ts';
import { refetch } from './refetch.ts';
import { sockets } from './sockets.ts';

const parts: Readonly<Record<string, () => Promise<Record<string, number | string>>>> = {
  cost,
  inspector,
  lag,
  live,
  refetch,
  sockets,
};

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
