import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import type { ScanRequest } from '../../../src/kvetch/shards/ShardStore.ts';
import { isPrepared } from '../../../src/kvetch/writes/unit/prepared.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { repositoryRoot, typescript } from '../../support/repository.ts';
import type { MysqlTestServer } from '../../support/servers.ts';
import { todoStore } from '../todo.ts';

/** What a process printed of a unit. */
interface Sent {
  readonly amounts: ReadonlyArray<readonly [id: string, amount: number]>;
  readonly turns: ReadonlyArray<readonly [id: string, turn: number]>;
  readonly begin: number;
  answer: Answer | null;
}

interface Answer {
  readonly ok: boolean;
  readonly end: number;
  readonly code?: string;
  readonly effect?: string;
  readonly message?: string;
  readonly versions?: ReadonlyArray<readonly [id: string, version: number]>;
}

export interface UnitRaceOptions {
  readonly units: number;
  readonly kills: number;
  readonly processes: number;
  /** The objects lie on both servers, not on one at a time. */
  readonly isSpread?: boolean;
  /** The shard stays on its server: no moves between databases of one Galera cluster. */
  readonly isStill?: boolean;
}

export interface UnitRaceReport {
  readonly written: number;
  readonly refused: number;
  readonly unknown: number;
  readonly kills: number;
  readonly moves: number;
  /** The longest time that a unit took, milliseconds. */
  readonly slowestMs: number;
  /** What should never be. */
  readonly violations: readonly string[];
}

const ACCOUNTS = 6;
/** A scan of all objects of a server. */
export const allRows: ScanRequest = {
  ...{
    order: 'key',
    fromShard: 0,
    toShard: 4095,
    fromUs: 0,
    toUs: Number.MAX_SAFE_INTEGER,
    after: null,
    limit: 10_000,
  },
};

/** The objects that units have prepared, on all servers. */
export async function preparedIds({ stores }: Kvetch): Promise<readonly string[]> {
  const pages = await Promise.all(stores.map((store) => store.scanObjects(allRows)));
  return pages.flatMap(({ rows }) => rows.filter(isPrepared).map(({ id }) => id));
}

/** Random units over few objects, from several processes that are killed, while their shard moves from server to server. */
export async function unitRace(server: MysqlTestServer, options: UnitRaceOptions): Promise<UnitRaceReport> {
  const databases = [server.newDatabase(), server.newDatabase()];
  const servers = Object.fromEntries(databases.map((database, n) => [`s${n}`, { uri: server.uri, database }]));
  const map = options.isSpread
    ? [
        { from: 0, to: 2047, server: 's0' },
        { from: 2048, to: 4095, server: 's1' },
      ]
    : [{ from: 0, to: 4095, server: 's0' }];
  const cluster = mysqlCluster({ servers, map, createDatabase: true, connectionLimit: 4 });
  await cluster.init();
  const kvetch = todoStore(cluster);
  const home = await kvetch.createObject('User', { sum: 0, turn: 0 });
  const ids = [home];
  const near = options.isSpread ? {} : { near: home };
  while (ids.length < ACCOUNTS) ids.push(await kvetch.createObject('User', { sum: 0, turn: 0 }, near));
  const sent = new Map<string, Sent>();
  const answered = (): number => [...sent.values()].filter(({ answer }) => answer !== null).length;
  const start = (): ChildProcess => startWriter([server.uri, databases.join(','), ids.join(','), '3'], sent);
  let children = Array.from({ length: options.processes }, start);
  let [kills, moves] = [0, 0];
  let isMoving = options.isStill !== true;
  const shard = shardOfId(home);
  const isHomeFirst = !options.isSpread || shard < 2048;
  const moving = (async () => {
    for (; isMoving; moves++) {
      const [from, to] = (moves % 2 === 0) === isHomeFirst ? (['s0', 's1'] as const) : (['s1', 's0'] as const);
      await cluster.move({ from, to, shards: [shard, shard] });
    }
  })();
  while (answered() < options.units) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (kills >= options.kills || answered() < (options.units / (options.kills + 1)) * (kills + 1)) continue;
    const [victim, ...others] = children;
    if (victim === undefined) break;
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    kills++;
    children = [...others, start()];
  }
  isMoving = false;
  for (const child of children) child.stdin?.write('stop\n');
  await Promise.all(children.map((child) => once(child, 'exit')));
  await moving;
  // units of killed processes are settled
  const { errors } = await kvetch.clean({ graceMs: 0 });
  const left = await preparedIds(kvetch);
  const unsettled = [
    ...(errors > 0 ? [`${errors} errors of the cleaner`] : []),
    ...left.map((id) => `${id} is still prepared`),
  ];
  const violations = check(sent, new Map(await Promise.all(ids.map(async (id) => [id, await sumOf(id)] as const))));
  const all = [...unsettled, ...violations];
  await kvetch.close();
  await cluster.close();
  const answers = [...sent.values()].map(({ answer }) => answer);
  return {
    ...{ kills, moves, violations: all },
    slowestMs: Math.max(...[...sent.values()].map(({ begin, answer }) => ((answer?.end ?? begin) - begin) / 1000)),
    written: answers.filter((answer) => answer?.ok === true).length,
    refused: answers.filter((answer) => isRefused(answer)).length,
    unknown: answers.filter((answer) => answer?.ok !== true && !isRefused(answer)).length,
  };

  async function sumOf(id: string): Promise<number> {
    return Number((await kvetch.getObject(id))?.sum);
  }
}

