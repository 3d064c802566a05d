import { setImmediate as turn } from 'node:timers/promises';
import { GCProfiler } from 'node:v8';
import Benchmark from 'benchmark';
import { type DocumentNode, parse } from 'graphql';
import type { Answer } from './contenders/Contender.ts';
import { median } from './median.ts';
import type { Measurement } from './Task.ts';
import type { Workload } from './Workload.ts';

/** Runs an operation some times, and nothing else. */
type Run = (times: number) => Promise<void>;

export interface Subject {
  readonly run: Run;
  /** Operations behind one of `times`: clients, in a crowd. */
  readonly perTime: number;
  /** Makes ready what `run(times)` will use up; what it takes is not counted. Null where nothing is. */
  readonly supply: ((times: number) => void | Promise<void>) | null;
  /** How many `times` one supply is good for. */
  readonly maxTimes: number;
  /** How many `times` it runs at least before the clock is started, if that takes no more than `MOST_WARM_UP`. */
  readonly warmUpTimes: number;
  /** How many bytes all answers in buffers had up to now. */
  readonly answeredBytes: () => number;
}

type Runner = Omit<Subject, 'answeredBytes'>;

const clients = 100;
const MAX_TIMES = 20_000;
/** Milliseconds after which the clock is started, however slow a contender is. */
const MOST_WARM_UP = 4_000;
const MIXED_OPERATIONS = 200;
/**
 * What plans or walks a new document is large code. V8 compiles a part of it after each few hundred documents. The
 * clock is started when that is done, as it is for what is hot.
 */
const FRESH_OPERATIONS = 6_000;
/** Operations until V8 has optimised all that answers one document; on a busy machine its compiler gets little of a core. */
const HOT_OPERATIONS = 20_000;

/** Measures one contender at one workload. `storeCalls` tells how often the store was asked up to now. */
export async function measure(
  workload: Workload,
  answer: Answer,
  storeCalls: () => number,
  milliseconds: number,
): Promise<Measurement> {
  const subject = await subjectOf(workload, answer);
  // Each of many operations has been seen some times before the clock is started, however short the warm-up is.
  if (workload.mode === 'mixed') await subject.run(MIXED_OPERATIONS * 10);
  return measureSubject(subject, storeCalls, milliseconds);
}

/** Warms up, times, and counts: what measuring is, whatever is measured. */
export async function measureSubject(
  subject: Subject,
  storeCalls: () => number,
  milliseconds: number,
): Promise<Measurement> {
  const times = await warmUp(subject, milliseconds * 0.4);
  const callsBefore = storeCalls();
  const timed = await (subject.supply === null ? timeHot : timeFresh)(subject, times, milliseconds);
  const calls = storeCalls() - callsBefore;
  const allocated = await allocation(subject, Math.max(1, times));
  return {
    opsPerSecond: timed.opsPerSecond,
    cpuMicros: timed.cpuMicros,
    allocatedBytes: allocated,
    storeCalls: calls / timed.operations,
  };
}

async function subjectOf(workload: Workload, answer: Answer): Promise<Subject> {
  const tally: Tally = { bytes: 0 };
  return { ...(await runnerOf(workload, answer, tally)), answeredBytes: () => tally.bytes };
}

/** Adds up what answers take outside the heap. */
interface Tally {
  bytes: number;
}

function note(tally: Tally, given: Uint8Array | string): void {
  if (typeof given !== 'string') tally.bytes += given.byteLength;
}

async function runnerOf(workload: Workload, answer: Answer, tally: Tally): Promise<Runner> {
  switch (workload.mode) {
    case 'hot':
      return hotRunner(workload, answer, tally, 1);
    case 'mixed':
      return hotRunner(workload, answer, tally, MIXED_OPERATIONS);
    case 'crowd':
      return crowdRunner(workload, answer, tally);
    case 'fresh':
    case 'freshText':
      return freshRunner(workload, answer, tally);
  }
}

async function hotRunner(workload: Workload, answer: Answer, tally: Tally, operations: number): Promise<Runner> {
  const documents = Array.from({ length: operations }, (_, turn) => parse(workload.document(turn)));
  for (const document of documents) await answer.meet?.(document, workload.variables(0));
  const variables = Array.from({ length: 100 }, (_, turn) => workload.variables(turn));
  let turn = 0;
  return {
    perTime: 1,
    supply: null,
    maxTimes: MAX_TIMES,
    warmUpTimes: HOT_OPERATIONS,
    async run(times) {
      for (let i = 0; i < times; i++, turn++) {
        const document = documents[turn % operations] as DocumentNode;
        note(tally, await answer(document, variables[turn % 100] ?? {}));
      }
    },
  };
}

