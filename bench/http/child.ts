/** A process of the HTTP bench: serves a workload, and tells its CPU time when asked. See run.ts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { workloadNamed } from '../workloads/index.ts';
import { servers } from './servers.ts';

/** What the process is told. */
export type Order = 'begin' | 'end';

/** What it tells: where it listens, and what it used between `begin` and `end`. */
export interface Listening {
  readonly port: number;
}
export interface Used {
  readonly cpuMicros: number;
  /** How late the event loop was, 99th percentile, in milliseconds. */
  readonly lateMs: number;
}

const { server: name, workload: of } = JSON.parse(process.argv[2] as string) as { server: string; workload: string };
const served = servers[name];
if (served === undefined) throw new Error(`There is no server "${name}".`);
const workload = workloadNamed(of);
const server = createServer(await served.start(workload, await workload.makeStore()));
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));

let before: NodeJS.CpuUsage = process.cpuUsage();
let delays: IntervalHistogram | null = null;
process.on('message', (order: Order) => {
  if (order === 'begin') {
    delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    before = process.cpuUsage();
    return;
  }
  const { user, system } = process.cpuUsage(before);
  tell({ cpuMicros: user + system, lateMs: (delays?.percentile(99) ?? Number.NaN) / 1e6 });
});
process.on('disconnect', () => process.exit());

function tell(message: Listening | Used): void {
  process.send?.(message);
}
