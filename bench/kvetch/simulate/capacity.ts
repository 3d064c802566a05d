import { LOGICAL_SHARDS, shardOfId } from '../../../src/kvetch/ids/routing.ts';
import { spansOf } from '../../../src/kvetch/mysql/move/spans.ts';
import { Fleet, type Program } from './Fleet.ts';
import { History, type Known } from './History.ts';
import { Promises } from './Promises.ts';
import type { Server } from './Server.ts';
import { ShardWatch } from './ShardWatch.ts';
import { Traffic } from './Traffic.ts';
import { type Seen, Visits } from './Visits.ts';
import { oneOf, pause, virtualNow } from './virtualTime.ts';

/** The size of the store whose figures docs/capacity.md cites. */
export interface CapacityScenario {
  readonly servers: number;
  readonly programs: number;
  readonly users: number;
  /** How long servers are away; the other spans of time take a third of it. */
  readonly outageMs: number;
}

/** How old an object of the process cache may be. */
const PROCESS_CACHE_MS = 1000;
const ZONES = 3;
/** The part of the shards that moves. */
const MOVED = 0.01;

/** What all spans of time have, and where they differ. */
interface World {
  readonly fleet: Fleet;
  readonly watch: ShardWatch;
  readonly objects: readonly Known[];
  readonly visits: Visits;
  readonly programs: readonly Program[];
  readonly spanMs: number;
  readonly outageMs: number;
  readonly line: (name: string, seen: Seen, more?: string) => void;
}

type Span = (world: World) => Promise<void>;

const spans: readonly Span[] = [quiet, polled, oneLost, oneSilent, zoneLost, moved, hot];

/** Prints, as a table, what visitors of a large store see while things happen to it. Throws a `Violation` for a broken promise. */
export async function measureCapacity(
  { servers, programs, users, outageMs }: CapacityScenario,
  print: (line: string) => void,
): Promise<void> {
  const history = new History();
  const fleet = new Fleet(servers);
  const watch = new ShardWatch(fleet.servers, history);
  const setup = fleet.program('setup');
  await setup.cluster.init();
  await new Traffic(history, new Promises(false)).fill(setup, users);
  const objects = [...history.objects.values()];
  const visits = new Visits(fleet, history);
  const spanMs = outageMs / 3;
  const all = Array.from({ length: programs }, (_, at) => fleet.program(`program-${at}`));
  const line = (name: string, seen: Seen, more = ''): void => print(rowOf(name, seen, more));
  await visits.during(all, () => pause(spanMs)); // connections are opened, maps loaded
  print(
    '| | requests | incomplete | objects missing | writes failed | ms, median, 99 %, most | ms of a write, 99 %, most | statements a request | |',
  );
  print('|---|--:|--:|--:|--:|--:|--:|--:|---|');
  for (const span of spans) await span({ fleet, watch, objects, visits, programs: all, spanMs, outageMs, line });
  for (const { kvetch } of [...all, setup]) void kvetch.close();
}

async function quiet({ visits, programs, spanMs, line }: World): Promise<void> {
  line('nothing happens', await visits.during(programs, () => pause(spanMs)));
}

/** A program that looks for unfinished writes of others, as it does with a cache, and does nothing else. */
async function polled({ fleet, visits, spanMs, line }: World): Promise<void> {
  const { kvetch } = fleet.program('idle', { outboxPollMs: 500 });
  const seen = await visits.during([], () => pause(spanMs));
  line(
    'a program is idle',
    seen,
    `${Math.round((seen.statements * 1000) / spanMs)} statements a second, of all servers`,
  );
  await kvetch.close();
}

