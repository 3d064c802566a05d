/**
 * How long the first import of planql takes beside graphql's, in fresh processes that take turns: `npm run build`, then
 * `node --import tsx bench/importTime.ts`. Prints milliseconds of CPU, the least and the median of 20.
 */
import { execFileSync } from 'node:child_process';
import { repositoryRoot } from '../test/support/repository.ts';

const PROCESSES = 20;
const contenders: ReadonlyArray<readonly [name: string, before: string, measured: string]> = [
  ['graphql', '', "await import('graphql')"],
  ['planql', "await import('graphql')", "await import('planql')"],
  ['planql/execute', "await import('graphql')", "await import('planql/execute')"],
];
const times = new Map<string, number[]>(contenders.map(([name]) => [name, []]));
for (let turn = 0; turn < PROCESSES; turn++) {
  for (const [name, before, measured] of contenders) times.get(name)?.push(cpuOf(before, measured));
}
for (const [name, values] of times) {
  values.sort((a, b) => a - b);
  console.log(`${name}: ${values[0]?.toFixed(1)} ms, median ${values[PROCESSES / 2]?.toFixed(1)}`);
}

/** The package imports itself by its name, as its users do. */
function cpuOf(before: string, measured: string): number {
  const code = `${before};
    const start = process.cpuUsage();
    ${measured};
    const { user, system } = process.cpuUsage(start);
    console.log((user + system) / 1000);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: repositoryRoot }));
}
