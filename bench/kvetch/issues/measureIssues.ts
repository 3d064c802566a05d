import type { Filled } from '../../../examples/issue-tracker/store.ts';
import { median } from '../../median.ts';
import type { IssuePlaces, OpenPlace, PlaceName } from './openPlace.ts';
import { type IssueProgram, issueProgramNamed } from './programs.ts';

export interface IssueTask {
  readonly place: PlaceName;
  readonly programs: readonly string[];
  readonly clients: readonly number[];
  /** How many windows each program gets, and how long each takes at least. */
  readonly windows: number;
  readonly milliseconds: number;
  /** After so many requests of a program, or `MOST_WARM_UP`, the clock is started. */
  readonly warmUp: number;
  readonly places: IssuePlaces;
}

export type Visibility = 'public' | 'private';

/** One program with so many clients. */
export interface IssueMeasurement {
  readonly program: string;
  readonly visibility: Visibility;
  readonly clients: number;
  /** Of one request, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requestsPerSecond: number;
  /** Of the whole process, in microseconds a request. */
  readonly cpu: number;
}

/** What one request asks of the store, alone, in a process that has not read these lists before. */
export interface IssueCounts {
  readonly program: string;
  readonly visibility: Visibility;
  readonly waits: number;
  readonly calls: number;
  readonly keys: number;
  /** Waits of the same request, asked again. */
  readonly waitsAgain: number;
}

export interface IssueOutcome {
  readonly kind: 'issues';
  readonly place: PlaceName;
  readonly counts: readonly IssueCounts[];
  readonly measured: readonly IssueMeasurement[];
}

const VISIBILITIES: readonly Visibility[] = ['public', 'private'];
/** Milliseconds. */
const MOST_WARM_UP = 15_000;

/** Asks for one project after the other, for one member after the other. */
export class Asking {
  readonly #keys: readonly string[];
  readonly #members: readonly string[];
  #turn = 0;

  constructor({ projectIds, userIds }: Filled, visibility: Visibility) {
    // Every other project is private; the last one has no members.
    this.#keys = projectIds
      .slice(0, -1)
      .map((_, n) => `P${n}`)
      .filter((_, n) => (n % 2 === 1) === (visibility === 'private'));
    this.#members = userIds.slice(0, userIds.length / 2);
  }

  get projects(): number {
    return this.#keys.length;
  }

  begin(): void {
    this.#turn = 0;
  }

  next(): readonly [key: string, viewerId: string] {
    const turn = this.#turn++;
    const key = this.#keys[turn % this.#keys.length] as string;
    return [key, this.#members[turn % this.#members.length] as string];
  }
}

type Answer = Awaited<ReturnType<ReturnType<IssueProgram['open']>>>;

interface Running {
  readonly name: string;
  readonly ask: (key: string, viewerId: string) => Promise<Answer>;
}

/** Runs programs in turn in one process, window after window: what slows one slows the next as well. */
export async function measureIssues(place: OpenPlace, task: IssueTask): Promise<IssueOutcome> {
  const opened = await Promise.all(task.programs.map((name) => place.open(issueProgramNamed(name).isShared)));
  const running = task.programs.map((name, at): Running => {
    return { name, ask: issueProgramNamed(name).open((opened[at] as (typeof opened)[number]).kvetch) };
  });
  const counts: IssueCounts[] = [];
  const measured: IssueMeasurement[] = [];
  try {
    for (const visibility of VISIBILITIES) {
      await compareAnswers(running, place, visibility);
      for (const name of task.programs) counts.push(...(await countsOf(place, name, visibility)));
      for (const clients of task.clients)
        measured.push(...(await measureAll(running, place, visibility, clients, task)));
    }
  } finally {
    for (const { close } of opened) await close();
  }
  return { kind: 'issues', place: task.place, counts, measured };
}

async function compareAnswers(running: readonly Running[], { filled }: OpenPlace, visibility: Visibility) {
  const asking = new Asking(filled, visibility);
  for (let turn = 0; turn < 5; turn++) {
    const [key, viewerId] = asking.next();
    const [first, ...others] = await Promise.all(
      running.map(async ({ ask }) => Buffer.from(await ask(key, viewerId)).toString('utf8')),
    );
    const other = others.findIndex((answer) => answer !== first);
    if (other !== -1)
      throw new Error(`${running[other + 1]?.name} answers ${key} differently from ${running[0]?.name}`);
    if (first?.includes('"commentCount"') !== true) throw new Error(`${key} shows no issues: ${first}`);
  }
}

async function countsOf(place: OpenPlace, name: string, visibility: Visibility): Promise<IssueCounts[]> {
  const counts = { calls: 0, keys: 0, waits: 0 };
  const kvetch = place.counted(counts);
  if (kvetch === null) return [];
  const ask = issueProgramNamed(name).open(kvetch);
  const asking = new Asking(place.filled, visibility);
  // Each project is asked for once.
  const times = asking.projects;
  for (let turn = 0; turn < times; turn++) await ask(...asking.next());
  const { waits, calls, keys } = counts;
  asking.begin();
  for (let turn = 0; turn < times; turn++) await ask(...asking.next());
  const waitsAgain = (counts.waits - waits) / times;
  return [{ program: name, visibility, waits: waits / times, calls: calls / times, keys: keys / times, waitsAgain }];
}

interface Window {
  readonly latencies: readonly number[];
  readonly rate: number;
  readonly cpu: number;
}

async function measureAll(
  running: readonly Running[],
  { filled }: OpenPlace,
  visibility: Visibility,
  clients: number,
  { windows, milliseconds, warmUp }: IssueTask,
): Promise<IssueMeasurement[]> {
  const asking = running.map(() => new Asking(filled, visibility));
  const found = running.map((): Window[] => []);
  const run = (at: number): Promise<Window> =>
    runWindow((running[at] as Running).ask, asking[at] as Asking, clients, milliseconds);
  await runUntilWarm(running.length, warmUp, run);
  for (let window = 0; window < windows; window++) {
    for (const at of running.keys()) {
      // A full collection, window after window, makes V8 drop the code of programs whose turn it is not.
      globalThis.gc?.({ type: 'minor' });
      found[at]?.push(await run(at));
    }
  }
  return running.map(({ name }, at) => {
    const own = found[at] as Window[];
    const latencies = own.flatMap((window) => window.latencies).sort((a, b) => a - b);
    const quantile = (part: number) => latencies[Math.floor(latencies.length * part)] as number;
    return {
      ...{ program: name, visibility, clients, p50: quantile(0.5), p99: quantile(0.99) },
      requestsPerSecond: median(own.map(({ rate }) => rate)),
      cpu: median(own.map(({ cpu }) => cpu)),
    };
  });
}

async function runUntilWarm(programs: number, times: number, run: (at: number) => Promise<Window>): Promise<void> {
  for (let at = 0; at < programs; at++) {
    const start = performance.now();
    for (let done = 0; done < times && performance.now() - start < MOST_WARM_UP; ) {
      done += (await run(at)).latencies.length;
    }
  }
}

/** Clients that ask at least once, and again when they have their answer, until the time is over. */
async function runWindow(ask: Running['ask'], asking: Asking, clients: number, milliseconds: number): Promise<Window> {
  const latencies: number[] = [];
  const before = process.cpuUsage();
  const start = performance.now();
  const client = async (): Promise<void> => {
    let from = performance.now();
    do {
      await ask(...asking.next());
      const to = performance.now();
      latencies.push(to - from);
      from = to;
    } while (from - start < milliseconds);
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { latencies, rate: latencies.length / seconds, cpu: (user + system) / latencies.length };
}