async function lose(
  { visits, programs, spanMs, outageMs, line }: World,
  name: string,
  lost: readonly Server[],
  how: 'isUp' | 'isSilent',
): Promise<void> {
  for (const server of lost) {
    if (how === 'isUp') server.crash();
    else server.isSilent = true;
  }
  line(name, await visits.during(programs, () => pause(outageMs)));
  for (const server of lost) [server.isUp, server.isSilent] = [true, false];
  const back = virtualNow();
  const after = await visits.during(programs, () => pause(spanMs));
  line('… and comes back', after, `the last error ${Math.max(0, after.lastFailureAt - back).toFixed(0)} ms later`);
}

function oneLost(world: World): Promise<void> {
  return lose(world, 'a server refuses connections', world.fleet.servers.slice(0, 1), 'isUp');
}

function oneSilent(world: World): Promise<void> {
  return lose(world, 'a server is silent', world.fleet.servers.slice(1, 2), 'isSilent');
}

function zoneLost(world: World): Promise<void> {
  const zone = world.fleet.servers.filter((_, at) => at % ZONES === 0);
  return lose(world, `a zone of ${ZONES} is silent`, zone, 'isSilent');
}

/** Moves a part of the shards: those of one server after the other, each to a server in the middle. */
async function moved({ fleet, watch, visits, programs, line }: World): Promise<void> {
  const { cluster } = fleet.program('mover');
  const last = Math.ceil(LOGICAL_SHARDS * MOVED) - 1;
  const begin = virtualNow();
  let [rows, frozenMs] = [0, 0];
  const work = async (): Promise<void> => {
    const { servers } = fleet;
    for (const { span, of } of spansOf([0, last], (shard) => watch.placeOf(shard)?.name ?? '')) {
      const to =
        servers[(servers.findIndex(({ name }) => name === of) + Math.ceil(servers.length / 2)) % servers.length];
      const report = await cluster.move({ from: of, to: to?.name ?? '', shards: span });
      rows += report.rows;
      frozenMs = Math.max(frozenMs, report.frozenMs);
    }
  };
  const seen = await visits.during(programs, work);
  const tookMs = Math.round(virtualNow() - begin);
  line(`${last + 1} shards move`, seen, `${tookMs} ms, ${rows} rows; writers waited ${frozenMs.toFixed(1)} ms at most`);
}

/** One object is on every page. */
async function hot({ fleet, watch, visits, objects, spanMs, line }: World): Promise<void> {
  const known = oneOf(objects);
  const server = watch.placeOf(shardOfId(known.id));
  for (const processCache of [false, true]) {
    const programs = Array.from({ length: 4 }, (_, at) => fleet.program(`hot-${at}`, { processCache }));
    visits.hot = null;
    visits.staleMs = processCache ? PROCESS_CACHE_MS : 0;
    await visits.during(programs, () => pause(spanMs / 10));
    visits.hot = known;
    const before = server?.load.statements ?? 0;
    const seen = await visits.during(programs, () => pause(spanMs));
    const statements = ((server?.load.statements ?? 0) - before) / seen.visits;
    line(
      processCache ? '… with "processCache"' : 'an object on every page',
      seen,
      `its server runs ${statements.toFixed(2)} statements a request`,
    );
    for (const { kvetch } of programs) void kvetch.close();
  }
  [visits.hot, visits.staleMs] = [null, 0];
}

function rowOf(name: string, seen: Seen, more: string): string {
  const statements = seen.visits === 0 ? '' : (seen.statements / seen.visits).toFixed(1);
  const cells = [
    name,
    seen.visits,
    percent(seen.incomplete, seen.visits),
    percent(seen.missing, seen.objects),
    percent(seen.failedWrites, seen.writes),
    [0.5, 0.99, 1].map((part) => quantile(seen.visitMs, part)).join(', '),
    [0.99, 1].map((part) => quantile(seen.writeMs, part)).join(', '),
    statements,
    more,
  ];
  return `| ${cells.join(' | ')} |`;
}

function percent(part: number, whole: number): string {
  return whole === 0 || part === 0 ? '0' : `${((100 * part) / whole).toFixed(2)} %`;
}

function quantile(values: number[], part: number): string {
  const sorted = values.sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
}