/** Each of 100 clients asks, and when it has its answer asks again. */
async function crowdRunner(workload: Workload, answer: Answer, tally: Tally): Promise<Runner> {
  const document = parse(workload.document(0));
  await answer.meet?.(document, workload.variables(0));
  async function client(number: number, times: number): Promise<void> {
    const variables = workload.variables(number);
    for (let i = 0; i < times; i++) note(tally, await answer(document, variables));
  }
  return {
    perTime: clients,
    supply: null,
    maxTimes: MAX_TIMES,
    warmUpTimes: HOT_OPERATIONS / clients,
    async run(times) {
      await Promise.all(Array.from({ length: clients }, (_, number) => client(number, times)));
    },
  };
}

function freshRunner(workload: Workload, answer: Answer, tally: Tally): Runner {
  const isParsed = workload.mode === 'fresh';
  let turn = 1000;
  let documents: (DocumentNode | string)[] = [];
  return {
    perTime: 1,
    maxTimes: MAX_TIMES,
    warmUpTimes: FRESH_OPERATIONS,
    async supply(times) {
      documents = [];
      for (let i = 0; i < times; i++) {
        const text = workload.document(turn++);
        const document = parse(text);
        await answer.meet?.(document, workload.variables(i));
        documents.push(isParsed ? document : text);
      }
    },
    async run(times) {
      for (let i = 0; i < times; i++) {
        const document = documents[i] as DocumentNode | string;
        note(tally, await answer(typeof document === 'string' ? parse(document) : document, workload.variables(i)));
      }
    },
  };
}

/** Runs until it is warm: so long, and so many times. Gives how many times take about 10 ms. */
async function warmUp({ run, supply, maxTimes, warmUpTimes }: Subject, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  const latest = end + MOST_WARM_UP;
  let times = 1;
  let done = 0;
  for (let round = 0; round < 3 || performance.now() < (done < warmUpTimes ? latest : end); round++) {
    await supply?.(times);
    const start = performance.now();
    await run(times);
    const took = performance.now() - start;
    await turn();
    done += times;
    if (took < 5) times = Math.min(times * 2, maxTimes);
    else if (took > 20) times = Math.max(1, times >> 1);
  }
  return times;
}

interface Timed {
  readonly opsPerSecond: number;
  readonly cpuMicros: number;
  readonly operations: number;
}

/** Benchmark.js times runs of about 10 ms; CPU time is that of the whole while, over all operations in it. */
async function timeHot({ run, perTime }: Subject, times: number, milliseconds: number): Promise<Timed> {
  let operations = 0;
  const cpuBefore = process.cpuUsage();
  const benchmark = new Benchmark('workload', {
    defer: true,
    minSamples: 3,
    initCount: 1,
    maxTime: milliseconds / 1000,
    fn(deferred: { resolve(): void }) {
      run(times).then(() => {
        operations += times * perTime;
        deferred.resolve();
      }, abort);
    },
  });
  await new Promise<void>((resolve) => {
    benchmark.on('complete', () => resolve());
    benchmark.run({ async: true });
  });
  return {
    opsPerSecond: benchmark.hz * times * perTime,
    cpuMicros: cpuSince(cpuBefore) / operations,
    operations,
  };
}

/** Benchmark.js has no room for making documents outside the clock: the median of runs, and the CPU time in them. */
async function timeFresh({ run, supply }: Subject, times: number, milliseconds: number): Promise<Timed> {
  const rates: number[] = [];
  let cpu = 0;
  for (let spent = 0; spent < milliseconds || rates.length < 3; ) {
    await supply?.(times);
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    await run(times);
    const took = performance.now() - start;
    cpu += cpuSince(cpuBefore);
    rates.push((times * 1000) / took);
    spent += took;
  }
  const operations = rates.length * times;
  return { opsPerSecond: median(rates), cpuMicros: cpu / operations, operations };
}

/**
 * Bytes that an operation allocates: growth of the heap between collections, summed, and the buffers that answers are,
 * which lie outside the heap.
 */
async function allocation({ run, supply, perTime, answeredBytes }: Subject, times: number): Promise<number> {
  await supply?.(times);
  globalThis.gc?.();
  const profiler = new GCProfiler();
  profiler.start();
  const bytesBefore = answeredBytes();
  const before = process.memoryUsage().heapUsed;
  await run(times);
  const after = process.memoryUsage().heapUsed;
  const { statistics } = profiler.stop();
  let since = before;
  let allocated = answeredBytes() - bytesBefore;
  for (const { beforeGC, afterGC } of statistics) {
    allocated += Math.max(0, beforeGC.heapStatistics.usedHeapSize - since);
    since = afterGC.heapStatistics.usedHeapSize;
  }
  allocated += Math.max(0, after - since);
  return allocated / (times * perTime);
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function abort(error: unknown): void {
  console.error(error);
  process.exit(1);
}
