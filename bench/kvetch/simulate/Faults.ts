import type { Fleet, Program } from './Fleet.ts';
import type { History } from './History.ts';
import { network } from './Network.ts';
import type { Promises } from './Promises.ts';
import type { RedisServer } from './redis/RedisServer.ts';
import { below, jumpWallClock, oneOf, pause, random, virtualNow } from './virtualTime.ts';

type Fault = (faults: Faults) => Promise<void>;

const storeFaults: Readonly<Record<string, Fault>> = {
  crash: (faults) => faults.crash(1),
  slow: (faults) => faults.slow(),
  pause: (faults) => faults.pauseProgram(),
  loss: (faults) => faults.loseMessages(),
  clock: (faults) => faults.jump(),
  skew: (faults) => faults.skew(),
};

const cacheFaults: Readonly<Record<string, Fault>> = {
  ...{ silent: (faults) => faults.silence(), stopped: (faults) => faults.stopRedis(), cut: (faults) => faults.cut() },
  ...{ emptied: (faults) => faults.restart('empty'), restored: (faults) => faults.restart('snapshot') },
  ...{ evicted: (faults) => faults.evict(), killed: (faults) => faults.kill() },
};

/** How far the clock of a server may stand beside that of the others. */
export const SKEW_MS = 10_000;

/** What fails, one after the other or at the same time, and comes back. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #fleet: Fleet;
  readonly #programs: readonly Program[];
  readonly #history: History;
  readonly #promises: Promises;
  readonly #kinds: Readonly<Record<string, Fault>>;
  /** Called in the place of a program that has died. */
  replace: (dead: Program) => void = () => {};
  #isOver = false;

  /** `programs`: those that run now. */
  constructor(fleet: Fleet, programs: readonly Program[], history: History, promises: Promises) {
    [this.#fleet, this.#programs, this.#history, this.#promises] = [fleet, programs, history, promises];
    this.#kinds = fleet.redis === null ? storeFaults : { ...storeFaults, ...cacheFaults };
  }

  async run(pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      await pause(random() * pauseMs);
      if (this.#isOver) return;
      const kind = oneOf(Object.keys(this.#kinds));
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      const fault = this.#kinds[kind]?.(this);
      if (random() < 0.7) await fault;
    }
  }

  /** Ends the faults, and those that are under way. */
  heal(): void {
    this.#isOver = true;
    for (const server of this.#fleet.servers) {
      server.isUp = true;
      server.slowness = 1;
    }
    network.weather.loss = 0;
    for (const { process } of this.#programs) process.pausedUntil = 0;
    const { redis } = this.#fleet;
    if (redis !== null) {
      redis.heal();
      for (const { process } of this.#programs) redis.cut(process, false);
    }
    this.#promises.hinder();
    this.#history.note('all is well again');
  }

  /** Lets something last for a while, in which relays are hindered. */
  async #last(ms: number): Promise<void> {
    this.#promises.hinder(ms);
    await pause(ms);
  }

  async crash(count: number): Promise<void> {
    const gone = Array.from({ length: count }, () => oneOf(this.#fleet.servers));
    for (const server of gone) server.crash();
    this.#history.note(`${gone.map(({ name }) => name).join(', ')} crashed`);
    await this.#last(200 + below(8000));
    for (const server of gone) server.isUp = true;
    this.#history.note(`${gone.map(({ name }) => name).join(', ')} came back`);
  }

  async slow(): Promise<void> {
    const server = oneOf(this.#fleet.servers);
    server.slowness = 10 ** (1 + 3 * random());
    this.#history.note(`${server.name} takes ${Math.round(server.slowness)} times as long`);
    await this.#last(500 + below(5000));
    server.slowness = 1;
  }

  async pauseProgram(): Promise<void> {
    const { process } = oneOf(this.#programs);
    const ms = 100 + below(6000);
    process.pausedUntil = virtualNow() + ms;
    this.#history.note(`${process.name} is suspended for ${ms} ms`);
    await this.#last(ms);
  }

  async loseMessages(): Promise<void> {
    network.weather.loss = 0.02 * random();
    this.#history.note(`${(100 * network.weather.loss).toFixed(1)} % of messages are lost`);
    await this.#last(200 + below(4000));
    network.weather.loss = 0;
  }

  async jump(): Promise<void> {
    const ms = below(60_000) - 30_000;
    jumpWallClock(ms);
    this.#history.note(`the clocks of all processes jump by ${ms} ms`);
  }

  async skew(): Promise<void> {
    const server = oneOf(this.#fleet.servers);
    server.clockOffsetMs = below(2 * SKEW_MS) - SKEW_MS;
    this.#promises.hinder(2 * SKEW_MS); // leases are by the clock of their server
    this.#history.note(`the clock of ${server.name} stands ${server.clockOffsetMs} ms beside that of others`);
  }

  get #redis(): RedisServer {
    return this.#fleet.redis as RedisServer;
  }

  /** Messages to and from Redis come late, all at once. */
  async silence(): Promise<void> {
    this.#history.note('Redis is silent');
    this.#redis.isSilent = true;
    await this.#last(50 + below(6000));
    this.#redis.isSilent = false;
    this.#history.note('Redis is heard again');
  }

  /** Redis takes commands, and runs them later. */
  async stopRedis(): Promise<void> {
    this.#history.note('Redis stands still');
    this.#redis.isPaused = true;
    await this.#last(20 + below(4000));
    this.#redis.isPaused = false;
    this.#history.note('Redis goes on');
  }

  /** One program and Redis do not reach each other. */
  async cut(): Promise<void> {
    const { process } = oneOf(this.#programs);
    this.#history.note(`${process.name} does not reach Redis`);
    this.#redis.cut(process, true);
    this.#promises.hinder(); // it may hold the lease of an outbox
    await pause(50 + below(8000));
    this.#redis.cut(process, false);
    this.#history.note(`${process.name} reaches Redis`);
  }

  async restart(data: 'empty' | 'snapshot'): Promise<void> {
    const redis = this.#redis;
    redis.save();
    await pause(below(3000)); // what comes now is not in the snapshot
    redis.crash();
    this.#history.note('Redis ends');
    await this.#last(random() < 0.5 ? 1 : below(4000));
    redis.start(data);
    this.#history.note(`Redis begins, ${data}`);
  }

  async evict(): Promise<void> {
    const { entries } = this.#redis;
    const part = random();
    for (const key of entries.keys) if (random() < part) entries.remove(key);
    this.#history.note('Redis evicts entries');
  }

  /** A program ends, whatever it was doing, and another one begins. */
  async kill(): Promise<void> {
    const program = oneOf(this.#programs);
    program.process.isDead = true;
    this.#promises.hinder();
    this.#history.note(`${program.process.name} is killed`);
    await pause(below(1000));
    this.replace(program);
  }
}
