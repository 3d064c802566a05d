/**
 * What servers with planql cost end to end: requests over HTTP, a process for each server, clients in this one.
 *
 *   npm run bench:http [-- --help]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances, repository } from '../circumstances.ts';
import { median } from '../median.ts';
import { chosen, optionsOrExit, timeOptions, timesOf, timeUsage } from '../options.ts';
import { markdown } from '../report/table.ts';
import { bundleChild } from '../runTask.ts';
import type { Workload } from '../Workload.ts';
import { workloadNamed } from '../workloads/index.ts';
import type { Listening, Order, Used } from './child.ts';
import { servers } from './servers.ts';

const WORKLOADS = ['todo', 'friends', 'flat'];
const WARM_UP = 2_000;

const usage = `npm run bench:http -- [options]
  --only <workloads>  ${WORKLOADS.join(', ')} (all)
  --servers <names>   ${Object.keys(servers).join(', ')} (all)
  --clients <n>       connections that ask at once (20)
${timeUsage}`;

interface Round extends Used {
  readonly requests: number;
  readonly seconds: number;
  readonly waits: readonly number[];
}

if (process.argv.includes('--help')) console.log(usage);
else await main();

async function main(): Promise<void> {
  const options = optionsOrExit(parse, usage);
  const bundle = await bundleChild(join(repository, 'src'), 'bench/http/child.ts');
  try {
    console.log(`${JSON.stringify(circumstances())}\n`);
    for (const name of options.workloads) {
      const rounds = new Map(options.servers.map((server): [string, Round[]] => [server, []]));
      for (let turn = 0; turn < options.rounds; turn++) {
        for (const [server, measured] of rounds) {
          measured.push(await measure(bundle.entry, server, workloadNamed(name), options));
        }
      }
      print(name, rounds);
    }
  } finally {
    bundle.remove();
  }
}

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...timeOptions,
      only: { type: 'string', default: WORKLOADS.join() },
      servers: { type: 'string', default: Object.keys(servers).join() },
      clients: { type: 'string', default: '20' },
    },
  });
  const clients = Number(values.clients);
  if (!Number.isInteger(clients) || clients < 1) throw new Error('--clients takes a whole number above 0.');
  return {
    ...timesOf(values),
    clients,
    workloads: chosen('workload', values.only, WORKLOADS),
    servers: chosen('server', values.servers, Object.keys(servers)),
  };
}

async function measure(
  entry: string,
  server: string,
  workload: Workload,
  { clients, milliseconds }: { readonly clients: number; readonly milliseconds: number },
): Promise<Round> {
  const child = fork(entry, [JSON.stringify({ server, workload: workload.name })], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  try {
    const { port } = await told<Listening>(child);
    const ask = asker(agent, port, workload);
    const answer = JSON.parse((await ask(0)).toString());
    if (answer.errors !== undefined || answer.data == null) throw new Error(`${server}: ${JSON.stringify(answer)}`);
    // Large answers take long: they are warm after fewer.
    await crowd(ask, clients, performance.now() + 4 * milliseconds, WARM_UP);
    child.send('begin' satisfies Order);
    const began = performance.now();
    const waits = await crowd(ask, clients, began + milliseconds, Number.POSITIVE_INFINITY);
    const seconds = (performance.now() - began) / 1_000;
    child.send('end' satisfies Order);
    return { ...(await told<Used>(child)), requests: waits.length, seconds, waits };
  } finally {
    agent.destroy();
    child.kill('SIGKILL');
  }
}

async function told<T>(child: ChildProcess): Promise<T> {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`A server ended with ${code}.`);
    }),
  ]);
  return message as T;
}

/** Asks until the time is over or all are answered; gives how long each request took. */
async function crowd(
  ask: (turn: number) => Promise<Buffer>,
  clients: number,
  until: number,
  atMost: number,
): Promise<readonly number[]> {
  const waits: number[] = [];
  let turn = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until && turn < atMost) {
      const began = performance.now();
      await ask(turn++);
      waits.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return waits;
}

function asker(agent: Agent, port: number, workload: Workload): (turn: number) => Promise<Buffer> {
  const query = workload.document(0);
  return (turn) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const sent = request({ agent, port, path: '/graphql', method: 'POST', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => resolve(Buffer.concat(chunks)));
      });
      sent.once('error', reject);
      sent.end(JSON.stringify({ query, variables: workload.variables(turn) }));
    });
}

function print(workload: string, rounds: ReadonlyMap<string, readonly Round[]>): void {
  const cpuOf = ({ cpuMicros, requests }: Round): number => cpuMicros / requests;
  const [base] = rounds.values();
  const rows = [...rounds].map(([server, measured]) => {
    const of = (figure: (round: Round, index: number) => number): number => median(measured.map(figure));
    const ratio = of((round, index) => cpuOf(round) / cpuOf(base?.[index] ?? round));
    const p99 = of(({ waits }) => [...waits].sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN);
    return [
      servers[server]?.title ?? server,
      ratio.toFixed(2),
      of(cpuOf).toFixed(0),
      of(({ requests, seconds }) => requests / seconds).toFixed(0),
      p99.toFixed(1),
      of(({ lateMs }) => lateMs).toFixed(1),
    ];
  });
  const head = [workload, 'CPU', 'µs CPU a request', 'requests/s', 'p99, ms', 'event loop late, p99, ms'];
  console.log(`${markdown(head, rows)}\n`);
}
