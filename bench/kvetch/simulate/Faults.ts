import type { Fleet, Program } from './Fleet.ts';
import type { History } from './History.ts';
import { network } from './Network.ts';
import { below, jumpWallClock, oneOf, pause, random, virtualNow } from './virtualTime.ts';

type Fault = (faults: Faults) => Promise<void>;

const kinds: Readonly<Record<string, Fault>> = {
  crash: (faults) => faults.crash(1),
  slow: (faults) => faults.slow(),
  pause: (faults) => faults.pauseProgram(),
  loss: (faults) => faults.loseMessages(),
  clock: (faults) => faults.jump(),
  skew: (faults) => faults.skew(),
};

/** What fails, one after the other or at the same time, and comes back. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #fleet: Fleet;
  readonly #programs: readonly Program[];
  readonly #history: History;
  #isOver = false;

  constructor(fleet: Fleet, programs: readonly Program[], history: History) {
    [this.#fleet, this.#programs, this.#history] = [fleet, programs, history];
  }

  async run(pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      await pause(random() * pauseMs);
      const kind = oneOf(Object.keys(kinds));
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      const fault = kinds[kind]?.(this);
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
    this.#history.note('all is well again');
  }

  async crash(count: number): Promise<void> {
    const gone = Array.from({ length: count }, () => oneOf(this.#fleet.servers));
    for (const server of gone) server.crash();
    this.#history.note(`${gone.map(({ name }) => name).join(', ')} crashed`);
    await pause(200 + below(8000));
    for (const server of gone) server.isUp = true;
    this.#history.note(`${gone.map(({ name }) => name).join(', ')} came back`);
  }

  async slow(): Promise<void> {
    const server = oneOf(this.#fleet.servers);
    server.slowness = 10 ** (1 + 3 * random());
    this.#history.note(`${server.name} takes ${Math.round(server.slowness)} times as long`);
    await pause(500 + below(5000));
    server.slowness = 1;
  }

  async pauseProgram(): Promise<void> {
    const { process } = oneOf(this.#programs);
    const ms = 100 + below(6000);
    process.pausedUntil = virtualNow() + ms;
    this.#history.note(`${process.name} is suspended for ${ms} ms`);
    await pause(ms);
  }

  async loseMessages(): Promise<void> {
    network.weather.loss = 0.02 * random();
    this.#history.note(`${(100 * network.weather.loss).toFixed(1)} % of messages are lost`);
    await pause(200 + below(4000));
    network.weather.loss = 0;
  }

  async jump(): Promise<void> {
    const ms = below(60_000) - 30_000;
    jumpWallClock(ms);
    this.#history.note(`the clocks of all processes jump by ${ms} ms`);
  }

  async skew(): Promise<void> {
    const server = oneOf(this.#fleet.servers);
    server.clockOffsetMs = below(20_000) - 10_000;
    this.#history.note(`the clock of ${server.name} stands ${server.clockOffsetMs} ms beside that of others`);
  }
}