function startWriter(args: readonly string[], sent: Map<string, Sent>): ChildProcess {
  const script = join(repositoryRoot, 'test/kvetch/mysql/unitWriter.ts');
  const child = spawn(process.execPath, [...typescript, script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parse(text);
    if (line?.unit === undefined) return;
    const known = sent.get(line.unit);
    if (known === undefined) sent.set(line.unit, { ...line, answer: null });
    else known.answer = line;
  });
  return child;
}

/** A process that is killed may leave half a line. */
function parse(text: string): (Sent & Answer & { readonly unit?: string }) | null {
  try {
    return JSON.parse(text) as Sent & Answer & { readonly unit?: string };
  } catch {
    return null;
  }
}

function isRefused(answer: Answer | null): boolean {
  return answer !== null && !answer.ok && answer.effect === 'not-applied';
}

/** The history must be one of units that were written all or not at all, one after the other. */
function check(sent: ReadonlyMap<string, Sent>, sums: ReadonlyMap<string, number>): readonly string[] {
  const violations: string[] = [];
  const all = [...sent.values()];
  for (const { begin, answer } of all) {
    if (answer === null || answer.ok || ['CONDITION_FAILED', 'SHARD_UNAVAILABLE'].includes(answer.code ?? '')) continue;
    const { code, effect, message, end } = answer;
    violations.push(`a unit failed after ${end - begin} us with ${code} (${effect}): ${message}`);
  }
  const open = new Map(sums);
  const pay = (one: Sent, by: 1 | -1): void => {
    for (const [id, amount] of one.amounts) open.set(id, (open.get(id) ?? 0) - by * amount);
  };
  for (const one of all) if (one.answer?.ok === true) pay(one, 1);
  const unknown = all.filter(({ answer }) => answer?.ok !== true && !isRefused(answer));
  const isPaid = (): boolean => [...open.values()].every((sum) => sum === 0);
  // each unit whose answer is not known was written as a whole or not at all: amounts are too random to fit otherwise
  const fits = (at: number): boolean => {
    const one = unknown[at];
    if (one === undefined) return isPaid();
    if (fits(at + 1)) return true;
    pay(one, 1);
    if (fits(at + 1)) return true;
    pay(one, -1);
    return false;
  };
  if (unknown.length > 20) violations.push(`${unknown.length} units without an answer are too many to judge`);
  else if (!fits(0)) violations.push('amounts are lost, or parts of units');
  const turns = new Set<string>();
  for (const { turns: own, answer } of all) {
    for (const [id, turn] of answer?.ok === true ? own : []) {
      if (turns.has(`${id} ${turn}`)) violations.push(`two units have the turn ${turn} of ${id}`);
      turns.add(`${id} ${turn}`);
    }
  }
  return [...violations, ...outOfOrder(all)];
}

/** A unit that began behind the end of another one has the higher version of each common object. */
function outOfOrder(all: readonly Sent[]): readonly string[] {
  const violations: string[] = [];
  const byId = new Map<string, Array<{ begin: number; end: number; version: number }>>();
  for (const { begin, answer } of all) {
    for (const [id, version] of answer?.versions ?? []) {
      const list = byId.get(id) ?? [];
      byId.set(id, list);
      list.push({ begin, end: answer?.end ?? 0, version });
    }
  }
  for (const [id, list] of byId) {
    list.sort((a, b) => a.version - b.version);
    let latestBegin = Number.NEGATIVE_INFINITY;
    for (const [at, one] of list.entries()) {
      if (list[at - 1]?.version === one.version) violations.push(`two units made version ${one.version} of ${id}`);
      if (one.end < latestBegin)
        violations.push(`version ${one.version} of ${id} was answered before an earlier one began`);
      latestBegin = Math.max(latestBegin, one.begin);
    }
  }
  return violations;
}
