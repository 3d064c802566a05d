/**
 * How much memory one response of 500,000 leaves needs at its peak, over what the process held before: the heap, and
 * buffers outside of it. Each contender has a process of its own.
 *
 *   npm run bench:memory [-- contender …]
 */
import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GCProfiler } from 'node:v8';
import { parse } from 'graphql';
import { contenderNamed } from './contenders/index.ts';
import type { Workload } from './Workload.ts';
import { flatOf } from './workloads/flat.ts';
import { friendsOf } from './workloads/friends.ts';

const COMPARED = ['hand-bytes', 'hand-objects', 'planql', 'planql-objects', 'jit', 'dataloader', 'grafast-objects'];
const WORKLOADS = [flatOf('flat', 50_000), friendsOf('friends', 8_000)];
const MEBI = 1024 * 1024;

async function peakOf(name: string, workload: Workload): Promise<string> {
  const contender = await contenderNamed(name);
  const answer = contender.prepare(workload, await workload.makeStore());
  if (answer === null) throw new Error(`${name} does not answer.`);
  const document = parse(workload.document(0));
  await answer.meet?.(document, {});
  for (let time = 0; time < 3; time++) await answer(document, {}); // planned and compiled after that
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await setTimeout(100); // memory of buffers is given back beside the main thread
  }
  const profiler = new GCProfiler();
  const before = inUse();
  profiler.start();
  const response = await answer(document, {});
  const after = inUse();
  const { statistics } = profiler.stop();
  const used = statistics.map(({ beforeGC }) => beforeGC.heapStatistics);
  const peak = Math.max(after, ...used.map(({ usedHeapSize, externalMemory }) => usedHeapSize + externalMemory));
  const size = typeof response === 'string' ? Buffer.byteLength(response) : response.byteLength;
  return `| ${workload.title} | ${contender.title} | ${inMebi(size)} | ${inMebi(peak - before)} | ${((peak - before) / size).toFixed(1)} |`;
}

function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function inMebi(bytes: number): string {
  return (bytes / MEBI).toFixed(1);
}

const CHILD = '--child';
const [first, ...others] = process.argv.slice(2);
if (first === CHILD) {
  for (const workload of WORKLOADS) {
    if (workload.name === others[1]) console.log(await peakOf(others[0] as string, workload));
  }
} else {
  console.log('| | | response, MiB | peak, MiB | peak / response |\n|---|---|--:|--:|--:|');
  for (const { name: workload } of WORKLOADS) {
    for (const name of first === undefined ? COMPARED : [first, ...others]) {
      const args = ['--expose-gc', '--import', 'tsx', fileURLToPath(import.meta.url), CHILD, name, workload];
      process.stdout.write(
        execFileSync(process.execPath, args, { env: { ...process.env, GRAPHILE_ENV: 'production' } }),
      );
    }
  }
}
